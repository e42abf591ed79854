"""What reviews say of real changes, in a repository made for it: `python -m benchmarks.reviews FOLDER [--per-class N]`.

FOLDER, which must not exist, becomes a repository of this project with sketches as its photos, a base on `main`, and
three branches: one that helps (larger images), one that hurts (a network without training), and one with another seed.
It prints what `python -m ops.review --fail-on worse` says of each, and its exit code; the pages stay in FOLDER.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
PROJECT = ("dvc.yaml", "params.yaml", ".dvcignore", ".gitignore", "idealcat", "stages", "ops", "photos")
CHANGES: dict[str, dict[str, Any]] = {
    "helps": {"backbone.image_size": 160},
    "hurts": {"backbone.weights": "random"},
    "other-seed": {"seed": 21},
}
SMALL = {  # attacks that are over in seconds
    "fetch_data.source": "directory",
    "backbone.image_size": 48,
    "generate_adversarial.steps": 4,
    "generate_adversarial.minimal_steps": 4,
    "generate_adversarial.epsilons": [0, 0.5, 8],
}


def main() -> None:
    """Makes the repository, the commits and the reviews."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--per-class", type=int, default=600, metavar="N", help="sketches a class, default 600")
    arguments = parser.parse_args()
    make(arguments.folder, arguments.per_class)
    for name, change in CHANGES.items():
        run("git", "checkout", "-q", "-b", name, "main")
        choose(change)
        result(name)
        found = subprocess.run(
            [sys.executable, "-m", "ops.review", "--output", f"reviews/{name}.md", "--fail-on", "worse"],
            check=False,
            capture_output=True,
            text=True,
        )
        verdicts = re.findall(r"^- \*\*.*", found.stdout, re.MULTILINE)
        print(f"{name}: exit code {found.returncode}", *verdicts, found.stderr, sep="\n  ", flush=True)


def make(folder: Path, per_class: int) -> None:
    """A repository of the project with its base, and the work moved there."""
    folder.mkdir(parents=True)
    for name in PROJECT:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    os.chdir(folder)
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    run("git", "init", "-q", "-b", "main")
    run("dvc", "init", "-q")
    choose({"fetch_data.sketches.per_class": per_class})
    run(sys.executable, "-m", "stages.fetch_data")
    shutil.copytree("data/raw", "album")  # the same photos whatever the seed
    with Path(".gitignore").open("a", encoding="utf-8") as ignored:
        ignored.write("/album/\n/reviews/\n")
    choose(SMALL | {"fetch_data.path": str(Path("album").absolute())})
    result("base")


def choose(values: dict[str, Any]) -> None:
    """Sets parameters by their dotted names."""
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    for name, value in values.items():
        *sections, key = name.split(".")
        place = params
        for section in sections:
            place = place[section]
        place[key] = value
    Path("params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")


def result(message: str) -> None:
    """Runs the stages that a review looks at, and commits."""
    run("dvc", "repro", "-q", "evaluate", "generate_adversarial")
    run("git", "add", "-A")
    run("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", message)


def run(*command: str) -> None:
    """Runs a command; what it prints is seen only where it fails."""
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    if found.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{found.stdout}{found.stderr}")


if __name__ == "__main__":
    main()
