"""Do new photos come from elsewhere? `python -m ops.drift FOLDER_OR_TABLE` holds them against those of the manifest.

Prints whether they do, by a test that calls few batches of the same source so; the accuracy to expect on them,
without labels; and which photos show it most. Photos of the manifest, or altered copies of some, may be among them:
they are held against the rest.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from idealcat.audit.drift import ALPHA, LEAST, MOST, drift
from idealcat.audit.expected import expected_accuracy
from idealcat.base.artifacts import metrics_of
from idealcat.base.errors import DataError, one_line
from idealcat.base.files import read_json
from idealcat.base.tables import write_csv
from idealcat.statistics.predictions import (
    COLUMNS,
    OUT_OF_FOLD_COLUMNS,
    probabilities_of,
    read_out_of_fold,
    read_predictions,
)
from ops.shared.new_photos import KnownPhotos, NewPhotos, known_photos, new_photos

SHOWN = 10  # photos that are named


def main() -> None:
    """Prints the verdict; exit code 1 where there are too few photos to tell, or no results to hold them against."""
    parser = argparse.ArgumentParser(prog="python -m ops.drift", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("photos", nargs="+", metavar="FOLDER_OR_TABLE", help="folder, glob, photo, URL, .csv, .parquet")
    parser.add_argument("--column", default="path", help="the column of a table that names photos (path)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write path,score of each photo as CSV")
    arguments = parser.parse_args()
    with one_line("drift"):
        new = new_photos(arguments.photos, column=arguments.column, title="drift")
        for line in verdict(new, known_photos(new, title="drift"), arguments.output):
            print(f"drift: {line}")


def verdict(new: NewPhotos, known: KnownPhotos, output: Path | None) -> Iterator[str]:
    """The lines that are printed; writes `output`. Raises DataError where there are too few photos on one side."""
    asked, rest = (
        table.drop_duplicates("group").index[:MOST].to_numpy() for table in (new.table, known.table)
    )  # one of each group of near duplicates: they are one draw; by SHA-256, so at random
    if min(len(asked), len(rest)) < LEAST:
        raise DataError(
            f"expected at least {LEAST} new photos and as many others in data/manifest.csv, near duplicates counted "
            f"once; received {len(asked)} and {len(rest)}"
        )
    found = drift(known.vectors[rest], new.vectors[asked])
    told = f", {new.left_out} left out" if new.left_out else ""
    yield f"{len(new.table)} photos{told}; {len(asked)} of them held against {len(rest)} known ones"
    if known.unread:
        yield f"{known.unread} photos of the manifest can't be read: altered copies of them would hide a difference"
    word = "they come from elsewhere" if found.found else "nothing tells them from the known ones"
    yield f"{word} (p = {found.p:.3f}; {ALPHA:.0%} of batches from the same source are called different)"
    yield shares(new, known)
    yield expected(new)
    ranked = new.table["path"].iloc[asked].to_frame().assign(score=found.scores)
    ranked = ranked.sort_values("score", ascending=False, ignore_index=True)
    if output:
        write_csv(ranked, output)
        yield f"{output}: {len(ranked)} photos, those that differ most first"
    elif found.found:
        yield f"those that differ most: {', '.join(ranked['path'].head(SHOWN))}"


def shares(new: NewPhotos, known: KnownPhotos) -> str:
    """The classes that differ most in their share, as predicted and as labelled: another mixture is drift, too."""
    said = np.bincount(new.probabilities.argmax(axis=1), minlength=len(new.labels)) / len(new.table)
    had = known.table["label"].value_counts(normalize=True)
    pairs = sorted(zip(new.labels, said, strict=True), key=lambda pair: -abs(pair[1] - float(had.get(pair[0], 0.0))))
    return "predicted " + ", ".join(
        f"{label} {share:.0%} (known {had.get(label, 0):.0%})" for label, share in pairs[:4]
    )


def expected(new: NewPhotos) -> str:
    """The accuracy to expect, beside what the same confidence is worth on known photos that are not among the new."""
    estimate = expected_accuracy(new.probabilities, new.table["group"].nunique())
    told = f"expected accuracy, as far as confidence tells: {estimate.words}"
    judged, probabilities = judged_photos(new.labels, without=set(new.table["sha256"]))
    if judged.empty:
        return told
    right = np.array(new.labels)[probabilities.argmax(axis=1)] == judged["label"].to_numpy()
    confidence = expected_accuracy(probabilities, len(judged)).value
    return f"{told}; on known photos confidence tells {confidence:.3f}, and {right.mean():.3f} are right"


def judged_photos(labels: list[str], *, without: set[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """Photos with labels, and probabilities `(N, classes)` of a classifier that has not seen them.

    Those of cross-validation; once the backbone is fine-tuned, those of the test split, which alone are of it.
    """
    tuned = read_json(metrics_of("train_classifier").path)["fine_tuned_layers"] > 0
    table, columns = (read_predictions(), COLUMNS) if tuned else (read_out_of_fold(), OUT_OF_FOLD_COLUMNS)
    table = table[~table["sha256"].isin(without)]
    return table, probabilities_of(table, labels, columns)


if __name__ == "__main__":
    main()
