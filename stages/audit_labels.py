"""Looks for wrong labels, outliers, shortcuts and odd photos.

Reads: data/raw/<label>/<file>, data/manifest.csv, data/features/features.parquet, data/out_of_fold.parquet
Writes: data/label_issues.csv, metrics/audit_labels.json
"""

from typing import Any

import numpy as np
import pandas as pd

from idealcat.audit.issues import ISSUES, issues, write_issues
from idealcat.audit.looks import Look, look_at
from idealcat.audit.neighbours import directions, far_out, nearest
from idealcat.audit.shortcuts import shortcut
from idealcat.audit.suspects import suspect
from idealcat.base.artifacts import OUT_OF_FOLD, metrics_of
from idealcat.base.files import write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.features.table import read_features
from idealcat.photos.manifest import read_manifest
from idealcat.photos.read import photos_of
from idealcat.photos.settings import Preprocess
from idealcat.statistics.predictions import OUT_OF_FOLD_COLUMNS, probability_column, read_out_of_fold

PROPERTIES = ("brightness", "contrast", "sharpness", "border", "bytes", "format", "width", "height")


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/audit_labels.json."""
    max_pixels = load_params().section(Preprocess).max_pixels
    photos = read_manifest().sort_values("sha256", ignore_index=True)
    judged = read_out_of_fold().set_index("sha256")
    if set(judged.index) != set(photos["sha256"]):
        raise OUT_OF_FOLD.absent("it is of other photos than data/manifest.csv")
    judged = judged.loc[photos["sha256"]]
    labels = sorted(photos["label"].unique())
    truth = np.searchsorted(labels, photos["label"])
    probabilities = judged[[probability_column(label, OUT_OF_FOLD_COLUMNS) for label in labels]].to_numpy(float)

    suspicion = suspect(probabilities, truth)
    _, distances = nearest(directions(read_features().of(photos["sha256"])))
    looks = look_at(photos_of(photos), max_pixels=max_pixels)
    table = issues(photos, labels, suspicion, far_out(distances), looks)
    properties = pd.DataFrame(looks, columns=list(Look._fields)).assign(width=photos["width"], height=photos["height"])
    found = {name: shortcut(properties[name], truth, judged["fold"].to_numpy()) for name in PROPERTIES}

    write_issues(table)
    counts = {issue: int((table["issue"] == issue).sum()) for issue in ISSUES}
    write_json(metrics_of("audit_labels").path, {"photos": len(photos), "issues": counts, "shortcuts": found})
    told = [f"{count} {issue.replace('_', ' ')}" for issue, count in counts.items() if count]
    told += [f"{name} predicts the label" for name, some in found.items() if some.found]
    print(f"audit_labels: {', '.join(told) or 'nothing found'}")
    return {"photos": len(photos), "issues": len(table)}


if __name__ == "__main__":
    run_stage("audit_labels", main)
