import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from idealcat.manifest import write_manifest

SPLITS = ("train", "train", "validation", "test")


@pytest.fixture
def choose(workspace: Path) -> Callable[..., None]:
    """Sets keys of a section of the workspace's params.yaml."""

    def set_keys(section: str, **values: Any) -> None:
        params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
        params[section] |= values
        Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")

    return set_keys


@pytest.fixture
def dataset(choose: Callable[..., None]) -> pd.DataFrame:
    """Sixteen small photos, dogs brighter than cats, with their manifest, and a random backbone of 32 pixels chosen."""
    rng = np.random.default_rng(0)
    rows = []
    for number in range(16):
        label = ("cat", "dog")[number % 2]
        path = Path(f"data/raw/{label}/{number:02}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 128, (32, 32, 3)) + 127 * (number % 2)
        Image.fromarray(pixels.astype("uint8")).save(path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        rows.append((path.as_posix(), label, SPLITS[number // 2 % 4], sha256, 32, 32, sha256[:16]))
    columns = ["path", "label", "split", "sha256", "width", "height", "group"]
    manifest = pd.DataFrame(rows, columns=columns)
    write_manifest(manifest)
    choose("backbone", weights="random", image_size=32)
    return manifest
