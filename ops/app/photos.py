"""The project's own photos on the page: the nearest ones of training, and the mistakes."""

import asyncio
import base64

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from idealcat.base.errors import DataError
from idealcat.photos.read import photo_bytes
from idealcat.report.thumbnails import thumbnail
from idealcat.serving.photo_classifier import MAX_PIXELS
from idealcat.serving.training_photos import TrainingPhotos
from ops.app.mistakes import Mistakes

SIDE = 160  # pixels of a photo that is shown small, at most


def photo_routes(training: TrainingPhotos | None, mistakes: Mistakes | None) -> APIRouter:
    """/photo/SHA256 gives any of them, small; /mistakes lists the mistakes, /original/SHA256 gives one as it is."""
    routes = APIRouter()
    wrong = {photo["sha256"]: photo["path"] for photo in mistakes.photos} if mistakes else {}
    learnt = dict(zip(training.photos["sha256"], training.photos["path"], strict=True)) if training else {}
    small = learnt | wrong

    @routes.get("/photo/{sha256}")
    async def photo(sha256: str) -> Response:
        path = small.get(sha256)
        made = await asyncio.to_thread(thumbnail, path, side=SIDE, max_pixels=MAX_PIXELS, quality=80) if path else None
        if made is None:
            return JSONResponse({"error": "there is no such photo"}, 404)
        return Response(base64.b64decode(made.partition(",")[2]), media_type="image/webp")

    @routes.get("/mistakes")
    async def gallery() -> Response:
        if mistakes is None:
            return JSONResponse({"error": "there are no mistakes to show"}, 404)
        photos = [
            {**photo, "photo": f"photo/{photo['sha256']}", "original": f"original/{photo['sha256']}"}
            for photo in mistakes.photos
        ]
        return JSONResponse({"tested": mistakes.tested, "wrong": mistakes.wrong, "photos": photos})

    @routes.get("/original/{sha256}")
    async def original(sha256: str) -> Response:
        if sha256 not in wrong:
            return JSONResponse({"error": "there is no such photo"}, 404)
        try:
            content = await asyncio.to_thread(photo_bytes, wrong[sha256], sha256=sha256)
        except DataError as error:
            return JSONResponse({"error": str(error)}, 404)
        return Response(content, media_type="application/octet-stream")

    return routes
