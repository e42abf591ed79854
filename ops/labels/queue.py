"""The photos that a person is asked about, and what becomes of the answers."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from idealcat.audit.issues import read_issues
from idealcat.audit.neighbours import directions, nearest
from idealcat.base.errors import DataError
from idealcat.networks.feature_table import read_features
from idealcat.photos.corrections import COLUMNS, EXCLUDE, PATH, read_corrections, write_corrections
from idealcat.photos.manifest import read_manifest

NEIGHBOURS = 6
REASONS = {"accept": "suggestion accepted", "reject": "looked at, kept", "exclude": "left out"}
DECISIONS = tuple(REASONS)


@dataclass(frozen=True)
class Photo:
    """A photo as the page shows it."""

    sha256: str
    path: str
    label: str


@dataclass(frozen=True)
class Suspect(Photo):
    """A suspected photo; `suggested` is empty where no other label is."""

    suggested: str
    issue: str
    evidence: str
    neighbours: list[Photo]

    def as_json(self) -> dict[str, object]:
        """As the page gets it."""
        return asdict(self)


def waiting() -> list[Suspect]:
    """The suspected photos that corrections.csv says nothing of, each once, the most suspicious of an issue first.

    Raises:
        DataError: a file is missing or broken, or the issues are of photos that the manifest lacks.
    """
    photos = read_manifest().sort_values("sha256", ignore_index=True)
    decided = set(read_corrections()["sha256"])
    table = read_issues().drop_duplicates("sha256")
    table = table[~table["sha256"].isin(decided)]
    places = pd.Series(np.arange(len(photos)), index=photos["sha256"])
    if not table["sha256"].isin(places.index).all():
        raise DataError("data/label_issues.csv has photos that data/manifest.csv lacks; run `dvc repro audit_labels`")
    near, _ = nearest(directions(read_features().of(photos["sha256"])), count=NEIGHBOURS)
    known = [Photo(row.sha256, row.path, row.label) for row in photos.itertuples()]
    return [
        Suspect(
            row.sha256,
            row.path,
            row.label,
            row.suggested,
            row.issue,
            row.evidence,
            [known[place] for place in near[places[row.sha256]]],
        )
        for row in table.itertuples()
    ]


def decide(suspect: Suspect, decision: str, path: Path = PATH) -> None:
    """Writes a decision: the suggested label, the label as it is, so that nobody is asked again, or `exclude`.

    The file is read anew, so that what others wrote to it stays.

    Raises:
        DataError: the decision is none of DECISIONS, there is no suggestion to accept, or the file is broken.
    """
    if decision not in DECISIONS or (decision == "accept" and not suspect.suggested):
        offered = DECISIONS if suspect.suggested else DECISIONS[1:]
        raise DataError(f"expected {' or '.join(offered)} for {suspect.path}, received {decision!r}")
    label = {"accept": suspect.suggested, "reject": suspect.label, "exclude": EXCLUDE}[decision]
    reason = f"{REASONS[decision]}: {suspect.issue.replace('_', ' ')}"
    before = read_corrections(path)
    line = pd.DataFrame([(suspect.sha256, label, reason)], columns=COLUMNS)
    write_corrections(pd.concat([before[before["sha256"] != suspect.sha256], line]), path)
