import hashlib

import numpy as np
import pytest

from idealcat.base.errors import DataError
from idealcat.photos.scan import Photo, Scan
from idealcat.photos.selection import counted, select
from idealcat.photos.settings import Preprocess

SETTINGS = Preprocess(validation_fraction=0.25, test_fraction=0.25, near_duplicate_distance=10, max_pixels=10**6)


def photos(total: int) -> list[Photo]:
    rng = np.random.default_rng(0)
    digests = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(total)]
    return [
        Photo(f"{number:03}", ("cat", "dog")[number % 2], sha256, 9, 9, rng.integers(0, 2**64, 4, dtype=np.uint64))
        for number, sha256 in enumerate(digests)
    ]


def test_what_is_used_and_what_is_rejected_add_up() -> None:
    selection = select(Scan([*photos(60), Photo("x", "cat", reason="corrupt")], ["cat", "dog"]), SETTINGS)
    assert (len(selection.used), selection.rejected.to_numpy().tolist()) == (60, [["x", "corrupt"]])
    assert selection.metrics["photos"] == 61
    assert selection.metrics["leakage"] == 0
    assert sum(selection.metrics["splits"].values()) == 60
    assert selection.summary == "60 of 61 photos used, 1 rejected (1 corrupt)"


@pytest.mark.parametrize(
    ("more", "message"),
    [([], "'fox' has none left \\(its folder is empty\\)"), ([Photo("x", "fox", reason="empty")], "\\(1 empty\\)")],
)
def test_a_class_that_is_left_without_photos_is_named(more: list[Photo], message: str) -> None:
    with pytest.raises(DataError, match=message):
        select(Scan(photos(60) + more, ["cat", "dog", "fox"]), SETTINGS)


def test_words_are_counted() -> None:
    assert counted(["empty", "corrupt", "empty"]) == "1 corrupt, 2 empty"
