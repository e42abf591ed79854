"""Photos a second of `ops.predict` beside those of extraction, and what a kill costs.

`python -m benchmarks.predict FOLDER [--photos 10000] [--rounds 2]` in a project's folder, after `dvc repro evaluate`.
FOLDER holds photos in class folders; if they are too few, more are made by flips and turns. Both read the same files
and start with the network loaded; extraction writes Parquet from a cold store. They alternate, a part of the photos at
a time. With `--kill` in place of all that, `python -m ops.predict` is ended by SIGKILL amid the photos, run again, and
its rows are counted.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.pipeline import write_photos
from benchmarks.results import PATH, machine, markdown, photo_files, spread, write_section
from idealcat.base.files import sha256_of
from idealcat.base.params import load_params
from idealcat.extraction.choice import Choice, choose
from idealcat.extraction.fill import fill
from idealcat.extraction.settings import ExtractFeatures
from idealcat.networks.description import read_description
from idealcat.photos.read import Photo
from idealcat.serving.conversion import local_classifier
from idealcat.serving.photo_classifier import PhotoClassifier
from ops.predict import write

RESULTS = Path(__file__).parents[1] / PATH


def main() -> None:
    """Measures, prints the table and writes it to benchmarks/RESULTS.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--kill", action="store_true", help="kill a run amid the photos, and go on with it")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        album = chosen.folder.absolute()
        if len(photo_files(album)) < chosen.photos:
            album = Path(scratch, "album")
            write_photos(chosen.folder, album, count=chosen.photos, side=0)
        files = photo_files(album)[: chosen.photos]
        if chosen.kill:
            killed(files, Path(scratch))
        else:
            speeds(files, chosen.rounds, Path(scratch))


def speeds(files: list[Path], rounds: int, scratch: Path) -> None:
    """Writes the rates and their ratio; each round takes its share of the photos, so none is computed before."""
    os.environ["IDEALCAT_CACHE"] = str(scratch / "cache")
    photos = [Photo(str(path), sha256_of(path)) for path in files]
    settings = load_params().section(ExtractFeatures)
    choice, classifier = choose(settings, read_description(), photos), local_classifier()
    seconds: dict[str, list[float]] = {"extraction": [], "ops.predict": []}
    for number in range(rounds):
        part = photos[number::rounds]
        seconds["extraction"].append(extraction(choice, part, settings, scratch / f"{number}.parquet"))
        seconds["ops.predict"].append(prediction(classifier, part, scratch / f"answers-{number}.parquet"))
    share = len(photos) / rounds
    rows = [{"command": name, "photos/s": spread([share / one for one in some])} for name, some in seconds.items()]
    ratio = sum(seconds["extraction"]) / sum(seconds["ops.predict"])
    about = f"{machine('ai-edge-litert', 'pillow')} {choice.spec.backbone.name} by {choice.spec.engine}."
    told = f"{len(photos):,} photos in {rounds} rounds; over all, prediction has {ratio:.2f} of extraction's rate."
    write_section("Prediction: photos a second", f"{about} {told}\n\n{markdown(rows)}", RESULTS)


def extraction(choice: Choice, photos: list[Photo], settings: ExtractFeatures, path: Path) -> float:
    """Seconds from files to Parquet."""
    start = time.perf_counter()
    fill(choice, photos, settings, path=path)
    return time.perf_counter() - start


def prediction(classifier: PhotoClassifier, photos: list[Photo], path: Path) -> float:
    """Seconds from files to answers in Parquet."""
    start = time.perf_counter()
    write(classifier, [photo.path for photo in photos], path)
    return time.perf_counter() - start


def killed(files: list[Path], scratch: Path) -> None:
    """Prints what is left after a SIGKILL at half of the photos and another run; exit code 1 where a row is amiss."""
    names, listed, output = [str(path) for path in files], scratch / "photos.csv", scratch / "answers.parquet"
    listed.write_text("\n".join(["path", *names]) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "ops.predict", str(listed), "--output", str(output)]
    child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    part = output.with_name(output.name + ".part")
    while not part.exists() or part.read_bytes().count(b"\n") < len(files) // 2:
        if child.poll() is not None:
            sys.exit("the run ended before it could be killed")
        time.sleep(0.5)
    child.send_signal(signal.SIGKILL)
    child.wait()
    answered = part.read_bytes().count(b"\n") - 1
    subprocess.run(command, check=True)
    rows = pq.read_table(output, columns=["photo", "error"]).to_pydict()
    print(f"killed after {answered}, then {len(rows['photo'])} rows, {len(set(rows['photo']))} of them distinct")
    in_order = rows["photo"] == names
    print(f"in order: {in_order}; errors: {sum(error is not None for error in rows['error'])}")
    sys.exit(not in_order)


if __name__ == "__main__":
    main()
