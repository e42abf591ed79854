"""The server behind the page: files of the page, what the classifier is, and answers about photos.

Uploads are untrusted: bounded in bytes, pixels and time, and answered in a line whatever they hold. Nothing is stored.
A page of another origin can't use it: no CORS header is sent, and a request that names another origin is refused.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect

from idealcat.base.devices import cores
from idealcat.base.errors import IdealcatError, PhotoError
from idealcat.export.page.files import page_files
from idealcat.serving.photo_classifier import PhotoClassifier
from idealcat.serving.training_photos import TrainingPhotos
from ops.app.champion import Champion
from ops.app.mistakes import Mistakes
from ops.app.photos import photo_routes

FILES = page_files("server")
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
    champion: Champion | None = None,
    mistakes: Mistakes | None = None,
) -> FastAPI:
    """The server; `hosts` are the names by which it may be called, or `*`.

    With `training` photos an answer names the nearest of them, and they are shown, small: to whoever may call it.
    `explain` draws the heat map of a photo, both as bytes; without it the page offers none. Answers stand beside those
    of `champion`, once the page has asked for it. The photos of `mistakes` are given out as they are.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts)
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
        offers = {"explains": explain, "compares": champion, "mistakes": mistakes}
        told = {"labels": classifier.labels, "without": classifier.limits.reason}
        return JSONResponse(told | {name: offered is not None for name, offered in offers.items()})

    @app.get("/champion")
    async def compared() -> Response:
        return JSONResponse(await asyncio.to_thread(champion.about) if champion else {})

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

    def both(content: bytes) -> tuple[np.ndarray, dict[str, Any] | None]:
        """This classifier's outputs, and the champion's answer, where there is one."""
        return classifier.outputs(content), champion.answer(content) if champion else None

    @app.post("/classify")
    async def classify(request: Request) -> Response:
        outputs, other = await asked(request, both, ANSWER)
        told = classifier.answer(outputs)
        for answer in (told, other or {}):
            pairs = answer.get("probabilities", {}).items()
            answer["probabilities"] = [{"label": label, "probability": value} for label, value in pairs]
        near = training.nearest(classifier.features(outputs)) if training is not None else []
        shown = [{"label": photo.label, "path": photo.path, "photo": f"photo/{photo.sha256}"} for photo in near]
        return JSONResponse(told | {"coverage": classifier.limits.coverage, "nearest": shown, "champion": other})

    @app.post("/explain")
    async def why(request: Request) -> Response:
        if explain is None:
            raise UploadError(404, "there are no heat maps of this classifier")
        try:
            return Response(await asked(request, explain, START), media_type="image/jpeg")
        except IdealcatError as error:
            raise UploadError(422, str(error)) from error

    app.include_router(photo_routes(training, mistakes))

    @app.get("/{name:path}")
    async def file(name: str) -> Response:
        path = FILES.get(name or "index.html")
        return FileResponse(path) if path else JSONResponse({"error": "there is no such page"}, 404)

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
    except ClientDisconnect as error:
        raise UploadError(400, "the upload broke off") from error
    if not content:
        raise UploadError(422, "expected a photo, received no bytes")
    return content
