"""A linear head as two arrays beside the saved classifier: what has features classifies them without a framework."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import softmax

from idealcat.base.artifacts import PLAIN_HEAD
from idealcat.base.files import replacing

FLOOR = 1e-12  # below which a vector's length counts as this


@dataclass(frozen=True)
class PlainHead:
    """Probabilities are softmax(vectors @ kernel + bias), the vectors brought to length 1 before if `unit`.

    kernel float32 `(D, classes)`, bias float32 `(classes,)`; temperature and offset are in them.
    """

    weights_sha256: str  # of the backbone whose features it takes
    unit: bool
    kernel: np.ndarray
    bias: np.ndarray

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """Probabilities float32 `(N, classes)` of features `(N, ...)`, as the saved classifier gives them."""
        flat = vectors.reshape(len(vectors), -1)
        if self.unit:
            flat = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), FLOOR)
        return softmax(flat @ self.kernel + self.bias, axis=1)


def write_plain_head(head: PlainHead | None, path: Path | str = PLAIN_HEAD.path) -> None:
    """Writes the head; where there is none (several layers, or a fine-tuned backbone), a file that says so."""
    head = head or PlainHead("", unit=False, kernel=np.empty((0, 0), "float32"), bias=np.empty(0, "float32"))
    with replacing(path) as beside:
        np.savez(beside, weights_sha256=head.weights_sha256, unit=head.unit, kernel=head.kernel, bias=head.bias)


def read_plain_head(path: Path | str = PLAIN_HEAD.path) -> PlainHead | None:
    """The head, None where there is none, or no file. Raises DataError where the file is something else."""
    try:
        with np.load(path) as file:
            head = PlainHead(str(file["weights_sha256"]), bool(file["unit"]), file["kernel"], file["bias"])
            return head if head.weights_sha256 else None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise PLAIN_HEAD.absent(error, found=path) from error
