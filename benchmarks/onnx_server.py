"""The peer of benchmarks/load.py: FastAPI, Pillow and ONNX Runtime, as one would write it in an hour.

Its environment names MODEL (an ONNX file that takes one photo, uint8), SIDE (pixels) and LABELS (JSON).
"""

import io
import json
import os
from typing import Any

import numpy as np
import onnxruntime
from fastapi import FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from PIL import Image, UnidentifiedImageError

app = FastAPI()
session = onnxruntime.InferenceSession(os.environ["MODEL"], providers=["CPUExecutionProvider"])
labels, side = json.loads(os.environ["LABELS"]), int(os.environ["SIDE"])


@app.get("/ping")
def ping() -> str:
    """Whether it is up."""
    return "up"


@app.post("/invocations")
async def invocations(request: Request) -> dict[str, Any]:
    """Classifies a photo, which is the request's body."""
    return await run_in_threadpool(classified, await request.body())


def classified(content: bytes) -> dict[str, Any]:
    """Label and probabilities of a photo's bytes."""
    try:
        photo = Image.open(io.BytesIO(content)).convert("RGB").resize((side, side), Image.Resampling.BILINEAR)
    except (UnidentifiedImageError, OSError) as error:
        raise HTTPException(400, "no photo") from error
    (probabilities,) = session.run(None, {"photo": np.asarray(photo)[None]})
    pairs = zip(labels, probabilities[0].tolist(), strict=True)
    return {"label": labels[int(probabilities[0].argmax())], "probabilities": dict(pairs)}
