import dataclasses

import pandas as pd
import pytest

from ops.review import comparison
from ops.review.snapshot import Snapshot


def saying(said: dict[str, str], truth: str = "cat", **others) -> Snapshot:
    """A revision by what it says of photos, by their sha256."""
    table = pd.DataFrame({"sha256": said.keys(), "label": truth, "predicted": said.values()})
    return Snapshot("revision", predictions=table, **others)


def listed(*rows: tuple[str, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["sha256", "label", "split"])
    return table.assign(path="data/raw/" + table["sha256"], group=table["sha256"])


def attacked(robust: list[bool], epsilon: str = "0.5") -> Snapshot:
    photos = [f"{number:04}" for number in range(len(robust))]
    table = pd.DataFrame({"sha256": photos, "label": "cat", "robust_at_0": True, f"robust_at_{epsilon}": robust})
    return Snapshot("revision", robustness=table)


def test_only_photos_of_both_test_splits_count():
    base = saying({"1": "cat", "2": "dog", "3": "dog"})
    found = comparison.accuracy(base, saying({"2": "cat", "3": "dog", "4": "dog"}))
    assert (found.comparison.difference, found.comparison.photos, found.reason) == (0.5, 2, "")


def test_photos_with_another_label_are_left_out_and_counted():
    base, head = saying({"1": "cat", "2": "cat"}), saying({"1": "dog", "2": "dog"}, truth="dog")
    assert comparison.test_split(base, head)["relabelled"] == 2
    assert "same label" in comparison.accuracy(base, head).reason


def test_flips_are_named_by_their_paths():
    base, head = saying({"1": "dog", "2": "cat", "3": "cat"}), saying({"1": "cat", "2": "dog", "3": "cat"})
    head.manifest = listed(("1", "cat", "test"), ("2", "cat", "test"))
    assert list(comparison.flipped(base, head, to_right=True)["path"]) == ["data/raw/1"]
    assert list(comparison.flipped(base, head, to_right=False)["path"]) == ["data/raw/2"]


def test_robustness_is_tested_at_the_smallest_epsilon_above_0():
    found = comparison.robustness(attacked([True] * 10 + [False] * 22), attacked([False] * 32))
    assert found.title == "Robustness at epsilon 0.5/255"
    assert (found.comparison.verdict, found.comparison.photos) == ("worse", 32)


@pytest.mark.parametrize("head", [attacked([True], epsilon="2"), attacked([])])
def test_robustness_that_can_not_be_paired_says_why(head):
    found = comparison.robustness(attacked([True]), head)
    assert found.comparison is None
    assert "in common" in found.reason or "in both" in found.reason


def test_without_predictions_the_metrics_are_compared():
    sides = [{"value": value, "low": value - 0.02, "high": value + 0.02, "n": 300} for value in (0.9, 0.5)]
    base, head = (Snapshot("revision", metrics={"evaluate": {"accuracy": side}}) for side in sides)
    found = comparison.accuracy(base, head)
    assert (found.comparison.verdict, found.comparison.p) == ("worse", None)
    assert found.reason == "the base and the head lack `data/predictions.parquet`"


def test_photos_are_counted_by_class():
    base = Snapshot("base", manifest=listed(("1", "cat", "train"), ("2", "dog", "test"), ("3", "dog", "test")))
    head = Snapshot("head", manifest=listed(("1", "cat", "train"), ("3", "cat", "test"), ("4", "cat", "test")))
    head.rejected = pd.DataFrame({"path": ["data/raw/dog/x.jpg", "data/raw/stray.txt"], "reason": "corrupt"})
    found = comparison.classes(base, head)
    assert found.loc["cat"].tolist() == [1, 3, 1, 0, 1, 0, 0]
    assert found.loc["dog"].tolist() == [2, 0, 0, 1, 0, 0, 1]
    assert found.loc[""].tolist() == [0, 0, 0, 0, 0, 0, 1]


def test_parameters_are_compared_flat():
    base, head = Snapshot("base", params={"a": {"b": 1, "c": 2}}), Snapshot("head", params={"a": {"b": 3, "d": None}})
    assert comparison.changed_parameters(base, head) == [("a.b", "1", "3"), ("a.c", "2", None), ("a.d", None, "null")]


def test_attacks_of_other_strength_are_told():
    base, head = attacked([True]), attacked([True])
    base.params, head.params = ({"generate_adversarial": {"steps": steps, "pictures": steps}} for steps in (4, 10))
    assert comparison.attacked_otherwise(base, head) == ["generate_adversarial.steps"]
    assert comparison.attacked_otherwise(base, base) == []


def test_photos_that_one_of_both_learnt_from_are_left_out_and_counted():
    base, head = saying({"1": "cat", "2": "cat", "3": "dog"}), saying({"1": "cat", "2": "dog", "3": "cat"})
    base.manifest = listed(("1", "cat", "train"), ("2", "cat", "test"), ("3", "cat", "test"))
    head.manifest = listed(("1", "cat", "test"), ("2", "cat", "test"), ("3", "cat", "test"))
    head.manifest["group"] = ["1", "1", "3"]
    assert comparison.accuracy(base, head).comparison.photos == 1
    assert comparison.test_split(base, head)["learnt"] == 2


def spoilt(right: list[int]) -> Snapshot:
    """A revision that has so many of 24 spoilt copies of each photo right."""
    names = [f"{number:02}" for number in range(len(right))]
    table = pd.DataFrame({"sha256": names, "label": "cat", "right": right, "of": 24})
    value = {"value": sum(right) / 24 / len(right), "low": 0.1, "high": 0.9, "n": len(right)}
    return Snapshot("revision", corrupted=table, metrics={"corrupt": {"mean_accuracy": value}})


def test_spoilt_photos_are_paired_by_how_many_changes_they_stand():
    found = comparison.everyday(spoilt([20] * 30), spoilt([14] * 30))
    assert found.comparison.verdict == "worse"
    assert found.comparison.difference == pytest.approx(-0.25)
    assert found.comparison.p < 1e-6
    lost = comparison.everyday(dataclasses.replace(spoilt([20] * 30), corrupted=None), spoilt([14] * 30))
    assert lost.reason == "the base lacks `data/corrupted.parquet`"
    assert lost.comparison.p is None
    assert comparison.everyday(spoilt([20]), Snapshot("without")) is None
