"""Promotion on a real registry: small classifiers that go by a photo's brightness, published and attacked."""

import hashlib
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from idealcat.adversarial.settings import GenerateAdversarial
from idealcat.base.errors import DataError
from idealcat.base.files import write_json
from idealcat.photos.manifest import read_manifest, write_manifest
from idealcat.photos.pixels import Pixels
from idealcat.statistics.intervals import share
from ops.shared.result import Result
from ops.shared.tracking import ANCHOR, CHAMPION, MODEL, PREVIOUS, connect

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # MLflow's own warnings
TEST_PHOTOS = 400


@pytest.fixture
def registry(workspace: Path, monkeypatch):
    """A client of an empty registry, in a workspace with photos: dark cats and bright dogs."""
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):  # MLflow itself sets both, for good
        monkeypatch.setenv(name, f"sqlite:///{workspace / 'mlflow.db'}")
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params["generate_adversarial"] |= {"epsilons": [0, 8], "steps": 4, "minimal_steps": 4}
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    write_manifest(drawn(0, TEST_PHOTOS))
    return connect()


def drawn(start: int, stop: int) -> pd.DataFrame:
    """Test photos of 32 pixels, numbered, and their rows of the manifest."""
    rows = []
    for number in range(start, stop):
        label, path = ("cat", "dog")[number % 2], Path(f"data/raw/{number:04}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 128, (32, 32, 3)) + 127 * (number % 2)
        Image.fromarray(pixels.astype("uint8")).save(path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        rows.append((path.as_posix(), label, "test", sha256, 32, 32, sha256))
    return pd.DataFrame(rows, columns=["path", "label", "split", "sha256", "width", "height", "group"])


def published(client, name: str, *, swapped: bool = False, photos: int = TEST_PHOTOS) -> None:
    """Trains on the manifest's photos, labels swapped or not, and publishes what the stages would have written."""
    from idealcat.adversarial.robustness import robust_photos
    from idealcat.adversarial.table import robustness_table, write_robustness
    from idealcat.adversarial.target_model import TargetModel
    from idealcat.base.params import load_params
    from idealcat.networks.backend import keras, make_deterministic
    from idealcat.networks.joined import logits_of
    from idealcat.networks.model_file import save_model
    from idealcat.photos.read import read_photos
    from ops.publish.run import publish

    make_deterministic(len(name))
    manifest = read_manifest()
    pixels = read_photos(manifest["path"].tolist(), pixels=Pixels(32))
    dogs = (manifest["label"] == "dog").to_numpy(int)
    inputs = keras.Input((32, 32, 3))
    bright = keras.layers.Rescaling(1 / 64, offset=-2)(keras.layers.GlobalAveragePooling2D()(inputs))
    outputs = keras.layers.Softmax()(keras.layers.Dense(2, name="logits")(bright))
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(0.1), "sparse_categorical_crossentropy")
    model.fit(pixels.astype("float32"), 1 - dogs if swapped else dogs, epochs=10, verbose=0)
    save_model(model, "data/model/classifier.keras")
    write_json("data/model/labels.json", ["cat", "dog"])
    attacked = manifest.sort_values("sha256").head(32)
    truth = (attacked["label"] == "dog").to_numpy(int)
    settings = load_params().section(GenerateAdversarial)
    target_model = TargetModel(logits_of(model))
    robust = robust_photos(
        target_model, read_photos(attacked["path"].tolist(), pixels=Pixels(32)), truth, settings=settings, seed=20
    )
    write_robustness(robustness_table(attacked["sha256"], attacked["label"], robust, settings.epsilons))
    right = model.predict(pixels, verbose=0).argmax(axis=1) == dogs
    write_json("metrics/evaluate.json", {"accuracy": share(int(right.sum()), len(right))})
    write_json("metrics/preprocess.json", {"leakage": 0, "photos": photos, "used": photos})
    Path("dvc.lock").write_text("stages: {}\n")
    md5 = hashlib.md5(Path("data/manifest.csv").read_bytes()).hexdigest()
    lock = {"stages": {name: {"outs": [{"path": "data/manifest.csv", "md5": md5}]}}}
    publish(client, Result(Path.cwd(), "abc", lock))


def test_promotion_from_the_first_version_to_a_rollback(registry, monkeypatch, capsys):
    import ops.promote.__main__ as promote

    def decided() -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["promote"])
        with pytest.raises(SystemExit) as end:
            promote.main()
        return int(end.value.code), capsys.readouterr().out

    def version(alias: str) -> int:
        return int(registry.get_model_version_by_alias(MODEL, alias).version)

    published(registry, "first")
    with pytest.raises(DataError, match="no previous champion"):
        promote.rollback(registry)
    code, told = decided()
    assert (code, version(CHAMPION), version(ANCHOR)) == (0, 1, 1)
    assert "no champion yet" in told

    published(registry, "swapped", swapped=True)
    code, told = decided()
    assert (code, version(CHAMPION)) == (4, 1)
    assert "accuracy: -100.00 points on 400 photos" in told
    assert "robustness at epsilon 8/255: -100.00 points on 32 photos" in told
    assert "not on the same photos" not in told
    assert "refused" in registry.get_model_version(MODEL, "2").description

    write_manifest(pd.concat([read_manifest(), drawn(TEST_PHOTOS, TEST_PHOTOS + 40)]))
    published(registry, "more")
    code, told = decided()
    assert (code, version(CHAMPION), version(PREVIOUS)) == (0, 3, 1)
    assert "accuracy: +0.00 points on 440 photos (95 % interval -0.87 to +0.87), not inferior by a margin of 2" in told
    assert "accuracy beside the anchor, version 1, attempt 2: +0.00 points on 440 photos (99.24 % interval" in told
    assert "0.0 points above the anchor after 2 attempts" in told
    assert "second opinion, on 40 photos that are new since the anchor: evidence of 1." in told
    assert version(ANCHOR) == 1
    assert registry.get_model_version(MODEL, "3").tags["idealcat.decision"] == "promoted"

    poisoned = read_manifest()
    poisoned.loc[:79, "label"] = poisoned["label"].map({"cat": "dog", "dog": "cat"})
    write_manifest(poisoned)
    published(registry, "poisoned")
    code, told = decided()
    assert (code, version(CHAMPION)) == (4, 3)
    assert "data: 80 of 440 known photos bear another label than before" in told

    promote.rollback(registry)
    assert (version(CHAMPION), version(PREVIOUS)) == (1, 3)

    run = registry.get_model_version(MODEL, "1").run_id
    next(Path("mlartifacts").rglob(f"{run}/artifacts/data/model/classifier.keras")).unlink()
    assert "version 1 was published without its data/model/classifier.keras" in decided()[1]


def test_photos_of_another_version_are_refused(workspace):
    from ops.promote.__main__ import check_photos

    with pytest.raises(DataError, match=r"is not that of version 7 .*received no file.*git checkout abc"):
        check_photos(SimpleNamespace(version="7", tags={"idealcat.manifest": "f" * 32, "idealcat.commit": "abc"}))
