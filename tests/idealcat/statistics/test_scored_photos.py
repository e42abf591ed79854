import pandas as pd
import pytest

from idealcat.base.errors import DataError
from idealcat.statistics.scored_photos import scored_photos, surest_mistakes


def test_probability_is_found_by_label_whatever_it_is_called():
    predictions = pd.DataFrame(
        {"sha256": ["1"], "label": ["label"], "predicted": ["x"], "probability:label": [0.2], "x": [0.8]}
    )
    photos = scored_photos(predictions, pd.DataFrame({"sha256": ["1"], "path": ["p"]}))
    assert photos.to_dict("records") == [
        {"path": "p", "sha256": "1", "label": "label", "predicted": "x", "probability": 0.8, "own": 0.2}
    ]


def test_photo_that_the_manifest_lacks_is_an_error():
    predictions = pd.DataFrame({"sha256": ["1"], "label": ["x"], "predicted": ["x"], "x": [1.0]})
    with pytest.raises(DataError, match="dvc repro evaluate"):
        scored_photos(predictions, pd.DataFrame({"sha256": ["2"], "path": ["p"]}))


def test_surest_mistakes_come_first():
    rows = [("a", "cat", "cat", 0.9), ("c", "cat", "dog", 0.7), ("d", "cat", "dog", 0.8)]
    photos = pd.DataFrame(rows, columns=["path", "label", "predicted", "probability"])
    assert surest_mistakes(photos)["path"].tolist() == ["d", "c"]
