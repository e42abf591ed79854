"""A working folder with photos of two classes, their features, and two issues to decide on."""

import numpy as np
import pandas as pd

from idealcat.audit.issues import COLUMNS, write_issues
from idealcat.networks.feature_table import Extractor, write_features
from idealcat.photos.manifest import read_manifest
from tests.report_results import write_results


def audited(labels: list[str]) -> None:
    """The first class's first photo is suspected to be of the second class, whose first photo is an outlier."""
    write_results(labels)
    photos = read_manifest()
    vectors = np.random.default_rng(0).normal(size=(len(photos), 4)).astype("float32")
    write_features([(sorted(photos["sha256"]), vectors)], Extractor("random", "0", 32, "avg", "keras", "cpu", (4,)))
    first, second = (photos[photos["label"] == label].iloc[0] for label in labels)
    rows = [
        (first["path"], first["sha256"], labels[0], labels[1], "label", "0.9", "told"),
        (second["path"], second["sha256"], labels[1], "", "outlier", "9", "far"),
    ]
    write_issues(pd.DataFrame(rows, columns=COLUMNS))
