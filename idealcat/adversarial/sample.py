"""Which test photos are attacked: drawn by their content, so that photos which come or go leave most in place."""

import hashlib
from collections.abc import Sequence

import pandas as pd


def attacked_photos(manifest: pd.DataFrame, count: int) -> pd.DataFrame:
    """Rows of the manifest, sorted by sha256: up to `count` photos of the test split, evenly from the labels.

    Of each label those whose hash is lowest; a photo that is added displaces at most one other. No seed has a say: runs
    that differ in theirs attack the same photos, and can be compared photo by photo.
    """
    test = manifest[manifest["split"] == "test"].drop_duplicates("sha256")
    turn = test["sha256"].groupby(test["label"]).rank(method="first").rename("turn")
    # The last photos, fewer than labels, come from labels drawn in the same way.
    turns = pd.DataFrame({"turn": turn, "label": test["label"].map(_hash)})
    return test.loc[turns.sort_values(["turn", "label"]).index[:count]].sort_values("sha256", ignore_index=True)


def in_turns(truth: Sequence[int]) -> list[int]:
    """The places of `truth`, class numbers, as if each class gave its next photo in turn."""
    classes = pd.Series(truth)
    return classes.groupby(classes).cumcount().sort_values(kind="stable").index.tolist()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
