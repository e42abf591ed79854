"""A vision transformer as a preset of KerasHub in a folder, at random weights, so that tests need no download."""

from pathlib import Path

import pytest


def save_small_preset(folder: Path, *, size: int = 32, class_token: bool = True) -> Path:
    """Saves two blocks over patches of 8 pixels, and how its pixels are scaled; skips the test without KerasHub."""
    hub = pytest.importorskip("keras_hub", reason="pip install -r requirements-keras-hub.txt")
    network = hub.models.ViTBackbone(
        image_shape=(size, size, 3),
        patch_size=8,
        num_layers=2,
        num_heads=2,
        hidden_dim=16,
        mlp_dim=32,
        use_class_token=class_token,
    )
    network.save_to_preset(str(folder))
    scaling = {"scale": [1 / 127.5, 1 / 120, 1 / 100], "offset": [-1.0, -0.9, -0.8]}
    hub.layers.ViTImageConverter(image_size=(size, size), **scaling).save_to_preset(str(folder))
    return folder
