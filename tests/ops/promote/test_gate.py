import numpy as np
import pandas as pd
import pytest

from idealcat.statistics.groups import Groups
from idealcat.statistics.paired import Comparison
from ops.promote.gate import Figure, decide, relabelled, suspect_labels, suspect_metrics

GOOD = {"preprocess.leakage": 0.0, "preprocess.photos": 100.0, "preprocess.used": 99.0}


def figure(low: float, *, photos: int = 400) -> Figure:
    return Figure(
        "accuracy",
        "accuracy",
        Comparison(0.0, low, 0.01, photos, p=1.0, effective=photos, disagreement=0.01),
        margin=0.02,
    )


def decided(*figures: Figure, faults: tuple[str, ...] = (), champion: str | None = "1"):
    return decide("2", champion, faults=list(faults), figures=list(figures), notes=[])


def table(labels: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"sha256": [f"{number:04}" for number in range(len(labels))], "label": labels})


def right(*, wrong: int, photos: int) -> np.ndarray:
    return np.arange(photos) >= wrong


@pytest.mark.parametrize(("low", "promoted"), [(-0.019, True), (-0.021, False)])
def test_lower_bound_decides(low, promoted):
    assert decided(figure(low)).promoted == promoted


def test_every_figure_must_be_fine():
    assert not decided(figure(-0.01), figure(-0.03)).promoted


def test_suspect_data_is_refused():
    assert not decided(figure(-0.01), faults=("leakage",)).promoted


def test_first_version_is_promoted_on_its_data_alone_and_says_so():
    verdict = decided(champion=None)
    assert verdict.promoted
    assert "there is no champion yet to compare with: the data checks alone decide" in verdict.lines


def test_too_few_photos_to_show_so_little_are_told():
    assert (
        "equal models pass 7 times in 100: add photos, or raise review.margins.accuracy"
        in figure(-0.03, photos=127).line
    )
    assert "an equal model passes 100 times in 100" in figure(-0.01, photos=2000).line


def test_leakage_and_rejected_photos_are_faults():
    assert suspect_metrics(GOOD, GOOD) == []
    assert len(suspect_metrics(GOOD | {"preprocess.leakage": 1.0}, GOOD)) == 1
    assert len(suspect_metrics(GOOD | {"preprocess.used": 80.0}, GOOD)) == 1
    assert len(suspect_metrics({}, None)) == 1


@pytest.mark.parametrize(("changed", "faults"), [(1, 0), (33, 1)])
def test_known_photos_with_other_labels_are_a_fault(changed, faults):
    found = relabelled(table(["dog"] * changed + ["cat"] * (100 - changed)), table(["cat"] * 100))
    assert len(found) == faults
    assert all("33 of 100 known photos bear another label than before, such as dog for cat" in text for text in found)


def test_new_photos_whose_labels_the_challenger_contradicts_are_a_fault():
    known = np.arange(220) < 200
    challenger = right(wrong=5, photos=220) & known
    (fault,) = suspect_labels(known, right(wrong=5, photos=220), challenger, Groups.single(len(known)), margin=0.02)
    assert "agrees with 0 % of the labels of 20 new test photos, with 98 % of those of known ones" in fault


def test_new_photos_that_only_the_champion_gets_wrong_are_no_fault():
    known = np.arange(220) < 200
    assert suspect_labels(known, known, right(wrong=3, photos=220), Groups.single(len(known)), margin=0.01) == []


def test_loss_on_the_photos_that_the_champion_knew_is_a_fault():
    known = np.arange(400) < 200
    (fault,) = suspect_labels(known, known, right(wrong=50, photos=400), Groups.single(len(known)), margin=0.02)
    assert fault == "the challenger loses 25.0 points on the 200 test photos that the champion knew"
