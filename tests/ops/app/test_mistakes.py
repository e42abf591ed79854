import numpy as np
import pandas as pd
import pytest

from idealcat.base.artifacts import MANIFEST
from idealcat.base.errors import DataError
from idealcat.statistics.predictions import prediction_table, write_predictions
from ops.app.mistakes import Mistakes

LABELS = ["cat", "label"]


@pytest.fixture(autouse=True)
def scored(workspace):
    """Three photos, the last two of them wrong, the last the surest."""
    names = ["a" * 64, "b" * 64, "c" * 64]
    rows = [(f"{name[0]}.jpg", "cat", "test", name, 8, 8, name) for name in names]
    MANIFEST.path.parent.mkdir()
    columns = ["path", "label", "split", "sha256", "width", "height", "group"]
    pd.DataFrame(rows, columns=columns).to_csv(MANIFEST.path, index=False)
    shares = np.array([[0.9, 0.1], [0.3, 0.7], [0.2, 0.8]])
    write_predictions(prediction_table(names, ["cat"] * 3, shares, LABELS))


def test_the_surest_mistake_is_the_first():
    found = Mistakes.of(LABELS)
    assert (found.tested, found.wrong) == (3, 2)
    assert [(photo["path"], photo["predicted"], photo["probability"]) for photo in found.photos] == [
        ("c.jpg", "label", 0.8),
        ("b.jpg", "label", 0.7),
    ]


def test_predictions_of_other_classes_are_refused():
    with pytest.raises(DataError, match="of other classes"):
        Mistakes.of(["cat", "dog"])
