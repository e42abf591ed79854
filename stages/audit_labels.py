"""Looks for wrong labels, outliers, shortcuts and odd photos, and maps the photos by their features.

Reads: data/raw/<label>/<file>, data/manifest.csv, data/features/features.parquet, data/out_of_fold.parquet
Writes: data/label_issues.csv, data/photo_map.csv, metrics/audit_labels.json
"""

from typing import Any

from idealcat.audit.audit import audit
from idealcat.audit.issues import write_issues
from idealcat.audit.photo_map import write_photo_map
from idealcat.audit.settings import AuditLabels
from idealcat.base.artifacts import OUT_OF_FOLD, metrics_of
from idealcat.base.files import write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.networks.feature_table import read_features
from idealcat.photos.manifest import read_manifest
from idealcat.photos.read import photos_of
from idealcat.photos.settings import Preprocess
from idealcat.statistics.predictions import OUT_OF_FOLD_COLUMNS, probabilities_of, read_out_of_fold


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/audit_labels.json."""
    params = load_params()
    projection = params.section(AuditLabels).projection
    photos = read_manifest().sort_values("sha256", ignore_index=True)
    judged = read_out_of_fold().set_index("sha256")
    if set(judged.index) != set(photos["sha256"]):
        raise OUT_OF_FOLD.absent("it is of other photos than data/manifest.csv")
    judged = judged.loc[photos["sha256"]]
    labels = sorted(photos["label"].unique())

    found = audit(
        photos,
        photos_of(photos),
        read_features().of(photos["sha256"]),
        probabilities_of(judged, labels, OUT_OF_FOLD_COLUMNS),
        judged["fold"].to_numpy(),
        labels=labels,
        max_pixels=params.section(Preprocess).max_pixels,
        projection=projection,
    )

    write_issues(found.table)
    write_photo_map(found.photo_map)
    metrics = {"photos": len(photos), "issues": found.counts, "shortcuts": found.shortcuts, "projection": projection}
    write_json(metrics_of("audit_labels").path, metrics)
    print(f"audit_labels: {found.words}")
    return {"photos": len(photos), "issues": len(found.table)}


if __name__ == "__main__":
    run_stage("audit_labels", main)
