"""Classifies every photo by a head that did not learn from it: an accuracy of all photos, and what audits build on.

Reads: data/features/features.parquet, data/manifest.csv
Writes: data/out_of_fold.parquet, metrics/cross_validate.json
"""

from typing import Any

import numpy as np

from idealcat.base.artifacts import OUT_OF_FOLD, metrics_of
from idealcat.base.files import write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.base.tables import write_table
from idealcat.networks.feature_table import read_features
from idealcat.photos.manifest import read_manifest
from idealcat.statistics.folds import assign_folds
from idealcat.statistics.groups import Groups
from idealcat.statistics.influence import Scored
from idealcat.statistics.predictions import out_of_fold_table
from idealcat.statistics.scores import score_out_of_fold, summary
from idealcat.statistics.settings import Evaluate
from idealcat.training.cross_validation import cross_validate
from idealcat.training.settings import CrossValidate, TrainClassifier


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/cross_validate.json."""
    params = load_params()
    photos = read_manifest()
    labels = sorted(photos["label"].unique())
    photos["fold"] = assign_folds(photos["label"], photos["group"], count=params.section(CrossValidate).folds)
    truth = np.searchsorted(labels, photos["label"])
    vectors = read_features().rows(photos["sha256"])

    found = cross_validate(
        vectors, truth, photos["fold"].to_numpy(), settings=params.section(TrainClassifier), seed=params.seed
    )
    metrics = score_out_of_fold(
        Scored(truth, found.probabilities),
        Groups.named(photos["group"]),
        photos["fold"].to_numpy(),
        labels,
        settings=params.section(Evaluate),
        seed=params.seed,
    )

    write_table(out_of_fold_table(photos, found.probabilities, labels), OUT_OF_FOLD.path)
    write_json(metrics_of("cross_validate").path, metrics | {"temperatures": [round(t, 6) for t in found.temperatures]})
    print(f"cross_validate: {summary(metrics)}")
    return {"photos": len(photos), "heads": len(found.temperatures)}


if __name__ == "__main__":
    run_stage("cross_validate", main)
