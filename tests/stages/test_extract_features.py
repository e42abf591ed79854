from pathlib import Path

import numpy as np
import pytest

from idealcat.backbones import features_model, load_backbone
from idealcat.errors import DataError
from idealcat.features import read_features
from idealcat.files import read_json
from idealcat.manifest import write_manifest
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


def test_photo_that_vanished_is_named_and_costs_no_other(dataset):
    fetch_backbone.main()
    path = Path(dataset.sort_values("sha256")["path"].iloc[-1])
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(DataError, match=path.name):
        extract_features.main()
    assert not Path("data/features/features.parquet").exists()
    path.write_bytes(content)
    assert extract_features.main()["reused"] > 0


def test_only_new_photos_are_computed(extracted, monkeypatch, tmp_path):
    monkeypatch.setenv("IDEALCAT_CACHE", str(tmp_path / "store"))
    whole = Path("data/features/features.parquet").read_bytes()
    write_manifest(extracted.iloc[:-2])
    assert extract_features.main()["computed"] == 14
    write_manifest(extracted)
    counts = extract_features.main()
    assert (counts["computed"], counts["reused"]) == (2, 14)
    assert Path("data/features/features.parquet").read_bytes() == whole


def test_damaged_shard_is_dropped_and_computed_again(extracted, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("IDEALCAT_CACHE", str(tmp_path / "store"))
    whole = Path("data/features/features.parquet").read_bytes()
    extract_features.main()
    shard = next((tmp_path / "store").rglob("*.shard"))
    content = bytearray(shard.read_bytes())
    content[-1] ^= 1
    shard.write_bytes(content)
    assert extract_features.main()["computed"] == 16
    assert "damaged shard" in capsys.readouterr().err
    assert Path("data/features/features.parquet").read_bytes() == whole


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["keras", "litert"])
def test_engines_agree(extracted, choose, monkeypatch, tmp_path, engine):
    monkeypatch.setenv("IDEALCAT_CACHE", str(tmp_path / "store"))
    choose("extract_features", engine=engine)
    before = read_features().vectors
    extract_features.main()
    assert read_json("metrics/extract_features.json")["engine"] == engine
    np.testing.assert_allclose(read_features().vectors, before, rtol=1e-3, atol=1e-4 * before.max())
