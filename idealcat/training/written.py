"""A trained classifier as files: the whole of it, and a linear head alone."""

from idealcat.base.artifacts import CLASSIFIER
from idealcat.networks.plain_head import PlainHead, write_plain_head
from idealcat.training.calibration import Calibration
from idealcat.training.classifier import Trained
from idealcat.training.linear import LinearHead
from idealcat.training.moulds import fill, keep, mould_for


def write_classifier(trained: Trained, weights_sha256: str) -> None:
    """Writes the classifier, and its head as plain arrays; `weights_sha256` is of the backbone below a linear head."""
    linear, calibration = trained.linear, trained.calibration
    mould = mould_for(linear, trained.shape) if linear else None
    if not (linear and mould and fill(mould, linear, calibration, CLASSIFIER.path)):
        from idealcat.networks.model_file import save_model  # noqa: PLC0415

        save_model(trained.network(), CLASSIFIER.path)
        if linear and mould:
            keep(CLASSIFIER.path, linear, calibration, mould)
    write_plain_head(plain_head(linear, calibration, weights_sha256=weights_sha256) if linear else None)


def plain_head(head: LinearHead, calibration: Calibration, *, weights_sha256: str) -> PlainHead:
    """The same head with its scaling, temperature and offset worked into kernel and bias."""
    scaling, kernel = head.scaling, head.kernel.astype("float64")
    kernel = scaling.factor[:, None] * kernel / calibration.temperature
    bias = head.bias / calibration.temperature - scaling.mean @ kernel + calibration.offset
    return PlainHead(weights_sha256, scaling.kind, scaling.small, kernel.astype("float32"), bias.astype("float32"))
