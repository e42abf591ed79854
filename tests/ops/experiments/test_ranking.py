import numpy as np
import pandas as pd
import pytest

from idealcat.base.errors import DataError
from ops.experiments.ranking import Candidate, lines, rank, shared_photos

PHOTOS = [f"{number:03}" for number in range(200)]


def candidate(name: str, *, wrong: range, photos: list[str] = PHOTOS, **params: object) -> Candidate:
    """A result that gets some photos wrong; every fifth photo is a test photo."""
    right = ~np.isin(np.arange(len(photos)), list(wrong))
    table = pd.DataFrame({"sha256": photos, "label": "cat", "fold": 0, "cat": np.where(right, 0.9, 0.2)})
    manifest = pd.DataFrame(
        {"sha256": photos, "group": photos, "split": (["test"] + ["train"] * 4) * (len(photos) // 5)}
    )
    scores = {"accuracy": {"value": 0.9, "low": 0.8, "high": 0.95, "n": 40}}
    return Candidate(name, {"train": {"rate": 1} | params}, table.assign(dog=1 - table["cat"]), manifest, scores)


def test_best_comes_first_and_the_others_are_judged_beside_it():
    ranking = rank(
        [candidate("poor", wrong=range(40)), candidate("good", wrong=range(5)), candidate("same", wrong=range(6))]
    )
    assert [row.candidate.name for row in ranking.rows] == ["good", "same", "poor"]
    assert (
        ranking.rows[0].standing.p is None and ranking.rows[1].standing.p > 0.4 and ranking.rows[2].standing.p < 0.001
    )
    assert ranking.photos == 160
    assert ranking.corrected == pytest.approx(1 - 4 / 160, abs=0.01)


def test_photos_that_one_of_them_tests_have_no_say():
    other = candidate("other", wrong=range(0))
    other.manifest["split"] = "train"
    other.manifest.loc[1, "split"] = "test"
    assert len(shared_photos([candidate("one", wrong=range(0)), other])) == 159


def test_ranking_tells_what_was_changed_and_shows_the_test_split_of_the_best_alone():
    ranking = rank([candidate("poor", wrong=range(40)), candidate("good", wrong=range(5), rate=2)])
    told = "\n".join(lines(ranking, {"train": {"rate": 1}}))
    assert "train.rate=2" in told
    assert "poor  0.800" in told and "worse, p = " in told
    assert "good on the test split, which it was not chosen by: accuracy 0.900 (0.800 to 0.950, n = 40)" in told


def test_experiments_on_other_photos_can_not_be_compared():
    others = [f"x{number}" for number in range(200)]
    with pytest.raises(DataError, match="no photo in common"):
        rank([candidate("one", wrong=range(3)), candidate("two", wrong=range(3), photos=others)])
