"""Decides whether the newest registered model becomes the champion: `python -m ops.promote [--rollback]`.

Champion and challenger are scored and attacked on the challenger's test photos. The challenger takes the alias
`champion` unless it may be worse by more than a margin (params.yaml: review.margins) or its data is suspect; the old
champion stays reachable as `previous`. What was decided, and on which figures, is written on the model version.
"""

import argparse
import hashlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from idealcat.base.errors import DataError, PhotoError, one_line
from idealcat.base.params import load_params
from idealcat.photos.manifest import PATH as MANIFEST
from idealcat.photos.manifest import read_manifest
from idealcat.serving.photo_classifier import PhotoClassifier
from idealcat.statistics.paired import compare
from idealcat.statistics.settings import Margins, Review
from ops.promote.gate import Figure, Verdict, decide, relabelled, suspect_labels, suspect_metrics
from ops.promote.robustness import compare_robustness
from ops.shared.registry import (
    REFUSED,
    classifier_of,
    metrics_of,
    published,
    record,
    rollback,
    version_called,
    version_of,
)
from ops.shared.tracking import CHAMPION, connect, lock


def main() -> None:
    """Decides and prints why; exit code 4 where the challenger is refused, 1 where nothing could be decided."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--version", help="the challenger; default: the newest version")
    parser.add_argument("--rollback", action="store_true", help="make the previous champion the champion again")
    arguments = parser.parse_args()
    with one_line("promote"):
        client = connect()
        with lock("promote"):
            if arguments.rollback:
                print(f"promote: {rollback(client)}")
                return
            verdict = promote(client, arguments.version)
    print("\n".join(verdict.lines))
    sys.exit(0 if verdict.promoted else REFUSED)


def promote(client: Any, number: str | None = None) -> Verdict:
    """Decides on a version (None: the newest), writes the verdict on it and, if promoted, moves the aliases.

    Raises:
        DataError: there is no such model, or its test photos are not here.
        TrackingError: the registry failed.
    """
    margins = load_params().section(Review).margins
    challenger = version_of(client, number)
    champion = version_called(client, CHAMPION)
    if champion and champion.version == challenger.version:
        return Verdict(True, [f"version {challenger.version} is the champion already"])
    check_photos(challenger)
    if champion is None:
        faults = suspect_metrics(metrics_of(client, challenger), None)
        verdict = decide(challenger.version, None, faults=faults, figures=[], notes=[])
    else:
        verdict = compared(client, challenger, champion, margins)
    record(client, challenger, champion, promoted=verdict.promoted, lines=verdict.lines)
    return verdict


def compared(client: Any, challenger: Any, champion: Any, margins: Margins) -> Verdict:
    """The verdict on a challenger beside the champion; errors as of `promote`."""
    manifest = read_manifest()
    test = manifest.query("split == 'test'")
    faults = suspect_metrics(metrics_of(client, challenger), metrics_of(client, champion))
    old, new = (classifier_of(client, version) for version in (champion, challenger))
    rights = [right(classifier, test) for classifier in (old, new)]
    if lost := sorted(set(old.labels) - set(new.labels)):
        faults.append(f"the challenger lost the class {', '.join(lost)}")
    notes = []
    with TemporaryDirectory(prefix="idealcat-") as folder:
        if before := published(client, champion, MANIFEST.as_posix(), Path(folder)):
            known = read_manifest(before)
            faults += relabelled(manifest, known)
            faults += suspect_labels(test["sha256"].isin(known["sha256"]).to_numpy(), *rights, margin=margins.accuracy)
        else:
            notes.append(f"data: the champion was published without its {MANIFEST}, so labels were not compared")
    figures = [Figure("accuracy", "accuracy", compare(*rights), margins.accuracy)]
    robust, said = compare_robustness(client, challenger, champion, test, margins.robustness)
    return decide(challenger.version, champion.version, faults=faults, figures=figures + robust, notes=notes + said)


def right(classifier: PhotoClassifier, test: pd.DataFrame) -> np.ndarray:
    """Of each test photo, whether it is classified right, booleans `(N,)`."""
    try:
        probabilities = classifier.classify([Path(path).read_bytes() for path in test["path"]])
    except (OSError, PhotoError) as error:
        raise DataError(f"a test photo can't be read ({error}); `dvc pull` or `dvc checkout data/raw`") from error
    return np.array(classifier.labels)[probabilities.argmax(axis=1)] == test["label"].to_numpy()


def check_photos(challenger: Any) -> None:
    """Raises DataError where the manifest in the work tree is not the one that the challenger was made from."""
    expected = challenger.tags.get("idealcat.manifest")
    try:
        received = hashlib.md5(MANIFEST.read_bytes(), usedforsecurity=False).hexdigest()
    except OSError:
        received = "no file"
    if expected != received:
        commit = challenger.tags.get("idealcat.commit", "")[:12]
        raise DataError(
            f"{MANIFEST} is not that of version {challenger.version} (expected {expected}, received {received}); "
            f"its test photos are needed: git checkout {commit} && dvc checkout"
        )


if __name__ == "__main__":
    main()
