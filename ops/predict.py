"""Says what is on photos: `python -m ops.predict PHOTO...` for files, folders, globs, tables, URLs.

Asks the local model (data/model), or with `--model champion`, and where there is no local one, the registry's champion.
With `--output` the answers go to a file; killed and run again, it goes on where it stopped. `--explain` draws why.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tqdm import tqdm

from idealcat.base.errors import DataError, PhotoError, one_line
from idealcat.base.files import replacing
from idealcat.photos.content import fetch
from idealcat.photos.png import slug
from idealcat.serving.answers_file import AnswersFile
from idealcat.serving.batch import Answer, answers
from idealcat.serving.photo_classifier import PhotoClassifier
from idealcat.serving.photo_names import expand
from idealcat.serving.training_photos import TrainingPhotos
from ops.shared.classifier import chosen_classifier

MANY = 20  # photos, from which on a progress bar is worth its line


def main() -> None:
    """Prints a line a photo, or writes a file; exit code 1 where no photo could be read, or without a model."""
    parser = argparse.ArgumentParser(prog="python -m ops.predict", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "photos", nargs="+", metavar="PHOTO", help="file, folder, glob, URL (s3://...), or a table: .csv, .parquet"
    )
    parser.add_argument("--jsonl", action="store_true", help="JSON Lines in place of a table of text")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write answers to FILE.jsonl or FILE.parquet")
    parser.add_argument("--nearest", action="store_true", help="name the training photos that are nearest to each")
    parser.add_argument("--explain", type=Path, metavar="FOLDER", help="draw why: heat maps of the local model")
    parser.add_argument("--column", default="path", help="the column of a table that names photos (path)")
    parser.add_argument("--model", choices=["local", "champion"], help="default: local where there is one")
    arguments = parser.parse_args()
    with one_line("predict"):
        if arguments.explain and arguments.model == "champion":
            raise DataError("--explain draws the local model's reasons; expected no --model champion with it")
        names = expand(arguments.photos, column=arguments.column)
        classifier = chosen_classifier("local" if arguments.explain else arguments.model)
        training = TrainingPhotos.of(classifier) if arguments.nearest else None
        if classifier.limits.reason:
            print(f"predict: no sets and no unknowns: {classifier.limits.reason}", file=sys.stderr)
        if arguments.output:
            good = write(classifier, names, arguments.output, training)
        else:
            good = show(classifier, names, training, jsonl=arguments.jsonl)
        if arguments.explain:
            explain(names, arguments.explain, max_pixels=classifier.max_pixels)
    if not good:
        sys.exit(1)


def write(classifier: PhotoClassifier, names: list[str], output: Path, training: TrainingPhotos | None = None) -> int:
    """Answers what `output` does not have yet, and returns how many photos could be read. Raises DataError."""
    limits = classifier.limits
    asked = f"{limits.coverage} {limits.known} {limits.reason} {training is not None}".encode()
    file = AnswersFile(output, names, classifier.model + asked, classifier.labels)
    done = file.begin()
    if done:
        print(f"predict: goes on after {done} of {len(names)} photos, found in {file.part}", file=sys.stderr)
    errors = file.add(_with_bar(answers(classifier, names[done:], training=training), total=len(names), done=done))
    file.finish()
    told = f", {errors} of them can't be read" if errors else ""
    print(f"predict: {output}, {len(names)} photos{told}")
    return len(names) - errors


def show(classifier: PhotoClassifier, names: list[str], training: TrainingPhotos | None, *, jsonl: bool) -> int:
    """Prints the answers, and returns how many photos could be read."""
    width = min(60, max(map(len, names)))
    good = 0
    for answer in _with_bar(answers(classifier, names, training=training), total=len(names)):
        good += "label" in answer
        tqdm.write(json.dumps(answer, ensure_ascii=False) if jsonl else row(answer, width), file=sys.stdout)
    return good


def explain(names: list[str], folder: Path, *, max_pixels: int) -> None:
    """Writes `<number>_<name>.jpg` for each photo that can be read: orange speaks for its label, blue against it."""
    from idealcat.audit.heat_maps.explainer import Explainer  # noqa: PLC0415 it starts Keras, which takes seconds

    explainer, drawn = Explainer.local(max_pixels=max_pixels), 0
    for number, name in enumerate(tqdm(names, unit="photo", desc="explain", disable=None)):
        try:
            picture = explainer(fetch(name))
        except (OSError, DataError, PhotoError):
            continue  # its answer says why
        with replacing(folder / f"{number:05}_{slug(Path(name).stem)}.jpg") as beside:
            beside.write_bytes(picture)
        drawn += 1
    print(f"predict: {folder}, {drawn} heat maps", file=sys.stderr)


def row(answer: Answer, width: int) -> str:
    """A line of the table: the label, its probability, and what is to be known of it."""
    if "error" in answer:
        return f"{answer['photo']:<{width}}  error: {answer['error']}"
    told = f"{answer['photo']:<{width}}  {answer['label']:<20} {answer['probabilities'][answer['label']]:.3f}"
    some = answer.get("set")
    if answer.get("unknown"):
        told += "  unlike anything known"
    elif some is not None and len(some) != 1:
        told += f"  may be {', '.join(some)}" if some else "  unsure"
    near = [f"{photo['path']} ({photo['label']})" for photo in answer.get("nearest", [])]
    return f"{told}  near {', '.join(near)}" if near else told


def _with_bar(some: Iterable[Answer], *, total: int, done: int = 0) -> Iterator[Answer]:
    hidden = True if total < MANY else None
    yield from tqdm(some, total=total, initial=done, unit="photo", desc="predict", disable=hidden)


if __name__ == "__main__":
    main()
