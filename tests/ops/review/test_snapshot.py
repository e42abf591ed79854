import json

import pandas as pd
import pytest

from ops.review.snapshot import parse

ACCURACY = {"accuracy": {"value": 0.5, "low": 0.1, "high": 0.9, "n": 2}}


def predictions(*, right: int, wrong: int) -> bytes:
    said = ["cat"] * right + ["dog"] * wrong
    table = pd.DataFrame({"sha256": map(str, range(len(said))), "label": "cat", "predicted": said})
    return table.to_parquet(index=False)


def files(**changed: bytes) -> dict[str, bytes]:
    return {"metrics/evaluate.json": json.dumps(ACCURACY).encode(), **changed}


def test_files_that_fit_together_lack_nothing():
    contents = files(**{"data/predictions.parquet": predictions(right=1, wrong=1), "params.yaml": b"seed: 1"})
    contents["dvc.lock"] = b"stages: {evaluate: {params: {params.yaml: {seed: 1}}}}"
    found = parse("revision", contents, {})
    assert found.lacks == []
    assert (len(found.predictions), found.params) == (2, {"seed": 1})


def test_predictions_of_another_run_are_found_out():
    (lack,) = parse("revision", files(**{"data/predictions.parquet": predictions(right=2, wrong=0)}), {}).lacks
    assert "not the table behind" in lack


@pytest.mark.parametrize(("seed", "lacks"), [(1, 0), (2, 1)])
def test_stage_that_ran_with_other_parameters_is_named(seed, lacks):
    lock = b"stages: {train: {params: {params.yaml: {train.rate: 1e-05, seed: 1}}}}"
    params = f"{{seed: {seed}, train: {{rate: 1e-5}}}}".encode()
    found = parse("revision", files(**{"dvc.lock": lock, "params.yaml": params}), {}).lacks
    assert ["`train` ran with other parameters" in lack for lack in found] == [True] * lacks


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff"])
def test_metrics_that_are_no_mapping_are_named(content):
    found = parse("revision", files(**{"metrics/preprocess.json": content}), {})
    assert "`metrics/preprocess.json` can't be read" in found.lacks[0]


def test_tables_without_their_columns_are_named():
    table = pd.DataFrame({"sha256": ["1"]}).to_parquet()
    found = parse("revision", files(**{"data/robustness.parquet": table, "data/rejected.csv": b"no,columns\n"}), {})
    assert "found no label" in found.lacks[0]
    assert "found no path, reason" in found.lacks[1]


def test_rejected_photos_of_an_older_revision_have_no_detail():
    found = parse("revision", files(**{"data/rejected.csv": b"path,reason\na.jpg,corrupt\n"}), {})
    assert found.rejected["reason"].tolist() == ["corrupt"]


def test_files_that_could_not_be_read_are_told_with_the_reason():
    lock = b"stages: {evaluate: {outs: [{path: data/predictions.parquet}]}}"
    absent = {"": ["data/predictions.parquet", "data/robustness.parquet"], "no | login": ["data/manifest.csv"]}
    assert parse("revision", files(**{"dvc.lock": lock}), absent).lacks == [
        "It has no `data/robustness.parquet`.",
        "Neither the cache nor a remote that can be reached has `data/predictions.parquet`: "
        "`dvc push` where it was made, or `dvc pull` here.",
        "`data/manifest.csv` can't be had: `no \\| login`.",
    ]
