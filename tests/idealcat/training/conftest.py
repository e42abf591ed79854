import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def photo_paths(tmp_path):
    """Eight photos, the four of class 1 brighter."""
    rng = np.random.default_rng(0)
    for number in range(8):
        pixels = rng.integers(0, 128, (32, 32, 3)) + 127 * (number % 2)
        Image.fromarray(pixels.astype("uint8")).save(tmp_path / f"{number}.png")
    return [str(tmp_path / f"{number}.png") for number in range(8)], np.arange(8) % 2
