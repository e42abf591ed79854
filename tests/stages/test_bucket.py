"""From a table in a bucket to scores, on an S3 server in a process of its own."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from stages import evaluate, extract_features, fetch_backbone, fetch_data, preprocess, train_classifier
from tests.ops.servers import s3

pytestmark = pytest.mark.slow  # a server is started, a head trained

PHOTOS = 24
BUCKET = "idealcat"  # that `s3` makes


def jpeg(number: int, seed: int = 0) -> bytes:
    """A noisy photo of some 60 kB, dogs brighter than cats."""
    rng = np.random.default_rng((number, seed))
    pixels = rng.integers(0, 128, (128, 128, 3)) + 127 * (number % 2)
    file = io.BytesIO()
    Image.fromarray(pixels.astype("uint8")).save(file, "JPEG", quality=98, subsampling=0)
    return file.getvalue()


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket with a table and its photos; its client."""
    pytest.importorskip("s3fs", reason="s3fs, which dvc-s3 of requirements-dev.txt brings, is not installed")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with s3(tmp_path) as url:
        import boto3

        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        client = boto3.client("s3")
        for number in range(PHOTOS):
            client.put_object(Bucket=BUCKET, Key=f"p/{number}.jpg", Body=jpeg(number))
        splits = ("train", "train", "validation", "test")
        rows = [f"p/{number}.jpg,{('cat', 'dog')[number % 2]},{splits[number // 2 % 4]}" for number in range(PHOTOS)]
        client.put_object(Bucket=BUCKET, Key="metadata.csv", Body="\n".join(["file_name,label,split", *rows]).encode())
        yield client


def run(*stages: Any) -> list[dict[str, Any]]:
    """The counts of each stage, none of which knows what the one before has listed: each is a process to its users."""
    counts = []
    for stage in stages:
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        counts.append(stage.main())
    return counts


def test_photos_go_from_a_bucket_to_scores_and_never_lie_here(bucket, workspace, choose):
    choose("fetch_data", source="table", path=f"s3://{BUCKET}/metadata.csv", keep="reference")
    choose("backbone", weights="random", image_size=32)
    choose("extract_features", engine="keras")
    counts = run(fetch_data, preprocess, fetch_backbone, extract_features, train_classifier, evaluate)
    assert counts[3]["computed"] == PHOTOS
    assert json.loads(Path("metrics/evaluate.json").read_text())["accuracy"]["value"] == 1
    here = [path for path in Path("data").rglob("*") if path.is_file()]
    assert not [path for path in here if path.suffix == ".jpg"]
    of_photos = sum(
        path.stat().st_size for path in here if path.parent.name in ("raw", "data") and path.suffix == ".csv"
    )
    assert of_photos < 0.01 * sum(len(jpeg(number)) for number in range(PHOTOS))

    bucket.put_object(Bucket=BUCKET, Key="p/3.jpg", Body=jpeg(3, seed=1))
    bucket.delete_object(Bucket=BUCKET, Key="p/5.jpg")
    counts = run(fetch_data, preprocess, extract_features)
    assert counts[2]["computed"] == 1
    assert counts[2]["photos"] == PHOTOS - 1
    rejected = pd.read_csv("data/rejected.csv")
    assert (rejected["path"].item(), rejected["reason"].item()) == ("p/5.jpg", "unreadable")
