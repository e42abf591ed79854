"""Decides whether the newest registered model becomes the champion: `python -m ops.promote [--rollback]`.

Champion and challenger are scored on the challenger's test photos. The challenger takes the alias `champion` unless it
may be worse by more than a margin (params.yaml: review.margins) or its data is suspect; the old champion stays
reachable as `previous`. What was decided, and on which figures, is written on the model version.
"""

import argparse
import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from idealcat.errors import DataError, IdealcatError, PhotoError
from idealcat.manifest import PATH as MANIFEST
from idealcat.manifest import read_manifest
from idealcat.paired import paired_interval
from idealcat.photo_classifier import PhotoClassifier
from ops.predict import registered
from ops.tracking import CHAMPION, MODEL, PREVIOUS, connect, lock, tracking_errors

MARGIN = 0.02  # where params.yaml names none: points of accuracy that a challenger may lose, in the worst case
REJECTED = 0.05  # the share of rejected photos may grow by this much
SAMPLES = 10_000


@dataclass(frozen=True)
class Verdict:
    """Whether the challenger is promoted, and the figures, one line each, that say why."""

    promoted: bool
    lines: list[str]


def main() -> None:
    """Decides and prints why; exit code 1 where the challenger is refused or nothing could be decided."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--version", help="the challenger; default: the newest version")
    parser.add_argument("--rollback", action="store_true", help="make the previous champion the champion again")
    arguments = parser.parse_args()
    try:
        client = connect()
        with lock("promote"):
            if arguments.rollback:
                print(f"promote: {rollback(client)}")
                return
            verdict = promote(client, arguments.version)
    except IdealcatError as error:
        sys.exit(f"promote: {error}")
    print("\n".join(verdict.lines))
    sys.exit(not verdict.promoted)


def promote(client: Any, number: str | None = None) -> Verdict:
    """Decides on a version (None: the newest), writes the verdict on it and, if promoted, moves the aliases.

    Raises:
        DataError: there is no such model, or its test photos are not here.
        TrackingError: the registry failed.
    """
    challenger = _challenger(client, number)
    champion = _alias(client, CHAMPION)
    if champion and champion.version == challenger.version:
        return Verdict(True, [f"version {challenger.version} is the champion already"])
    _check_photos(challenger)
    checks = data_checks(_metrics(client, challenger), _metrics(client, champion) if champion else None)
    if champion is None:
        verdict = decide(challenger.version, None, checks, {})
    else:
        test = read_manifest().query("split == 'test'")
        rights, unknown = {}, []
        for version in (champion, challenger):
            classifier = registered(client, version)
            rights[version.version] = right(classifier, test)
            unknown.append(set(classifier.labels))
        if lost := sorted(unknown[0] - unknown[1]):
            checks.append(f"the challenger lost the class {', '.join(lost)}")
        interval = paired_interval(rights[champion.version], rights[challenger.version], samples=SAMPLES, seed=0)
        figures = {"accuracy": (interval, margin("accuracy"))}
        figures |= robustness(_metrics(client, challenger), _metrics(client, champion))
        verdict = decide(challenger.version, champion.version, checks, figures)
    _record(client, challenger, champion, verdict)
    return verdict


def decide(
    challenger: str,
    champion: str | None,
    faults: list[str],
    intervals: dict[str, tuple[tuple[float, float, float], float]],
) -> Verdict:
    """Not inferior: the lower bound of each 95 % interval is above minus its margin, and the data has no fault.

    `intervals` holds for each metric its 95 % interval (difference, low, high) and its margin, all shares of 1.
    """
    lines = [f"challenger: version {challenger}; champion: {f'version {champion}' if champion else 'none'}"]
    good = not faults
    for name, ((difference, low, high), allowed) in intervals.items():
        fine = low > -allowed
        good &= fine
        lines.append(
            f"{name}: {100 * difference:+.2f} points (95 % interval {100 * low:+.2f} to {100 * high:+.2f}), "
            f"{'not inferior' if fine else 'may be inferior'} by a margin of {100 * allowed:g}"
        )
    lines += [f"data: {fault}" for fault in faults] or ["data: checks hold"]
    lines.append(f"{'promoted' if good else 'refused'}: version {challenger}")
    return Verdict(good, lines)


def data_checks(new: dict[str, float], old: dict[str, float] | None) -> list[str]:
    """What is wrong with the challenger's data, in words; both are metrics as ops.publish names them."""
    faults = []
    if new.get("preprocess.leakage") != 0:
        faults.append(f"leakage between the splits must be 0, is {new.get('preprocess.leakage', 'unknown')}")
    if old is None:
        return faults
    share, before = (
        1 - metrics.get("preprocess.used", 0) / max(1, metrics.get("preprocess.photos", 1)) for metrics in (new, old)
    )
    if share > before + REJECTED:
        faults.append(f"{100 * share:.1f} % of the photos were rejected, {100 * before:.1f} % of the champion's")
    return faults


