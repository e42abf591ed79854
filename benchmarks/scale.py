"""Seconds and memory of extract_features on 250, 2,500 and 25,000 photos, and after 1 % more of them.

`python -m benchmarks.scale FOLDER [--counts 250 2500 25000]`; FOLDER holds photos, in class folders or not. The stage
runs in a process of its own, its start included, with the default backbone, on crops of these photos at 200 pixels.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.results import machine, markdown, photo_files, write_section
from idealcat.base.artifacts import FEATURES
from idealcat.base.files import read_json
from idealcat.photos.manifest import write_manifest


def main() -> None:
    """Measures, prints the table and writes it to benchmarks/RESULTS.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--counts", nargs="+", type=int, default=[250, 2500, 25000])
    chosen = parser.parse_args()
    files = photo_files(chosen.folder)
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(files, count, Path(folder) / str(count)) for count in chosen.counts]
    about = machine("ai-edge-litert", "pillow")
    write_section("Extraction: seconds and memory", f"{about} efficientnet_lite0, 200 px.\n\n{markdown(rows)}")


def measure(files: list[Path], count: int, workspace: Path) -> dict[str, object]:
    """A row: the stage on `count` photos with an empty store, then with 1 % more, then unchanged."""
    workspace.mkdir()
    root = str(Path.cwd())
    shutil.copy("params.yaml", workspace)
    environment = os.environ | {"PYTHONPATH": root, "IDEALCAT_CACHE": str(workspace / "cache")}
    manifest = crops(files, count + max(1, count // 100), workspace)
    stage(workspace, environment, "fetch_backbone")
    row: dict[str, object] = {"photos": f"{count:,}"}
    for title, part in (("cold", manifest[:count]), ("+ 1 %", manifest), ("unchanged", manifest)):
        write_manifest(part, workspace / "data" / "manifest.csv")
        start = time.perf_counter()
        stage(workspace, environment, "extract_features")
        row[f"{title}: seconds"] = f"{time.perf_counter() - start:.1f}"
        run = read_json(workspace / "runs" / "extract_features.json")
        if title != "unchanged":
            row[f"{title}: computed"] = run["computed"]
        row[f"{title}: peak MB"] = f"{run['peak_memory_bytes'] / 1e6:.0f}"
    row["features MB"] = f"{(workspace / FEATURES.path).stat().st_size / 1e6:.1f}"
    row["store MB"] = f"{sum(path.stat().st_size for path in workspace.rglob('*.shard')) / 1e6:.1f}"
    shutil.rmtree(workspace)
    return row


def stage(workspace: Path, environment: dict[str, str], name: str) -> None:
    """Runs a stage to its end."""
    command = [sys.executable, "-m", f"stages.{name}"]
    subprocess.run(command, cwd=workspace, env=environment, check=True, stdout=subprocess.DEVNULL)


def crops(files: list[Path], count: int, workspace: Path) -> pd.DataFrame:
    """The manifest of so many different photos: random crops of `files`, mirrored or not, as JPEG of 200 pixels."""
    folder = workspace / "data" / "raw" / "photo"
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    rows = []
    for number, path in enumerate(islice(cycle(files), count)):
        with Image.open(path) as image:
            side = int(min(image.size) * random.uniform(0.7, 0.95))
            left, top = (int(random.integers(0, length - side + 1)) for length in image.size)
            crop = image.convert("RGB").crop((left, top, left + side, top + side)).resize((200, 200))
        target = folder / f"{number:06}.jpg"
        crop.save(target, quality=90)
        name = hashlib.sha256(target.read_bytes()).hexdigest()
        rows.append((target.relative_to(workspace).as_posix(), "photo", "train", name, 200, 200, name[:16]))
    return pd.DataFrame(rows, columns=["path", "label", "split", "sha256", "width", "height", "group"])


if __name__ == "__main__":
    main()
