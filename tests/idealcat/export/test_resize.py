from typing import get_args

import numpy as np
import pytest
from PIL import Image

from idealcat.export.resize import Resize
from idealcat.photos.pixels import Pixels, network_input
from idealcat.photos.pixels import Resize as Ways


@pytest.mark.parametrize("way", get_args(Ways))
@pytest.mark.parametrize("shape", [(200, 200), (300, 500), (33, 1), (7, 900), (32, 64), (16, 16), (101, 75)])
def test_resize_gives_the_pipelines_bytes(shape, way):
    photo = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype="uint8")
    small = np.array(Resize(32, way)(photo[None]))
    assert (small[0] == network_input(Image.fromarray(photo), Pixels(32, way))).all()


def test_extreme_pixels_stay_in_range():
    photo = np.where(np.indices((90, 70)).sum(axis=0)[..., None] % 2, 255, 0).repeat(3, axis=2).astype("uint8")
    small = np.array(Resize(224)(photo[None]))
    assert small.min() == 0
    assert small.max() == 255
