import pandas as pd
import pytest

from idealcat.files import read_json
from idealcat.robustness_table import read_robustness
from stages import generate_adversarial


@pytest.fixture
def attacked(trained, choose):
    """The dataset with few, short attacks chosen."""
    settings = {"images": 4, "epsilons": [0, 0.5, 8], "steps": 3, "minimal_steps": 3, "pictures": 2}
    choose("generate_adversarial", **settings, black_box={"images": 2, "queries": 3})
    return trained


def test_photos_and_curve_tell_the_same(attacked):
    generate_adversarial.main()
    table = read_robustness()
    metrics = read_json("metrics/generate_adversarial.json")
    assert table.columns.tolist() == ["sha256", "label", "robust_at_0", "robust_at_0.5", "robust_at_8"]
    assert table["sha256"].is_monotonic_increasing and len(table) == metrics["images"] == 4
    means = {key: table[f"robust_at_{key}"].mean() for key in ("0", "0.5", "8")}
    assert means == {key: entry["value"] for key, entry in metrics["robust_accuracy"].items()}
    assert pd.read_csv("metrics/plots/robustness.csv")["robust_accuracy"].tolist() == list(means.values())
