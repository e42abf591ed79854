from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from idealcat.base.errors import ClassError, DataError
from idealcat.base.files import read_json, write_json
from idealcat.ideal import judges
from idealcat.ideal.drawing import METHODS
from idealcat.networks import backbones
from idealcat.networks.backend import keras
from idealcat.networks.classifier import load_classifier
from idealcat.networks.model_file import save_model
from idealcat.photos.manifest import read_manifest, write_manifest
from idealcat.photos.pixels import Pixels
from stages import generate_ideal

pytestmark = pytest.mark.slow  # images are drawn

FOLDER = Path("metrics/ideal")
METRICS = "metrics/generate_ideal.json"


@pytest.fixture
def quick(trained, choose, monkeypatch, tmp_path) -> Callable[..., None]:
    """Few steps on the small photos' classifier, a feature store of one's own; sets further keys of the section."""
    monkeypatch.setenv("IDEALCAT_CACHE", str(tmp_path / "cache"))
    choose("generate_ideal", steps=2, judge=None)
    return lambda **values: choose("generate_ideal", **values)


def read(path: str) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_each_class_has_a_file_for_each_method_and_the_scores_of_the_file(quick):
    assert generate_ideal.main() == {"images": 6}
    metrics, (classifier, labels) = read_json(METRICS), load_classifier()
    shown = [(entry["label"], entry["method"]) for entry in metrics["pictures"]]
    assert sorted(shown) == sorted((label, method) for label in labels for method in METHODS)
    assert sorted(path.as_posix() for path in FOLDER.iterdir()) == sorted(
        entry["file"] for entry in metrics["pictures"]
    )
    for entry in metrics["pictures"]:
        probabilities = np.asarray(classifier(read(entry["file"])[None].astype("float32")))[0]
        score = metrics["scores"][entry["label"]][entry["method"]]
        assert score["probability"] == pytest.approx(float(probabilities[labels.index(entry["label"])]), abs=1e-4)


def test_same_seed_same_bytes(quick):
    quick(classes=["cat"])
    runs = []
    for _ in range(2):
        generate_ideal.main()
        runs.append([path.read_bytes() for path in (*sorted(FOLDER.iterdir()), Path(METRICS))])
    assert runs[0] == runs[1]


def test_nearest_photos_are_of_the_training_split(quick):
    quick(classes=["dog"])
    generate_ideal.main()
    manifest = read_manifest()
    train = manifest[manifest["split"] == "train"]
    (full,) = [entry for entry in read_json(METRICS)["pictures"] if entry["method"] == "full"]
    assert len(full["nearest"]) == 3
    assert {near["photo"] for near in full["nearest"]} <= set(train["path"])


def test_judge_of_own_classes_is_another_network(quick, monkeypatch):
    quick(judge="efficientnet_lite1")
    keras.utils.set_random_seed(1)
    network = backbones.assemble("efficientnet_lite1", Pixels(32), "avg", head=False)
    monkeypatch.setattr(judges.backbones, "build_backbone", lambda *_, **__: network)
    generate_ideal.main()
    metrics = read_json(METRICS)
    assert metrics["judge"] == "efficientnet_lite1" and metrics["judge_top1"]["n"] == 2
    assert {score["judge_rank"] for scores in metrics["scores"].values() for score in scores.values()} <= {1, 2}


def test_backbone_is_no_judge_of_its_own_images(quick):
    quick(judge="efficientnet_lite0", classes=["cat"])
    generate_ideal.main()
    metrics = read_json(METRICS)
    assert metrics["judge"] is None and "is the backbone itself" in metrics["notes"][0]


def test_no_more_classes_than_are_asked_for_those_named_first(quick):
    quick(classes=["dog", "cat"], max_classes=1)
    assert generate_ideal.main() == {"images": 3}
    metrics = read_json(METRICS)
    assert list(metrics["scores"]) == ["dog"] and metrics["notes"][0].startswith("1 of 2 classes are drawn")


def test_classifier_whose_features_are_not_cached_is_drawn_by_its_logits(quick):
    classifier, _ = load_classifier()
    layer = next(layer for layer in classifier.layers if layer.name == "head_conv")
    layer.set_weights([2 * weight for weight in layer.get_weights()])
    save_model(classifier, "data/model/classifier.keras")
    quick(classes=["cat"])
    generate_ideal.main()
    metrics = read_json(METRICS)
    assert "the full method raises the logit" in metrics["notes"][0]
    assert not any("nearest" in entry for entry in metrics["pictures"])


def test_unknown_class_offers_the_nearest_and_keeps_what_was_there(quick):
    FOLDER.mkdir(parents=True)
    (FOLDER / "old.png").write_bytes(b"kept")
    quick(classes=["catt"])
    with pytest.raises(ClassError, match=r"nearest: .*cat"):
        generate_ideal.main()
    assert [path.name for path in FOLDER.iterdir()] == ["old.png"]


def test_images_start_from_a_photo(quick, trained):
    photo = trained["path"].iloc[0]
    quick(start=photo, steps=1, learning_rate=1e-6, classes=["cat"])
    generate_ideal.main()
    difference = read(f"{FOLDER}/classifier_00_cat_full.png").astype(int) - read(photo)
    assert np.abs(difference).mean() < 8


def test_missing_photo_to_start_from_is_named(quick):
    quick(start="nowhere.jpg")
    with pytest.raises(DataError, match=r"generate_ideal\.start: .*nowhere\.jpg"):
        generate_ideal.main()


def test_labels_harm_no_path(quick):
    names = {"cat": "../x", "dog": "<script>"}
    write_json("data/model/labels.json", list(names.values()))
    manifest = read_manifest()
    write_manifest(manifest.assign(label=manifest["label"].map(names)))
    generate_ideal.main()
    files = {path.name for path in FOLDER.iterdir()}
    assert {"classifier_00_x_full.png", "classifier_01_script_full.png"} <= files
    assert list(read_json(METRICS)["scores"]) == ["../x", "<script>"]
