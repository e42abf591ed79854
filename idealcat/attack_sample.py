"""Which test photos are attacked: drawn by their content, so that photos which come or go leave most in place."""

import hashlib
from collections.abc import Sequence

import pandas as pd


def attacked_photos(manifest: pd.DataFrame, count: int, *, seed: int) -> pd.DataFrame:
    """Rows of the manifest, sorted by sha256: up to `count` photos of the test split, evenly from the labels.

    Of each label those whose seeded hash is lowest; a photo that is added displaces at most one other.
    """
    test = manifest[manifest["split"] == "test"].drop_duplicates("sha256")
    drawn = test["sha256"].map(lambda sha256: _hash(seed, sha256)).rename("drawn")
    turn = drawn.groupby(test["label"]).rank(method="first").rename("turn")
    # The last photos, fewer than labels, come from labels drawn in the same way.
    turns = pd.DataFrame({"turn": turn, "label": test["label"].map(lambda label: _hash(seed, label))})
    return test.loc[turns.sort_values(["turn", "label"]).index[:count]].sort_values("sha256", ignore_index=True)


def in_turns(truth: Sequence[int]) -> list[int]:
    """The places of `truth`, class numbers, as if each class gave its next photo in turn."""
    classes = pd.Series(truth)
    return classes.groupby(classes).cumcount().sort_values(kind="stable").index.tolist()


def _hash(seed: int, text: str) -> str:
    return hashlib.sha256(f"{seed} {text}".encode()).hexdigest()
