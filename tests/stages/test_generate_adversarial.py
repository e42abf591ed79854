import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from idealcat.adversarial.table import read_robustness
from idealcat.base.errors import AttackError, DataError
from idealcat.base.files import read_json, write_json
from idealcat.networks.backend import keras
from idealcat.networks.classifier import load_classifier
from idealcat.networks.model_file import save_model
from idealcat.photos.manifest import read_manifest, write_manifest
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import read_photos
from stages import generate_adversarial

pytestmark = pytest.mark.slow  # photos are attacked

METRICS = "metrics/generate_adversarial.json"
MODEL = "data/model/classifier.keras"
WRITTEN = ("data/robustness.parquet", METRICS, "metrics/plots/robustness.csv")


def choose_attacks(choose, **values):
    settings = {"images": 4, "epsilons": [0, 0.5, 8], "steps": 3, "minimal_steps": 8, "pictures": 2}
    choose("generate_adversarial", **settings | {"black_box": {"images": 2, "queries": 3}} | values)


@pytest.fixture
def ready(trained, choose):
    """The dataset and its classifier, with few, short attacks chosen."""
    choose_attacks(choose)
    return trained


@pytest.fixture
def one_layer(ready):
    """The same with a classifier of one layer, quick to attack, which every photo's change of 0.6 grey levels fools.

    It sees how bright a photo is, and a pattern that no photo has in it. Returns the function that saves it.
    """
    photos = read_photos(ready["path"].tolist(), pixels=Pixels(32)).reshape(len(ready), -1).astype("float64")
    basis, _ = np.linalg.qr(np.vstack([photos, np.ones(3072)]).T)
    pattern = np.random.default_rng(0).choice([-1.0, 1.0], 3072)
    pattern -= basis @ (basis.T @ pattern)
    pattern /= np.abs(pattern).sum()
    kernel = 10 * (pattern + 0.6 / 64 / 3072)
    bias = -10 * 0.6 / 64 * 127.5

    def build(path=MODEL, see=lambda pixels: pixels, others=0):
        inputs = keras.Input((32, 32, 3))
        dense = keras.layers.Dense(2 + others)
        logits = keras.layers.Rescaling(1.0, name="logits")(dense(keras.layers.Flatten()(see(inputs))))
        model = keras.Model(inputs, keras.layers.Activation("softmax")(logits))
        columns = [-kernel / 2, kernel / 2, *[np.zeros(3072)] * others]
        dense.set_weights([np.stack(columns, axis=1), np.array([-bias / 2, bias / 2, *[1.0] * others])])
        save_model(model, path)

    build()
    return build


def contents():
    files = [Path(name) for name in WRITTEN] + sorted(Path("metrics/adversarial").iterdir())
    return {str(file): file.read_bytes() for file in files}


def test_photos_and_curve_tell_the_same(ready):
    generate_adversarial.main()
    table = read_robustness()
    metrics = read_json(METRICS)
    assert table.columns.tolist() == ["sha256", "label", "robust_at_0", "robust_at_0.5", "robust_at_8"]
    assert table["sha256"].tolist() == sorted(ready.loc[ready["split"] == "test", "sha256"])
    means = {key: table[f"robust_at_{key}"].mean() for key in ("0", "0.5", "8")}
    assert means == {key: entry["value"] for key, entry in metrics["robust_accuracy"].items()}
    assert pd.read_csv("metrics/plots/robustness.csv")["robust_accuracy"].tolist() == list(means.values())
    assert means["0"] == metrics["clean_accuracy"]["value"]


def test_two_runs_give_the_same_bytes(one_layer):
    generate_adversarial.main()
    first = contents()
    shutil.rmtree("metrics/adversarial")
    generate_adversarial.main()
    assert contents() == first


def test_fewer_photos_than_asked_for_are_all_attacked(one_layer, choose):
    choose_attacks(choose, images=100)
    assert generate_adversarial.main()["photos"] == 4
    metrics = read_json(METRICS)
    assert metrics["images"] == metrics["correct"] == metrics["clean_accuracy"]["n"] == 4
    assert {key: entry["value"] for key, entry in metrics["robust_accuracy"].items()} == {"0": 1, "0.5": 1, "8": 0}
    assert metrics["after_png"]["smallest_linf"]["value"] == 1


