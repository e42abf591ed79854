"""A linear head as two arrays beside the saved classifier: what has features classifies them without a framework."""

import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from idealcat.base.artifacts import PLAIN_HEAD
from idealcat.base.files import replacing
from idealcat.networks.feature_table import Rows, blocks
from idealcat.statistics.probabilities import softmax

Kind = Literal["standard", "unit", "root"]
FLOOR = 1e-12  # below which a vector's length counts as this


def bend(flat: np.ndarray, kind: Kind, small: float) -> np.ndarray:
    """What features `(N, D)` go through before all that is linear.

    `standard`: nothing; `unit`: each vector to length 1; `root`: the square root of each feature, which is never
    negative, plus `small`, so that its slope at 0 is bounded (Hellinger's kernel: Arandjelovic and Zisserman, 2012).
    """
    if kind == "unit":
        return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), FLOOR)
    return np.sqrt(np.maximum(flat, 0) + np.float32(small)) if kind == "root" else flat


@dataclass(frozen=True)
class PlainHead:
    """Probabilities are softmax(bent @ kernel + bias), where `bend` gives `bent`.

    kernel float32 `(D, classes)`, bias float32 `(classes,)`; temperature and offset are in them.
    """

    weights_sha256: str  # of the backbone whose features it takes
    kind: Kind
    small: float
    kernel: np.ndarray
    bias: np.ndarray

    def __call__(self, vectors: np.ndarray | Rows) -> np.ndarray:
        """Probabilities float32 `(N, classes)` of features `(N, ...)`, as the saved classifier gives them."""
        probabilities = np.empty((len(vectors), len(self.bias)), "float32")
        for rows, block in blocks(vectors):
            flat = bend(block.reshape(len(block), -1), self.kind, self.small)
            probabilities[rows] = softmax(flat @ self.kernel + self.bias)
        return probabilities


def write_plain_head(head: PlainHead | None, path: Path | str = PLAIN_HEAD.path) -> None:
    """Writes the head; where there is none (several layers, or a fine-tuned backbone), a file that says so."""
    head = head or PlainHead("", "standard", 0.0, np.empty((0, 0), "float32"), np.empty(0, "float32"))
    with replacing(path) as beside:
        np.savez(beside, **asdict(head))


def plain_head_on(weights_sha256: str) -> PlainHead | None:
    """The head, where there is one on features of the backbone with these weights. Raises DataError as it is read."""
    head = read_plain_head()
    return head if head and head.weights_sha256 == weights_sha256 else None


def read_plain_head(path: Path | str = PLAIN_HEAD.path) -> PlainHead | None:
    """The head, None where there is none, or no file. Raises DataError where the file is something else."""
    try:
        with np.load(path) as file:
            kind: Any = str(file["kind"])
            if kind not in get_args(Kind):
                raise ValueError(f"unknown kind {kind!r}")
            head = PlainHead(str(file["weights_sha256"]), kind, float(file["small"]), file["kernel"], file["bias"])
            return head if head.weights_sha256 else None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise PLAIN_HEAD.absent(error, found=path) from error
