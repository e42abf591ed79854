"""A pipeline on sixteen small photos, run once a session and copied into each test's workspace."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from idealcat.photos.manifest import read_manifest, write_manifest
from stages import extract_features, fetch_backbone, train_classifier

ROOT = Path(__file__).parents[2]
SPLITS = ("train", "train", "validation", "test")


def set_keys(section: str, **values: Any) -> None:
    """Sets keys of a section of params.yaml in the working folder."""
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params[section] |= values
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")


@pytest.fixture
def choose(workspace: Path) -> Callable[..., None]:
    """Sets keys of a section of the workspace's params.yaml."""
    return set_keys


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Folders of the pipeline before its first stage that needs a network, and after `extract` and `train`."""
    folder = tmp_path_factory.mktemp("prepared")
    before, cache = Path.cwd(), os.environ.get("IDEALCAT_CACHE")
    os.environ["IDEALCAT_CACHE"] = str(folder / "cache")
    (folder / "run").mkdir()
    shutil.copy(ROOT / "params.yaml", folder / "run")
    os.chdir(folder / "run")
    steps = {}
    try:
        for name, step in (("dataset", draw), ("extracted", extract), ("trained", train_classifier.main)):
            step()
            steps[name] = shutil.copytree(folder / "run", folder / name)
    finally:
        os.chdir(before)
        os.environ.pop("IDEALCAT_CACHE")
        if cache is not None:
            os.environ["IDEALCAT_CACHE"] = cache
    yield steps


@pytest.fixture
def dataset(workspace: Path, prepared: dict[str, Path]) -> pd.DataFrame:
    """Sixteen small photos, dogs brighter than cats, with their manifest, and a random backbone of 32 pixels chosen."""
    shutil.copytree(prepared["dataset"], workspace, dirs_exist_ok=True)
    return read_manifest()


@pytest.fixture
def extracted(workspace: Path, prepared: dict[str, Path]) -> pd.DataFrame:
    """The dataset with its backbone and features."""
    shutil.copytree(prepared["extracted"], workspace, dirs_exist_ok=True)
    return read_manifest()


@pytest.fixture
def trained(workspace: Path, prepared: dict[str, Path]) -> pd.DataFrame:
    """The dataset with its backbone, features and classifier."""
    shutil.copytree(prepared["trained"], workspace, dirs_exist_ok=True)
    return read_manifest()


def extract() -> None:
    """The stages up to the features."""
    fetch_backbone.main()
    extract_features.main()


def draw() -> None:
    """Writes the photos, their manifest and the choice of a small network."""
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
    write_manifest(pd.DataFrame(rows, columns=columns))
    set_keys("backbone", weights="random", image_size=32)
    set_keys("extract_features", engine="keras")  # starts at once; LiteRT has tests of its own
    set_keys("train_classifier", steps=20, dropout=0.0)