def test_pictures_read_back_are_what_their_captions_say(one_layer):
    generate_adversarial.main()
    model, labels = load_classifier()
    shown = read_json(METRICS)["pictures"]
    assert len(shown) == 2
    for flip in shown:
        original, result = (np.asarray(Image.open(flip[name])) for name in ("original", "result"))
        assert model.predict(result[None].astype("float32"), verbose=0).argmax() == labels.index(flip["predicted"])
        assert flip["predicted"] != flip["label"]
        assert abs(result.astype(int) - original).max() == flip["linf"] == 1
    assert len(list(Path("metrics/adversarial").iterdir())) == 6


def test_three_classes_are_aimed_at_one_by_one(one_layer):
    one_layer(others=1)
    write_json("data/model/labels.json", ["cat", "dog", "cow"])
    generate_adversarial.main()
    metrics = read_json(METRICS)
    assert list(metrics["fooled_by"]["8"])[:4] == ["fgsm", "apgd", "apgd_targeted_1", "apgd_targeted_2"]
    assert metrics["minimal"]["l2_to"]["cow"]["median"]["n"] == 2


def test_share_that_fools_a_second_classifier(one_layer, choose):
    Path("second").mkdir()
    one_layer("second/classifier.keras")
    shutil.copy("data/model/labels.json", "second")
    choose_attacks(choose, transfer="second/classifier.keras")
    generate_adversarial.main()
    share = read_json(METRICS)["transfer"]["share"]
    assert (share["value"], share["n"]) == (1.0, 4)  # it is the same


@pytest.mark.parametrize("name", ["<script>", "../x"])
def test_label_of_any_name_harms_no_path(one_layer, name):
    manifest = read_manifest()
    write_manifest(manifest.assign(label=manifest["label"].replace("dog", name)))
    write_json("data/model/labels.json", ["cat", name])
    before = {path for path in Path().rglob("*") if path.is_file()}
    generate_adversarial.main()
    shown = read_json(METRICS)["pictures"]
    assert name in {flip["label"] for flip in shown}
    pictures = {Path(flip[kind]) for flip in shown for kind in ("original", "perturbation", "result")}
    assert {path for path in Path().rglob("*") if path.is_file()} - before == pictures | {Path(n) for n in WRITTEN}


def test_label_that_the_classifier_does_not_know_is_named_with_its_neighbours(one_layer):
    write_json("data/model/labels.json", ["cat", "dogs"])
    with pytest.raises(DataError, match="knows no class 'dog', the nearest are dogs"):
        generate_adversarial.main()


def test_classifier_that_rounds_its_input_is_refused_and_old_results_stay(one_layer):
    generate_adversarial.main()
    first = contents()
    one_layer(see=keras.ops.round)
    with pytest.raises(AttackError, match="no gradient with respect to their pixels"):
        generate_adversarial.main()
    assert contents() == first


def test_classifier_that_gets_nothing_right_is_robust_nowhere(one_layer):
    write_json("data/model/labels.json", ["dog", "cat"])
    generate_adversarial.main()
    metrics = read_json(METRICS)
    assert {entry["value"] for entry in metrics["robust_accuracy"].values()} == {0}
    assert metrics["correct"] == len(metrics["pictures"]) == 0
    assert "none of 4 test photos" in metrics["doubts"][0]


@pytest.mark.parametrize("contrast", [0, 1e-6])
def test_classifier_that_says_cat_whatever_it_sees_is_noted(one_layer, contrast):
    one_layer(see=lambda pixels: contrast * pixels)
    generate_adversarial.main()
    metrics = read_json(METRICS)
    assert metrics["clean_accuracy"]["value"] == metrics["robust_accuracy"]["8"]["value"] == 0.5
    assert metrics["doubts"] and "check failed" in metrics["doubts"][-1]


def test_classifier_that_carries_code_is_refused(one_layer):
    inputs = keras.Input((32, 32, 3))
    keras.Model(inputs, keras.layers.Lambda(lambda pixels: pixels + 1)(inputs)).save(MODEL)
    with pytest.raises(DataError, match=r"classifier\.keras.*train_classifier"):
        generate_adversarial.main()


def test_second_classifier_of_other_labels_is_refused(one_layer, choose):
    Path("second").mkdir()
    write_json("second/labels.json", ["cat", "cow"])
    choose_attacks(choose, transfer="second/classifier.keras")
    with pytest.raises(DataError, match="expected the labels cat, dog; received cat, cow"):
        generate_adversarial.main()
