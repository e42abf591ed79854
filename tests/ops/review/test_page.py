import pandas as pd

from ops.review.page import FLIPS, render
from ops.review.snapshot import Snapshot


def estimate(value: float, width: float = 0.02) -> dict[str, float]:
    return {"value": value, "low": value - width, "high": value + width, "n": 100}


def revision(said: list[str], **evaluate: dict[str, float]) -> Snapshot:
    """A revision that says this of photos called data/raw/cat/<number>."""
    photos = [f"{number:03}" for number in range(len(said))]
    listed = pd.DataFrame({"path": [f"data/raw/cat/{photo}" for photo in photos], "sha256": photos, "label": "cat"})
    listed = listed.assign(split="test", group=photos)
    told = pd.DataFrame({"sha256": photos, "label": "cat", "predicted": said})
    return Snapshot("revision", metrics={"evaluate": evaluate}, manifest=listed, predictions=told)


def line_of(page: str, start: str) -> str:
    return next(line for line in page.splitlines() if line.startswith(start))


def test_arrows_know_which_way_is_better():
    base = revision([], accuracy=estimate(0.8), log_loss=estimate(0.5), roc_auc=estimate(0.9))
    page = render(base, revision([], accuracy=estimate(0.9), log_loss=estimate(0.7), roc_auc=estimate(0.9)))
    assert line_of(page, "| `evaluate.accuracy`").endswith("| 0.8 (0.78 to 0.82) | 0.9 (0.88 to 0.92) | ▲ +0.1 |")
    assert line_of(page, "| `evaluate.log_loss`").endswith("| ▼ +0.2 |")
    assert line_of(page, "| `evaluate.roc_auc`").endswith("| = |")


def test_change_within_both_intervals_is_called_noise():
    page = render(revision([], accuracy=estimate(0.8)), revision([], accuracy=estimate(0.81)))
    assert line_of(page, "| `evaluate.accuracy`").endswith("| ▲ +0.01, within noise |")


def test_verdict_comes_first_with_its_figures():
    page = render(revision(["dog"] * 10 + ["cat"] * 90), revision(["cat"] * 100))
    told = "- **Accuracy: better.** +10.0 points (95 % interval +5.5 to +17.4), permutation test p = 0.00098, "
    assert line_of(page, "- **Accuracy").startswith(told + "on the 100 photos that are in both tests.")


def test_long_lists_are_cut_and_say_how_much_is_left():
    page = render(revision(["cat"] * (FLIPS + 5)), revision(["dog"] * (FLIPS + 5)))
    assert f"**{FLIPS + 5} photos flipped to wrong**" in page
    assert page.count("| `data/raw/cat/") == FLIPS
    assert "... and 5 more." in page


def test_hostile_names_have_no_power():
    name = "<script>|`@all`\n# [x](y)|"
    base, head = revision(["cat"], accuracy=estimate(0.5)), revision([name], accuracy=estimate(0.5))
    head.params = {name: name}
    page = render(base, head)
    shown = "``<script>\\|`@all`\\n# [x](y)\\|``"
    assert line_of(page, "| `data/raw/cat/000`") == f"| `data/raw/cat/000` | `cat` | `cat` | {shown} |"
    assert f"| {shown} | – | {shown} |" in page


def test_photos_by_class_and_what_is_missing_are_told():
    base, head = revision(["cat"] * 3), revision(["cat"] * 4)
    base.lacks = ["It has no `data/robustness.parquet`."]
    page = render(base, head)
    assert "| `cat` | 3 → 4 | 1 | 0 | 0 | 0 → 0 |" in page
    assert "3 photos before, 4 now: 1 added, 0 removed, 3 in both." in page
    assert "- Base: It has no `data/robustness.parquet`." in page
    assert "**Robustness: can't be compared**: the base and the head lack `data/robustness.parquet`." in page


def test_equal_results_are_no_change():
    base, head = (revision(["cat"] * 9, accuracy=estimate(1)) for _ in range(2))
    for snapshot in (base, head):
        snapshot.rejected = snapshot.robustness = pd.DataFrame({"path": []})
    assert "**No change**" in render(base, head)
    head.predictions.loc[3, "predicted"] = "dog"
    assert "**No change**" not in render(base, head)
    head.predictions = None
    assert "**No change**" not in render(base, head)
