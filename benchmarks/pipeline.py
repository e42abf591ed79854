"""Whole runs of `dvc repro` up to evaluate, stage by stage: cold, with 1 % more photos, unchanged, with another head.

`python -m benchmarks.pipeline FOLDER [--photos 2500] [--side 0]`; FOLDER holds photos in class folders. If they are
too few, more are made by flips and turns, which the perceptual hash tells apart; `--side` scales them up. Runs are
made by copy and by reference, each in a clone of its own with an empty cache. A run's seconds are the stages' own
work, the start of their processes (Python and frameworks, measured apart), and the rest, which is DVC's.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import yaml
from PIL import Image

from benchmarks.results import PATH, machine, markdown, write_section

ROOT = Path(__file__).parents[1]
STAGES = ("fetch_data", "preprocess", "fetch_backbone", "extract_features", "train_classifier", "evaluate")
TURNS = (None, *Image.Transpose)
MORE = 0.01  # share of photos that are added


def main() -> None:
    """Measures, prints the table and writes it to benchmarks/RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=2500)
    parser.add_argument("--side", type=int, default=0, help="pixels a side to scale photos up to; 0: as they are")
    chosen = parser.parse_args()
    results = PATH.absolute()
    with tempfile.TemporaryDirectory() as scratch:
        starts = {stage: start_of(stage) for stage in STAGES}
        rows = []
        for keep in ("copy", "reference"):
            album = Path(scratch, f"album-{keep}")
            write_photos(chosen.folder, album, count=chosen.photos, side=chosen.side)
            clone = prepare(Path(scratch, keep), album, keep)
            rows += list(measure(clone, chosen, album, starts, keep))
    size = f"{chosen.side} px" if chosen.side else "as they are"
    started = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in starts.items())
    about = f"{machine('dvc', 'tensorflow', 'keras')} Seconds; photos {size}. Start of a stage's process: {started}."
    title = f"Pipeline: {chosen.photos:,} photos{f' of {chosen.side} px' if chosen.side else ''}"
    write_section(title, f"{about}\n\n{markdown(rows)}", results)


def measure(
    clone: Path, chosen: argparse.Namespace, album: Path, starts: dict[str, float], keep: str
) -> Iterator[dict[str, str]]:
    """A row for each kind of run."""
    yield {"photos": keep, "run": "cold", **timed(clone, starts)}
    write_photos(chosen.folder, album, count=round(chosen.photos * MORE), side=chosen.side, skip=chosen.photos)
    yield {"photos": keep, "run": "+ 1 %", **timed(clone, starts)}
    yield {"photos": keep, "run": "unchanged", **timed(clone, starts)}
    set_keys(clone, "train_classifier", learning_rate=0.002)
    yield {"photos": keep, "run": "another head", **timed(clone, starts)}


def timed(clone: Path, starts: dict[str, float]) -> dict[str, str]:
    """Seconds of `dvc repro evaluate`: all, each stage's own, the starts of those that ran, and what is left."""
    shutil.rmtree(clone / "runs", ignore_errors=True)
    environment = os.environ | {
        "IDEALCAT_CACHE": str(clone.parent / f"{clone.name}-cache"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    os.sync()  # no run pays for what the one before has yet to write to the disk
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "dvc", "repro", "-q", "evaluate"], cwd=clone, env=environment, check=True)
    total = time.perf_counter() - begin
    own = {path.stem: json.loads(path.read_text())["seconds"] for path in (clone / "runs").glob("*.json")}
    started = sum(starts[stage] for stage in own)
    seconds = {"all": total, **{stage: own.get(stage, 0.0) for stage in STAGES}, "starts": started}
    row = {name: f"{value:.1f}" for name, value in seconds.items()}
    return row | {"DVC": f"{total - sum(own.values()) - started:.1f}"}


def start_of(stage: str) -> float:
    """Seconds until a process has imported a stage, as `stages/__main__.py` does, and has ended.

    The second time, as the first reads files from the disk.
    """
    imported = f"import gc; gc.disable(); import stages.{stage}; gc.freeze()"
    for _ in range(2):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", imported], cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - begin


def prepare(clone: Path, album: Path, keep: str) -> Path:
    """A clone of this repository as it stands, with the album as its source."""
    ignored = shutil.ignore_patterns(
        ".venv", "cache", "tmp", "data", "runs", "metrics", "shared", "__pycache__", "dvc.lock"
    )
    shutil.copytree(ROOT, clone, ignore=ignored)
    for command in (["git", "init", "-q"], [sys.executable, "-m", "dvc", "init", "-q", "-f"]):
        shutil.rmtree(clone / (".git" if command[0] == "git" else ".dvc"), ignore_errors=True)
        if not (clone / ".git").is_file():
            subprocess.run(command, cwd=clone, check=True)
    set_keys(clone, "fetch_data", source="directory", path=str(album), keep=keep)
    return clone


def set_keys(clone: Path, section: str, **values: object) -> None:
    """Sets keys of a section of the clone's params.yaml."""
    params = yaml.safe_load((clone / "params.yaml").read_text())
    params[section] |= values
    (clone / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))


def write_photos(folder: Path, album: Path, *, count: int, side: int, skip: int = 0) -> None:
    """Writes photos into class folders: first as they are, then flipped and turned, then cropped and so on."""
    for number, (label, path, turn, crop) in islice(enumerate(variants(folder)), skip, skip + count):
        image = Image.open(path).convert("RGB")
        image = image if turn is None else image.transpose(turn)
        width, height = image.size
        image = image.crop((crop, crop, width - crop, height - crop)) if crop else image
        image = image.resize((side, side * 3 // 4), Image.Resampling.BICUBIC) if side else image
        (album / label).mkdir(parents=True, exist_ok=True)
        image.save(album / label / f"{number:06}.jpg", quality=95)


def variants(folder: Path) -> Iterator[tuple[str, Path, Image.Transpose | None, int]]:
    """Label, file, turn and pixels to crop of each photo that can be made, the classes in turn."""
    classes = {child.name: sorted(child.iterdir()) for child in sorted(folder.iterdir()) if child.is_dir()}
    for crop in (0, 20, 40):
        for turn in TURNS:
            for files in zip(*classes.values(), strict=False):
                for label, path in zip(classes, files, strict=True):
                    yield label, path, turn, crop


if __name__ == "__main__":
    main()
