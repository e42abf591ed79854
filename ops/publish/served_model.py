"""The registered model: one binary column, the bytes of photos, to label and probabilities.

MLflow loads this file by itself, from the model's own folder, with the package `idealcat` beside it.
"""

import base64
import binascii
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from idealcat.audit.limits import read_limits
from idealcat.base.errors import PhotoError
from idealcat.base.files import read_json
from idealcat.serving.photo_classifier import PhotoClassifier


def photo_bytes(content: bytes | str) -> bytes:
    """The bytes of a photo, sent as they are or in base64. Raises binascii.Error for a text that is no base64."""
    if isinstance(content, str):
        return base64.b64decode(content, validate=True)
    try:  # MLflow decodes base64 in data frames, under `inputs` and `instances` it does not; no image is all base64
        return base64.b64decode(content, validate=True)
    except binascii.Error:
        return bytes(content)


class ServedClassifier(PythonModel):
    """Answers a broken photo with an error text in place of a label, so that the others of its batch are answered."""

    def load_context(self, context: Any) -> None:
        """Loads the LiteRT model and its labels."""
        labels, limits = context.artifacts["labels"], context.artifacts.get("limits")
        known = read_limits(read_json(labels), limits) if limits else None
        self.classifier = PhotoClassifier.read(context.artifacts["model"], labels, limits=known)

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """One row a photo: `label`, `probabilities` (by label, in the order of training), `set`, `unknown`,
        `unknown_score` (None of a model without) and `error`.
        """
        return pd.DataFrame([self._answer(content) for content in model_input.iloc[:, 0]])

    def _answer(self, content: bytes | str) -> dict[str, Any]:
        try:
            return self.classifier.answer(self.classifier.outputs(photo_bytes(content))) | {"error": ""}
        except (PhotoError, binascii.Error) as error:
            nothing = {"set": None, "unknown": None, "unknown_score": None}
            return {"label": "", "probabilities": {}, **nothing, "error": str(error)}


set_model(ServedClassifier())
