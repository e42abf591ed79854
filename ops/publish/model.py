"""The registered model: bytes of photos in, labels out, with all that it needs beside it."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from idealcat.base.artifacts import LIMITS
from idealcat.base.files import read_json, sha256_of
from idealcat.serving.conversion import converted

ROOT = Path(__file__).parents[2]


def log_classifier(keras_file: Path) -> str:
    """Logs the model as users call it to the active run: bytes of photos in, labels out. Returns its id."""
    import mlflow  # noqa: PLC0415

    example, signature = _example_and_signature()
    requirements = [
        line.split("#")[0].strip()
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line.startswith(("ai-edge-litert", "numpy", "pandas", "pillow", "mlflow"))
    ]
    with TemporaryDirectory(prefix="idealcat-") as folder:
        # DVC may have linked the file into its cache, where MLflow would not follow it.
        labels = shutil.copyfile(keras_file.parent / "labels.json", Path(folder) / "labels.json")
        logged = mlflow.pyfunc.log_model(
            name="classifier",
            python_model=str(Path(__file__).with_name("served_model.py")),
            artifacts={"model": str(converted(keras_file)), "labels": str(labels), **_limits_of(keras_file, folder)},
            code_paths=[str(ROOT / "idealcat")],
            signature=signature,
            input_example=example,
            pip_requirements=requirements,
        )
    return logged.model_id


def _limits_of(keras_file: Path, folder: str) -> dict[str, str]:
    """The file of its limits as an artifact, where there is one that is of this classifier."""
    beside = keras_file.with_name(LIMITS.path.name)
    if not beside.exists() or read_json(beside).get("model") != sha256_of(keras_file):
        return {}
    return {"limits": str(shutil.copyfile(beside, Path(folder) / beside.name))}


def _example_and_signature() -> tuple[pd.DataFrame, Any]:
    import io  # noqa: PLC0415

    from mlflow.models import ModelSignature  # noqa: PLC0415
    from mlflow.types import ColSpec, DataType, Schema  # noqa: PLC0415
    from mlflow.types.schema import Array, Map  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    grey = io.BytesIO()
    Image.new("RGB", (64, 64), "grey").save(grey, "JPEG")
    inputs: list[Any] = [ColSpec(DataType.binary, "photo")]
    outputs: list[Any] = [
        ColSpec(DataType.string, "label"),
        ColSpec(Map(DataType.double), "probabilities"),
        ColSpec(Array(DataType.string), "set", required=False),
        ColSpec(DataType.boolean, "unknown", required=False),
        ColSpec(DataType.double, "unknown_score", required=False),
        ColSpec(DataType.string, "error"),
    ]
    signature = ModelSignature(Schema(inputs), Schema(outputs))
    return pd.DataFrame({"photo": [grey.getvalue()]}), signature
