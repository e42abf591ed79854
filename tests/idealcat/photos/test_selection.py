import hashlib

import numpy as np
import pandas as pd
import pytest

from idealcat.base.errors import DataError
from idealcat.photos.scan import Photo, Scan
from idealcat.photos.selection import counted, select
from idealcat.photos.settings import Preprocess

SETTINGS = Preprocess(
    validation_fraction=0.15, test_fraction=0.2, near_duplicate_distance=10, max_pixels=10**6, resize="squash"
)


def photos(total: int) -> list[Photo]:
    rng = np.random.default_rng(0)
    digests = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(total)]
    return [
        Photo(f"{number:03}", ("cat", "dog")[number % 2], sha256, 9, 9, rng.integers(0, 2**64, 4, dtype=np.uint64))
        for number, sha256 in enumerate(digests)
    ]


def test_what_is_used_and_what_is_rejected_add_up() -> None:
    broken = Photo("x", "cat", reason="corrupt", detail="broken off")
    selection = select(Scan([*photos(60), broken], ["cat", "dog"]), SETTINGS)
    assert (len(selection.used), selection.rejected.to_numpy().tolist()) == (60, [["x", "corrupt", "broken off"]])
    assert selection.metrics["photos"] == 61
    assert selection.metrics["leakage"] == 0
    assert sum(selection.metrics["splits"].values()) == 60
    assert sum(selection.metrics["fractions"].values()) == pytest.approx(1, abs=1e-3)
    assert selection.summary.startswith("60 of 61 photos used, 1 rejected (1 corrupt); train ")
    assert selection.warnings == []


@pytest.mark.parametrize(
    ("more", "message"),
    [([], "'fox' has none left \\(its folder is empty\\)"), ([Photo("x", "fox", reason="empty")], "\\(1 empty\\)")],
)
def test_a_class_that_is_left_without_photos_is_named(more: list[Photo], message: str) -> None:
    with pytest.raises(DataError, match=message):
        select(Scan(photos(60) + more, ["cat", "dog", "fox"]), SETTINGS)


def test_words_are_counted() -> None:
    assert counted(["empty", "corrupt", "empty"]) == "1 corrupt, 2 empty"


def test_near_duplicates_with_two_labels_are_kept_and_named() -> None:
    items = photos(60)
    items[1] = items[1]._replace(hash=items[0].hash)
    selection = select(Scan(items, ["cat", "dog"]), SETTINGS)
    assert (len(selection.used), selection.metrics["suspicious_groups"]) == (60, 1)
    assert selection.warnings == ["near duplicates with different labels are kept, look at them: 000 (cat), 001 (dog)"]


def test_what_the_source_gives_reaches_the_manifest() -> None:
    items = photos(60)
    given = pd.DataFrame({"path": [item.path for item in items], "label": "?", "split": "", "group": "", "age": "7"})
    given.loc[:5, "group"] = "ward"
    used = select(Scan(items, ["cat", "dog"], given[:40]), SETTINGS).used.set_index("path")
    assert list(used.columns)[-1] == "age"
    assert (used.loc["000", "age"], used.loc["059", "age"]) == ("7", "")
    assert used[used["group"] == "ward"].index.tolist() == ["000", "001", "002", "003", "004", "005"]
    assert set(used["label"]) == {"cat", "dog"}


def test_little_to_train_on_is_said() -> None:
    items = photos(60)
    given = pd.DataFrame({"path": [item.path for item in items], "label": "", "split": "test", "group": ""})
    given.loc[:9, "split"], given.loc[10:15, "split"] = "train", "validation"
    assert (
        select(Scan(items, ["cat", "dog"], given), SETTINGS).warnings[0].startswith("only 16.7 % of the photos train")
    )