def right(classifier: PhotoClassifier, test: pd.DataFrame) -> np.ndarray:
    """Of each test photo, whether it is classified right, booleans `(N,)`."""
    try:
        probabilities = classifier.classify([Path(path).read_bytes() for path in test["path"]])
    except (OSError, PhotoError) as error:
        raise DataError(f"a test photo can't be read ({error}); `dvc pull` or `dvc checkout data/raw`") from None
    return np.array(classifier.labels)[probabilities.argmax(axis=1)] == test["label"].to_numpy()


def rollback(client: Any) -> str:
    """Swaps `champion` and `previous`: twice is as nothing. Raises DataError without a previous champion."""
    with tracking_errors():
        previous, champion = _alias(client, PREVIOUS), _alias(client, CHAMPION)
        if previous is None:
            raise DataError("there is no previous champion to go back to")
        _move(client, previous, champion)
    return f"version {previous.version} is the champion again"


def margin(metric: str) -> float:
    """`review.margins` of a metric in params.yaml, or MARGIN."""
    try:
        content = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
        return float(content["review"]["margins"][metric])
    except (OSError, KeyError, TypeError, ValueError, yaml.YAMLError):
        return MARGIN


def robustness(new: dict[str, float], old: dict[str, float]) -> dict[str, tuple[tuple[float, float, float], float]]:
    """Interval and margin of the robust accuracy at the smallest epsilon that both runs measured; empty without one.

    Each run measures it on photos of its own, so the interval is of unpaired shares, and wider (Newcombe, 1998).
    """
    name = "generate_adversarial.robust_accuracy."
    shared = [key for key in new.keys() & old.keys() if key.startswith(name) and f"{key}.low" in new]
    positive = [key for key in shared if float(key.removeprefix(name)) > 0]
    if not positive:
        return {}
    key = min(positive, key=lambda key: float(key.removeprefix(name)))
    difference = new[key] - old[key]
    below = float(np.hypot(new[key] - new[f"{key}.low"], old[f"{key}.high"] - old[key]))
    above = float(np.hypot(new[f"{key}.high"] - new[key], old[key] - old[f"{key}.low"]))
    title = f"robustness at epsilon {key.removeprefix(name)}/255"
    return {title: ((difference, difference - below, difference + above), margin("robustness"))}


def _record(client: Any, challenger: Any, champion: Any, verdict: Verdict) -> None:
    """The verdict first, the aliases last: a process that dies between leaves the old champion, and no lie."""
    with tracking_errors():
        client.update_model_version(MODEL, challenger.version, "\n\n".join(verdict.lines))
        client.set_model_version_tag(MODEL, challenger.version, "idealcat.figures", json.dumps(verdict.lines))
        if verdict.promoted:
            _move(client, challenger, champion)
        client.set_model_version_tag(
            MODEL, challenger.version, "idealcat.decision", "promoted" if verdict.promoted else "refused"
        )


def _move(client: Any, new: Any, old: Any) -> None:
    if old is not None:
        client.set_registered_model_alias(MODEL, PREVIOUS, old.version)
    client.set_registered_model_alias(MODEL, CHAMPION, new.version)


def _challenger(client: Any, number: str | None) -> Any:
    with tracking_errors():
        versions = client.search_model_versions(f"name = '{MODEL}'")
    some = [version for version in versions if number is None or str(version.version) == number]
    if not some:
        raise DataError(f"the registry has no model {MODEL} version {number or 'at all'}; run `python -m ops.publish`")
    return max(some, key=lambda version: int(version.version))


def _alias(client: Any, alias: str) -> Any:
    """The version that bears an alias, or None."""
    with tracking_errors():
        found = client.search_registered_models(f"name = '{MODEL}'")
        number = found[0].aliases.get(alias) if found else None
        return client.get_model_version(MODEL, number) if number else None


def _metrics(client: Any, version: Any) -> dict[str, float]:
    with tracking_errors():
        return client.get_run(version.run_id).data.metrics


def _check_photos(challenger: Any) -> None:
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
