from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from idealcat.networks.description import BackboneDescription
from idealcat.statistics.influence import Scored
from ops.compare.cell import Cell
from ops.compare.data_sets import DataSet
from ops.compare.networks import Network
from ops.compare.plot import draw
from ops.compare.results import Compared, as_json, as_markdown

LABELS = np.arange(200) % 2


def cell(title, *, wrong, speed):
    described = BackboneDescription(name=title, weights_sha256="0", image_size=224, pooling="avg", feature_shape=(8,))
    own = np.where(np.arange(200) < wrong, 0.1, 0.9)
    probabilities = np.where(LABELS[:, None] == [0, 1], own[:, None], 1 - own[:, None])
    network = Network(title, Path(title), described, 3_400_000)
    return Cell(network, "litert", 8, 0, speed, 0.5, Scored(LABELS, probabilities))


@pytest.fixture
def compared():
    sha256 = [f"{number:03}" for number in range(200)]
    table = pd.DataFrame({"path": sha256, "label": np.array(["cat", "dog"])[LABELS], "sha256": sha256, "group": sha256})
    cells = [
        cell("slow", wrong=4, speed=10.0),
        cell("quick", wrong=6, speed=90.0),
        cell("poor", wrong=60, speed=50.0),
    ]
    return Compared(DataSet("cats", table), cells)


def test_the_front_has_what_no_other_network_beats(compared):
    assert [one.network.title for one in compared.front] == ["quick", "slow"]


def test_tables_say_who_is_beaten_and_who_is_not(compared):
    text = as_markdown([compared, compared], {"vgg16": "no network"})
    assert "slow is best, with quick within noise of it; surely beaten: poor" in text
    assert "| cats | 200 | 2 | 50.0 | **98.0 (94.9–99.2)** | 97.0 (93.6–98.6) | 70.0 (63.3–76.0) \\* |" in text
    assert "vgg16 could not be had: no network" in text


def test_a_best_that_the_largest_class_equals_says_so(compared):
    useless = Compared(compared.data, [cell("useless", wrong=100, speed=1.0)])
    assert "NO BETTER than a constant: always saying the largest class gives 50.0 %" in as_markdown([useless], {})


def test_json_holds_the_estimates(compared):
    found = as_json([compared], {})["data_sets"]["cats"]
    assert found["majority_accuracy"] == 0.5
    assert found["networks"]["slow"]["accuracy"].value == 0.98
    assert found["networks"]["poor"]["verdict"] == "worse"
    assert found["front"] == ["quick", "slow"]


def test_the_plot_is_the_same_every_time(compared, tmp_path):
    draw([compared] * 4, tmp_path / "a.png")
    draw([compared] * 4, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
