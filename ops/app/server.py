"""The server behind the page: files of the page, what the classifier is, and answers about photos.

Uploads are untrusted: bounded in bytes, pixels and time, and answered in a line whatever they hold. Nothing is stored.
A page of another origin can't use it: no CORS header is sent, and a request that names another origin is refused.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware

import idealcat.serving.page
from idealcat.base.devices import cores
from idealcat.base.errors import IdealcatError, PhotoError
from idealcat.report.thumbnails import thumbnail
from idealcat.serving.photo_classifier import MAX_PIXELS, PhotoClassifier
from idealcat.serving.training_photos import TrainingPhotos

PAGE = Path(idealcat.serving.page.__file__).parent
FILES = {"": "index.html", "page.js": "page.js", "style.css": "style.css", "ask.js": "ask_server.js"}
SIDE = 160  # pixels of a training photo that is shown, at most
LARGEST = 20_000_000  # bytes of a photo
UPLOAD, ANSWER = 30, 20  # seconds that reading a photo, and answering, may take
START = 60  # seconds that a heat map may take: the first one waits for Keras to start
WAITING = 64  # photos that may be in memory at a time

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


Answer = TypeVar("Answer")


class UploadError(Exception):
    """An upload is refused; `status` is HTTP's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def application(
    classifier: PhotoClassifier,
    *,
    hosts: list[str],
    training: TrainingPhotos | None = None,
    explain: Callable[[bytes], bytes] | None = None,
) -> FastAPI:
    """The server; `hosts` are the names by which it may be called, or `*`.

    With `training` photos an answer names the nearest of them, and they are shown, small: to whoever may call it.
    `explain` draws the heat map of a photo, both as bytes; without it the page offers none.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts)
    paths = dict(zip(training.photos["sha256"], training.photos["path"], strict=True)) if training else {}
    running, waiting = asyncio.Semaphore(cores()), asyncio.Semaphore(WAITING)

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            return JSONResponse({"error": "requests from another origin are refused"}, 403, HEADERS)
        response = await call_next(request)
        response.headers.update(HEADERS)
        return response

    @app.exception_handler(UploadError)
    async def refuse(request: Request, error: UploadError) -> Response:
        return JSONResponse({"error": str(error)}, error.status)

    @app.get("/about")
    async def about() -> Response:
        without = {"without": classifier.limits.reason}
        return JSONResponse({"labels": classifier.labels, "explains": explain is not None} | without)

    async def asked(request: Request, answer: Callable[[bytes], Answer], seconds: float) -> Answer:
        """What `answer` makes of the photo that a request brings."""
        if waiting.locked():
            raise UploadError(503, f"{WAITING} photos are waiting already; try again in a moment")
        async with waiting:
            content = await received(request)
            try:
                async with running:
                    return await asyncio.wait_for(asyncio.to_thread(answer, content), seconds)
            except PhotoError as error:
                raise UploadError(422, f"this is no photo that can be read ({error})") from error
            except asyncio.TimeoutError as error:
                raise UploadError(422, f"the photo takes more than {seconds} s to read") from error

    @app.post("/classify")
    async def classify(request: Request) -> Response:
        outputs = await asked(request, classifier.outputs, ANSWER)
        told = classifier.answer(outputs)
        pairs = told["probabilities"].items()
        told["probabilities"] = [{"label": label, "probability": value} for label, value in pairs]
        near = training.nearest(classifier.features(outputs)) if training is not None else []
        shown = [{"label": photo.label, "path": photo.path, "photo": f"photo/{photo.sha256}"} for photo in near]
        return JSONResponse(told | {"coverage": classifier.limits.coverage, "nearest": shown})

    @app.get("/photo/{sha256}")
    async def photo(sha256: str) -> Response:
        path = paths.get(sha256)
        made = await asyncio.to_thread(thumbnail, path, side=SIDE, max_pixels=MAX_PIXELS, quality=80) if path else None
        if made is None:
            return JSONResponse({"error": "there is no such photo"}, 404)
        return Response(base64.b64decode(made.partition(",")[2]), media_type="image/webp")

    @app.post("/explain")
    async def why(request: Request) -> Response:
        if explain is None:
            raise UploadError(404, "there are no heat maps of this classifier")
        try:
            return Response(await asked(request, explain, START), media_type="image/jpeg")
        except IdealcatError as error:
            raise UploadError(422, str(error)) from error

    @app.get("/{name:path}")
    async def file(name: str) -> Response:
        if name not in FILES:
            return JSONResponse({"error": "there is no such page"}, 404)
        return FileResponse(PAGE / FILES[name])

    return app


async def received(request: Request) -> bytes:
    """The body of a request. Raises UploadError where it is empty, too large or too slow."""

    async def read() -> bytes:
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > LARGEST:
                raise UploadError(413, f"expected at most {LARGEST / 1e6:g} MB, received more")
        return bytes(content)

    try:
        content = await asyncio.wait_for(read(), UPLOAD)
    except asyncio.TimeoutError as error:
        raise UploadError(408, f"the upload took more than {UPLOAD} s") from error
    if not content:
        raise UploadError(422, "expected a photo, received no bytes")
    return content
