from typing import get_args

import numpy as np
import pytest
import yaml
from PIL import Image, ImageOps

from idealcat.export.card import card
from idealcat.photos.pixels import Pixels, Resize, network_input

ESTIMATE = {"value": 0.9, "low": 0.8, "high": 0.95, "n": 100}
SCORES = dict.fromkeys(
    ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "expected_calibration_error"), ESTIMATE
)
DATA = {"splits": {"train": 10, "validation": 2, "test": 100}}
PARAMS = {"backbone": {"name": "efficientnet_lite0", "weights": "pretrained"}, "fetch_data": {"source": "directory"}}
ENTRY = {"written": True, "bytes": 5, "top1_agreement": ESTIMATE, "largest_difference": 0.0}

SQUASHED = Pixels(224)


def text(labels=("cat", "dog"), written=None, pixels=SQUASHED):
    given = {"labels": labels, "scores": SCORES, "data": DATA, "params": PARAMS, "coverage": 0.9}
    return card(**given, pixels=pixels, written=written or {})


def test_metadata_is_yaml_with_licence_and_accuracy():
    metadata = yaml.safe_load(text().split("---\n")[1])
    assert metadata["license"] == "apache-2.0"
    assert metadata["model-index"][0]["results"][0]["metrics"] == [{"type": "accuracy", "value": 0.9}]


def test_hub_reads_the_accuracy():
    hub = pytest.importorskip("huggingface_hub", reason="requirements-export.txt is not installed")
    data = hub.ModelCard(text(written={"onnx": ENTRY})).data
    assert [(result.metric_type, result.metric_value) for result in data.eval_results] == [("accuracy", 0.9)]
    assert "onnx" in data.tags


@pytest.mark.parametrize("resize", get_args(Resize))
def test_resize_that_int8_leaves_to_its_user_is_the_pipelines(resize):
    pixels, noise = Pixels(16, resize), np.random.default_rng(0).integers(0, 256, (30, 21, 3), dtype="uint8")
    code = text(written={"litert_int8": ENTRY}, pixels=pixels).split("```python\n")[1].split("```")[0]
    line = next(line for line in code.splitlines() if line.startswith("photo = "))
    found = {"np": np, "Image": Image, "ImageOps": ImageOps, "size": (16, 16), "image": Image.fromarray(noise)}
    exec(line, found)
    np.testing.assert_array_equal(found["photo"], network_input(Image.fromarray(noise), pixels))


def test_label_is_a_code_span_whatever_it_is_called():
    assert "`<b> '`" not in text()
    assert "`<b> 'x`" in text(labels=["<b>\n`x", "dog"])


def test_sets_are_told_where_there_are_any():
    assert "For 90 % of photos" in text()


def test_format_has_its_code_and_a_refused_one_its_reason():
    shown = text(written={"onnx": ENTRY, "litert_int8": ENTRY | {"written": False, "reason": "too few photos"}})
    assert "onnxruntime.InferenceSession" in shown
    assert "**LiteRT, int8 was left out**: too few photos." in shown
