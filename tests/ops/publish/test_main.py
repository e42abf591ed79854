import base64
import io
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import requests
from PIL import Image

from benchmarks.wrong_requests import DEEP, encoded, frame, wrong_requests
from idealcat.audit.limits import Limits, write_limits
from idealcat.audit.unknowns import fit_unknowns
from idealcat.base.artifacts import CLASSIFIER
from idealcat.base.errors import IdealcatError
from idealcat.base.files import sha256_of, write_json
from idealcat.statistics.conformal import Thresholds
from ops.publish.run import _log_inputs, publish
from ops.shared.registry import champion, classifier_of, metrics_of, published, version_of
from ops.shared.result import Result
from ops.shared.tracking import MODEL, connect, experiment_id
from tests.idealcat.audit.test_unknowns import known
from tests.ops.mortal import DiedError, Mortal
from tests.ops.servers import free_port

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # MLflow's own warnings


@pytest.fixture
def result(workspace: Path, dataset, monkeypatch) -> Result:
    """A result with a small model, and a store of its own."""
    from idealcat.networks.backend import keras
    from idealcat.networks.model_file import save_model

    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):  # MLflow itself sets both, for good
        monkeypatch.setenv(name, f"sqlite:///{workspace / 'mlflow.db'}")
    pixels = keras.Input((32, 32, 3))
    output = keras.layers.Dense(2, activation="softmax")(keras.layers.GlobalAveragePooling2D()(pixels))
    save_model(keras.Model(pixels, output), "data/model/classifier.keras")
    write_json("data/model/labels.json", ["cat", "dog"])
    write_json("metrics/evaluate.json", {"accuracy": {"value": 0.9, "low": 0.8, "high": 1.0, "n": 9}})
    Path("metrics/plots").mkdir()
    Path("metrics/plots/history.csv").write_text("epoch,loss\n1,0.5\n2,0.25\n")
    Path("dvc.lock").write_text("stages: {}\n")
    lock = {"stages": {"a": {"outs": [{"path": "data/raw", "md5": "f" * 32 + ".dir"}]}}}
    return Result(workspace, "abc", lock)


def test_publishing_that_dies_is_completed_by_the_next_and_a_third_adds_nothing(result):
    client = connect()
    half = client.create_run(experiment_id(client), tags={"idealcat.key": result.key}).info.run_id
    client.log_metric(half, "loss", 0.5, step=1)
    with pytest.raises(DiedError):
        publish(Mortal(client, lambda _, name, words: words[1:2] == ("idealcat.manifest",)), result)
    assert "version 1" in publish(client, result)
    assert "nothing added" in publish(client, result)
    runs = client.search_runs([experiment_id(client)])
    assert [run.info.run_id for run in runs] == [half]
    assert [point.step for point in client.get_metric_history(half, "loss")] == [1, 2]
    assert runs[0].data.metrics["evaluate.accuracy.low"] == 0.8
    assert runs[0].data.tags["idealcat.data"] == "f" * 32 + ".dir"
    assert runs[0].data.tags["idealcat.manifest"] == ""
    assert runs[0].inputs.dataset_inputs[0].dataset.digest == "f" * 32
    assert len(client.search_model_versions(f"name = '{MODEL}'")) == 1


def test_registered_model_answers_photos_and_names_broken_ones(result, dataset):
    import mlflow
    import pandas as pd

    thresholds = Thresholds(np.zeros(2), np.ones(2, bool), np.array([9, 9]))
    limits = Limits(["cat", "dog"], 0.9, 0.95, thresholds, fit_unknowns(*known(40), known=0.95))
    write_limits(limits, sha256_of(CLASSIFIER.path))
    client = connect()
    publish(client, result)
    assert classifier_of(client, version_of(client, None)).limits.coverage == 0.9
    model = mlflow.pyfunc.load_model(f"models:/{MODEL}/1")
    photo = Path(dataset["path"][0]).read_bytes()
    photos = [photo, b"no photo", base64.b64encode(photo)]  # the last as MLflow hands over what is under `inputs`
    answer = model.predict(pd.DataFrame({"photo": photos}))
    assert answer["label"][0] in ("cat", "dog")
    assert sum(answer["probabilities"][0].values()) == pytest.approx(1, abs=1e-5)
    assert sorted(answer["set"][0]) == ["cat", "dog"]
    assert answer["unknown"].tolist() == [None] * 3  # this model has no layer of features
    assert answer["error"][1].startswith("not_an_image")
    assert answer["probabilities"][2] == answer["probabilities"][0]


