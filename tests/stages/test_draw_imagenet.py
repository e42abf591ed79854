from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from idealcat.base.errors import ClassError
from idealcat.base.files import read_json
from idealcat.ideal import judges
from idealcat.networks import backbones
from idealcat.networks.backend import keras
from idealcat.photos.pixels import Pixels
from stages import draw_imagenet

pytestmark = pytest.mark.slow  # images are drawn

METRICS = "metrics/draw_imagenet.json"


@pytest.fixture
def with_head(workspace, choose, monkeypatch) -> keras.Model:
    """A small backbone with a random ImageNet head, and two classes of it chosen."""
    keras.utils.set_random_seed(0)
    backbone = backbones.assemble("efficientnet_lite0", Pixels(32), "avg", head=True)
    monkeypatch.setattr(draw_imagenet, "load_backbone", lambda: backbone)
    choose("generate_ideal", steps=2, judge=None, imagenet_classes=["zebra", 281, "tabby"])
    return backbone


def test_classes_are_drawn_once_each_with_a_strip_of_weights(with_head):
    assert draw_imagenet.main() == {"images": 9}
    metrics = read_json(METRICS)
    assert list(metrics["scores"]) == ["zebra", "tabby"] and metrics["judge"] is None
    assert {entry["index"] for entry in metrics["pictures"]} == {340, 281} and len(metrics["pictures"]) == 6
    assert [shown["variation_weight"] for shown in metrics["strip"]] == [0, 1 / 16, 0.25, 1, 4]
    files = {entry["file"] for entry in (*metrics["pictures"], *metrics["strip"])}
    assert files == {path.as_posix() for path in Path("metrics/imagenet").iterdir()}


def test_judge_ranks_the_files(with_head, choose, monkeypatch):
    choose("generate_ideal", judge="efficientnet_lite1")
    keras.utils.set_random_seed(1)
    network = backbones.assemble("efficientnet_lite1", Pixels(32), "avg", head=True)
    monkeypatch.setattr(judges.backbones, "build_backbone", lambda *_, **__: network)
    draw_imagenet.main()
    metrics = read_json(METRICS)
    entry = metrics["pictures"][0]
    with Image.open(entry["file"]) as image:
        logits = np.asarray(network(np.asarray(image)[None].astype("float32"))["imagenet_logits"])[0]
    expected = 1 + (logits > logits[entry["index"]]).sum()
    assert metrics["scores"][entry["label"]][entry["method"]]["judge_rank"] == expected
    assert metrics["judge"] == "efficientnet_lite1" and metrics["judge_top5"]["n"] == 2


def test_backbone_without_imagenet_head_is_noted(trained):
    assert draw_imagenet.main() == {"images": 0}
    metrics = read_json(METRICS)
    assert metrics["notes"] == ["no ImageNet classes: the backbone has no ImageNet head"]
    assert metrics["scores"] == {} and list(Path("metrics/imagenet").iterdir()) == []


def test_unknown_class_offers_the_nearest(with_head, choose):
    choose("generate_ideal", imagenet_classes=["zebr"])
    with pytest.raises(ClassError, match=r"nearest: .*zebra"):
        draw_imagenet.main()
