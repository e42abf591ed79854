"""Says what is on photos: `python -m ops.predict PHOTO...` for files, folders and globs.

Asks the local model (data/model), or with `--model champion`, and where there is no local one, the registry's champion.
"""

import argparse
import glob
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path
from typing import Any

from tqdm import tqdm

from idealcat.base.errors import DataError, IdealcatError, PhotoError
from idealcat.base.quiet import quiet_start
from idealcat.networks.classifier_files import PATH
from idealcat.photos.formats import sniff
from idealcat.serving.conversion import local_classifier
from idealcat.serving.photo_classifier import PhotoClassifier
from ops.shared.registry import champion, classifier_of
from ops.shared.tracking import connect

MANY = 20  # photos, from which on a progress bar is worth its line
HEAD = 512  # bytes that tell what a file is


def main() -> None:
    """Prints a line a photo; exit code 1 where none could be read, or without a model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help="file, folder or glob")
    parser.add_argument("--jsonl", action="store_true", help="JSON Lines in place of a table")
    parser.add_argument("--model", choices=["local", "champion"], help="default: local where there is one")
    arguments = parser.parse_args()
    try:
        paths = expand(arguments.photos)
        classifier = load(arguments.model or ("local" if PATH.exists() else "champion"))
    except IdealcatError as error:
        sys.exit(f"predict: {error}")
    width = min(60, max(len(str(path)) for path in paths))
    good = 0
    with ThreadPoolExecutor(cpu_count()) as pool, tqdm(total=len(paths), unit="photo", disable=_few(paths)) as bar:
        for answer in pool.map(lambda path: predict(classifier, path), paths):
            good += "label" in answer
            bar.write(
                json.dumps(answer, ensure_ascii=False) if arguments.jsonl else row(answer, width), file=sys.stdout
            )
            bar.update()
    if not good:
        sys.exit(1)


def expand(names: list[str]) -> list[Path]:
    """The photos that names stand for, in order, each once. Raises DataError for a name that stands for none."""
    found: dict[Path, None] = {}
    for name in names:
        path = Path(name)
        if path.is_dir():
            some = [file for file in sorted(path.rglob("*")) if is_photo(file) and not hidden(file.relative_to(path))]
        else:
            some = [path] if path.exists() else [Path(match) for match in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207 absolute ones too
        if not some:
            raise DataError(f"expected a photo, a folder of photos or a glob, found nothing at {name}")
        found |= dict.fromkeys(some)
    return list(found)


def is_photo(path: Path) -> bool:
    """Whether a file is of a format that is read, by its first bytes, as in training; a name may say anything."""
    try:
        if not path.is_file():  # a pipe might never answer
            return False
        with path.open("rb") as file:
            return sniff(file.read(HEAD)) is not None
    except OSError:
        return True  # it is named when it is read


def hidden(path: Path) -> bool:
    """Whether a file, or a folder on the way to it, is hidden."""
    return any(part.startswith(".") for part in path.parts)


def load(which: str) -> PhotoClassifier:
    """The `local` classifier or the registry's `champion`."""
    with quiet_start():
        if which == "local":
            return local_classifier()
        client = connect()
        return classifier_of(client, champion(client))


def predict(classifier: PhotoClassifier, path: Path) -> dict[str, Any]:
    """`photo`, `label` and `probabilities`; `photo` and `error` where it can't be read."""
    try:
        probabilities = classifier(path.read_bytes())
    except (OSError, PhotoError) as error:
        return {"photo": str(path), "error": getattr(error, "strerror", None) or str(error)}
    pairs = zip(classifier.labels, (round(float(value), 6) for value in probabilities), strict=True)
    return {
        "photo": str(path),
        "label": classifier.labels[int(probabilities.argmax())],
        "probabilities": dict(pairs),
    }


def row(answer: dict[str, Any], width: int) -> str:
    """A line of the table."""
    if "error" in answer:
        return f"{answer['photo']:<{width}}  error: {answer['error']}"
    return f"{answer['photo']:<{width}}  {answer['label']:<20} {answer['probabilities'][answer['label']]:.3f}"


def _few(paths: list[Path]) -> bool | None:
    return True if len(paths) < MANY else None


if __name__ == "__main__":
    main()
