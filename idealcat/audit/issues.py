"""label_issues.csv: what to look at, a line for each photo and issue."""

from pathlib import Path

import numpy as np
import pandas as pd

from idealcat.audit.looks import Look
from idealcat.audit.suspects import Suspicion
from idealcat.base.artifacts import LABEL_ISSUES
from idealcat.base.tables import read_texts, write_texts

COLUMNS = ["path", "sha256", "label", "suggested", "issue", "score", "evidence"]
ISSUES = {
    "label": "another label is more probable",
    "near_duplicate": "a near duplicate has another label",
    "outlier": "it resembles no other photo",
    "blank": "hardly anything is on it",
    "dark": "hardly anything can be seen",
    "blurred": "it has no sharp edge",
}


def issues(
    photos: pd.DataFrame,
    labels: list[str],
    suspicion: Suspicion,
    outliers: tuple[np.ndarray, np.ndarray],
    looks: list[Look],
) -> pd.DataFrame:
    """All issues, with the columns COLUMNS, as texts, the more suspicious first within an issue.

    `photos` has path, label, sha256 and group, N rows, and the other arguments N entries. A `score` compares photos of
    one issue alone.
    """
    rows = [*_labels(photos, labels, suspicion), *_near_duplicates(photos, labels, suspicion)]
    far, ratio = outliers
    for row in np.flatnonzero(far):
        photo = photos.iloc[row]
        told = f"{ratio[row]:.1f} times as far from its neighbours as usual"
        rows.append((photo["path"], photo["sha256"], photo["label"], "", "outlier", float(ratio[row]), told))
    for (_, photo), look in zip(photos.iterrows(), looks, strict=True):
        if look.odd:
            told = f"brightness {look.brightness:.2f}, contrast {look.contrast:.2f}, sharpness {look.sharpness:.0f}"
            score = {"blank": -look.contrast, "dark": -look.brightness, "blurred": -look.sharpness}[look.odd]
            rows.append((photo["path"], photo["sha256"], photo["label"], "", look.odd, score, told))
    table = pd.DataFrame(rows, columns=COLUMNS)
    table = table.sort_values(["issue", "score", "path"], ascending=[True, False, True], ignore_index=True)
    return table.assign(score=table["score"].map(lambda score: f"{score:.4f}"))


def write_issues(table: pd.DataFrame, path: Path | str = LABEL_ISSUES.path) -> None:
    """Writes a table made by `issues`, sorted by path."""
    write_texts(table, path)


def read_issues(path: Path | str = LABEL_ISSUES.path) -> pd.DataFrame:
    """Reads what `write_issues` wrote, score as a number, the most suspicious first within each issue.

    Raises DataError where the file is missing or has other columns.
    """
    table = read_texts(path, columns=COLUMNS, stage=LABEL_ISSUES.stage).astype({"score": float})
    table["order"] = table["issue"].map({name: place for place, name in enumerate(ISSUES)})
    table = table.sort_values(["order", "score", "path"], ascending=[True, False, True], ignore_index=True)
    return table.drop(columns="order")


def _labels(photos: pd.DataFrame, labels: list[str], suspicion: Suspicion) -> list[tuple]:
    rows = []
    for row in np.flatnonzero(suspicion.suspected):
        photo, other = photos.iloc[row], labels[suspicion.suggested[row]]
        score = float(suspicion.score[row])
        told = f"heads that did not learn from it prefer {other} by {score:.2f}"
        rows.append((photo["path"], photo["sha256"], photo["label"], other, "label", score, told))
    return rows


def _near_duplicates(photos: pd.DataFrame, labels: list[str], suspicion: Suspicion) -> list[tuple]:
    rows = []
    places = {sha256: place for place, sha256 in enumerate(photos["sha256"])}
    for group, members in photos.groupby("group"):
        # A group that a source names, a patient or a burst, says nothing of labels: only those named by a hash do.
        if members["label"].nunique() < 2 or not members["sha256"].min().startswith(str(group)):
            continue
        scores = suspicion.score[[places[sha256] for sha256 in members["sha256"]]]
        sure = members.iloc[int(scores.argmin())]
        for (_, photo), score in zip(members.iterrows(), scores, strict=True):
            if photo["label"] != sure["label"]:
                told = f"nearly the same as {sure['path']} ({sure['label']})"
                rows.append((*photo[["path", "sha256", "label"]], sure["label"], "near_duplicate", float(score), told))
    return rows
