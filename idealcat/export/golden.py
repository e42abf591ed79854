"""Golden photos: test photos with the classifier's answers, to try an integration on."""

from pathlib import Path
from typing import Any

import pandas as pd

from idealcat.base.files import write_json
from idealcat.photos.read import photo_bytes
from idealcat.statistics.predictions import COLUMNS


def chosen(predictions: pd.DataFrame, count: int) -> pd.DataFrame:
    """The first `count` test photos by hash, evenly from the classes, as rows of the predictions."""
    turn = predictions.sort_values("sha256").groupby("label").cumcount()
    return predictions.loc[turn.sort_values(kind="stable").index].head(count)


def write_golden(folder: Path, predictions: pd.DataFrame, manifest: pd.DataFrame, *, count: int) -> None:
    """Copies the photos, byte for byte, into `folder`/golden, and writes golden.json with their labels and answers.

    The answers are those of the cached features, within 1e-5 of the classifier's own. Raises DataError where a photo
    is gone or has changed.
    """
    paths = dict(zip(manifest["sha256"], manifest["path"], strict=True))
    labels = [name for name in predictions.columns if name not in COLUMNS]
    entries: list[dict[str, Any]] = []
    (folder / "golden").mkdir()
    for row in chosen(predictions, count).to_dict("records"):
        source = paths[row["sha256"]]
        name = f"{row['sha256'][:16]}{Path(source).suffix.lower()}"
        (folder / "golden" / name).write_bytes(photo_bytes(source, sha256=row["sha256"]))
        answers = {label.removeprefix("probability:"): round(float(row[label]), 6) for label in labels}
        entries.append(
            {"file": f"golden/{name}", "label": row["label"], "predicted": row["predicted"], "probabilities": answers}
        )
    write_json(folder / "golden.json", entries)
