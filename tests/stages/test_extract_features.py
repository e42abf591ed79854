from pathlib import Path

import numpy as np
import pytest

from idealcat.backbones import features_model, load_backbone
from idealcat.errors import DataError
from idealcat.features import read_features
from idealcat.files import read_json
from idealcat.photos import read_photos
from stages import extract_features, fetch_backbone


def test_features_of_every_photo_are_those_of_the_backbone(extracted):
    table = read_features()
    assert table.sha256 == sorted(extracted["sha256"])
    pixels = read_photos(extracted["path"].tolist(), size=32).astype("float32")
    expected = features_model(load_backbone())(pixels)
    np.testing.assert_allclose(table.of(extracted["sha256"]), expected, rtol=1e-4, atol=1e-5)


def test_metrics_hold_what_is_the_same_on_every_run(dataset):
    fetch_backbone.main()
    counts = extract_features.main()
    metrics = read_json("metrics/extract_features.json")
    assert (metrics["photos"], metrics["feature_size"]) == (16, 1280)
    assert (counts["photos"], counts["computed"], counts["reused"]) == (16, 16, 0)


def test_whole_maps_keep_their_shape(dataset, choose):
    choose("backbone", pooling="none", image_size=64)
    fetch_backbone.main()
    extract_features.main()
    assert read_features().vectors.shape == (16, 2, 2, 1280)


def test_photo_that_vanished_leaves_the_old_features(dataset):
    fetch_backbone.main()
    extract_features.main()
    before = Path("data/features/features.parquet").read_bytes()
    Path(dataset["path"][3]).unlink()
    with pytest.raises(DataError, match=dataset["path"][3]):
        extract_features.main()
    assert Path("data/features/features.parquet").read_bytes() == before
