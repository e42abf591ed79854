import pandas as pd
import pytest

from idealcat.base.errors import DataError
from idealcat.report.results import scored_photos


def test_probability_is_found_by_label_whatever_it_is_called():
    predictions = pd.DataFrame(
        {"sha256": ["1"], "label": ["label"], "predicted": ["x"], "probability:label": [0.2], "x": [0.8]}
    )
    photos = scored_photos(predictions, pd.DataFrame({"sha256": ["1"], "path": ["p"]}))
    assert photos.to_dict("records") == [
        {"path": "p", "label": "label", "predicted": "x", "probability": 0.8, "own": 0.2}
    ]


def test_photo_that_the_manifest_lacks_is_an_error():
    predictions = pd.DataFrame({"sha256": ["1"], "label": ["x"], "predicted": ["x"], "x": [1.0]})
    with pytest.raises(DataError, match="dvc repro evaluate"):
        scored_photos(predictions, pd.DataFrame({"sha256": ["2"], "path": ["p"]}))