def test_served_model_answers_photos_and_refuses_wrong_requests_in_one_line(result, dataset):
    import mlflow
    import uvicorn
    from mlflow.pyfunc.scoring_server import init

    publish(connect(), result)
    port = free_port()
    app = init(mlflow.pyfunc.load_model(f"models:/{MODEL}/1"))  # what `mlflow models serve` runs
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        photo = io.BytesIO()
        Image.new("RGB", (64, 64), "tan").save(photo, "JPEG")
        good = requests.post(
            f"http://127.0.0.1:{port}/invocations", json=frame(encoded(photo.getvalue())), timeout=60
        ).json()
        assert good["predictions"][0]["label"] in ("cat", "dog")
        judged = {
            name: sent.judged(answer.status_code, answer.text)
            for name, sent in wrong_requests(photo.getvalue()).items()
            for answer in [
                requests.request(
                    sent.method,
                    f"http://127.0.0.1:{port}{sent.path}",
                    data=sent.content,
                    headers=sent.headers,
                    timeout=60,
                )
            ]
        }
        assert [name for name, what in judged.items() if "WRONG" in what] == [DEEP]
    finally:
        server.should_exit = True
        thread.join()


def test_data_that_another_clone_brings_at_the_same_instant_is_taken(result):
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.data.sources import LocalArtifactDatasetSource
    from mlflow.entities import DatasetInput
    from mlflow.store.tracking.dbmodels.models import SqlDataset
    from sqlalchemy import event

    client = connect()
    other = client.create_run(experiment_id(client)).info.run_id

    @event.listens_for(SqlDataset, "before_insert", once=True)
    def meanwhile(_, __, row: SqlDataset) -> None:
        data = MetaDataset(LocalArtifactDatasetSource("."), name=row.name, digest=row.digest)
        client.log_inputs(other, [DatasetInput(data._to_mlflow_entity(), [])])

    publish(client, result)
    (run,) = client.search_runs([experiment_id(client)], "tags.`idealcat.complete` = 'yes'")
    assert run.inputs.dataset_inputs[0].dataset.digest == "f" * 32


def test_data_that_the_store_refuses_for_another_reason_is_not_sent_again():
    from mlflow.exceptions import MlflowException

    asked = []

    def refuse(*words: object) -> None:
        asked.append(words)
        raise MlflowException("away")

    with pytest.raises(MlflowException, match="away"):
        _log_inputs(SimpleNamespace(log_inputs=refuse), "run", [])
    assert len(asked) == 1


def test_result_without_its_model_is_completed_once_the_model_is_there(result):
    model = Path("data/model/classifier.keras")
    model.rename("away.keras")
    assert "dvc pull" in publish(connect(), result)
    Path("away.keras").rename(model)
    assert "version 1" in publish(connect(), result)
    assert "nothing added" in publish(connect(), result)


def test_same_stages_are_registered_once_whatever_the_commit(result):
    client = connect()
    publish(client, result)
    assert "version 1" in publish(client, replace(result, commit="def"))
    assert len(client.search_model_versions(f"name = '{MODEL}'")) == 1


def test_files_that_dvc_linked_into_its_cache_are_published(result, tmp_path):
    import mlflow

    for number, name in enumerate(("data/model/labels.json", "data/model/classifier.keras", "metrics/evaluate.json")):
        Path(name).rename(tmp_path / f"linked{number}")
        Path(name).symlink_to(tmp_path / f"linked{number}")
    client = connect()
    publish(client, result)
    assert classifier_of(client, version_of(client, None)).labels == ["cat", "dog"]
    (run,) = client.search_runs([experiment_id(client)])
    file = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="metrics/evaluate.json")
    assert "accuracy" in Path(file).read_text()


def test_run_that_retention_removed_blocks_nothing(result, tmp_path):
    client = connect()
    publish(client, result)
    version = version_of(client, None)
    client.delete_run(version.run_id)
    client._tracking_client.store._hard_delete_run(version.run_id)
    assert metrics_of(client, version) == {}
    assert published(client, version, "data/manifest.csv", tmp_path) is None
    assert "version 1" in publish(client, result)


def test_refused_version_stays_refused_without_a_champion(result):
    from ops.promote.__main__ import promote

    client = connect()
    publish(client, result)
    client.set_model_version_tag(MODEL, "1", "idealcat.decision", "refused")
    assert not promote(client).promoted


def test_registry_without_champion_says_so(result):
    with pytest.raises(IdealcatError, match="no champion"):
        champion(connect())
