"""The classifier converted to LiteRT, its features behind the probabilities, once for each model: kept in the user's
cache under the model's SHA-256."""

from pathlib import Path

from idealcat.audit.limits import read_limits
from idealcat.base.artifacts import CLASSIFIER, LABELS
from idealcat.base.cache import cache_folder
from idealcat.base.errors import DataError
from idealcat.base.files import read_json, replacing, sha256_of
from idealcat.base.params import load_params
from idealcat.photos.settings import Preprocess
from idealcat.serving.photo_classifier import PhotoClassifier


def local_classifier() -> PhotoClassifier:
    """The classifier that train_classifier wrote, under preprocess's limits. Raises DataError where there is none."""
    model, most = converted(CLASSIFIER.path), load_params().section(Preprocess).max_pixels
    limits = read_limits(read_json(LABELS.path), model=sha256_of(CLASSIFIER.path))
    return PhotoClassifier.read(model, LABELS.path, limits=limits, max_pixels=most)


def converted(path: Path) -> Path:
    """The LiteRT file, batch 1, of a Keras model; converting takes some ten seconds, finding it again none.

    Raises:
        DataError: there is no such model.
        EngineError: Keras can't convert it.
    """
    try:
        digest = sha256_of(path)
    except OSError as error:
        raise DataError(
            f"expected a model {path}, which the stage train_classifier writes ({error.strerror})"
        ) from None
    kept = cache_folder() / "litert" / f"{digest}-features.tflite"
    if not kept.exists():
        with replacing(kept) as beside:
            _convert(path, beside)
    return kept


def _convert(path: Path, target: Path) -> None:
    from idealcat.extraction.keras_model import export_litert  # noqa: PLC0415 seconds to import, and seldom needed
    from idealcat.networks.joined import with_features  # noqa: PLC0415
    from idealcat.networks.model_file import load_model  # noqa: PLC0415

    model = with_features(load_model(path, stage="train_classifier"))
    target.write_bytes(export_litert(model, batch_size=1))
