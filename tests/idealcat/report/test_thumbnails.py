import base64
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from idealcat.report.thumbnails import thumbnails

RULES = {"side": 16, "budget": 100_000, "max_pixels": 10_000}


@pytest.fixture(autouse=True)
def pictures(workspace):
    rng = np.random.default_rng(0)
    for number in range(3):
        Image.fromarray(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)).save(f"{number}.png")
    Path("text.png").write_text("no picture")


def test_picture_is_small_and_keeps_its_shape():
    uri = thumbnails(["0.png"], **RULES)["0.png"]
    head, content = uri.split(",")
    assert head == "data:image/webp;base64"
    assert Image.open(BytesIO(base64.b64decode(content))).size == (16, 11)


def test_what_is_no_picture_is_left_out(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "outside.png")
    paths = ["text.png", "gone.png", "../outside.png", str(tmp_path / "outside.png"), "0.png"]
    assert list(thumbnails(paths, **RULES)) == ["0.png"]


def test_too_large_a_picture_is_left_out():
    assert not thumbnails(["0.png"], side=16, budget=100_000, max_pixels=100)


def test_budget_is_kept():
    sizes = [len(uri) for uri in thumbnails(["0.png", "1.png", "2.png"], **RULES).values()]
    assert list(thumbnails(["0.png", "1.png", "2.png"], **RULES | {"budget": sum(sizes[:2])})) == ["0.png", "1.png"]
