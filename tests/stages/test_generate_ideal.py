from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from idealcat.base.errors import ClassError, DataError
from idealcat.base.files import read_json, write_json
from idealcat.ideal import drawing
from idealcat.ideal.ascent import METHODS
from idealcat.networks import backbones
from idealcat.networks.backend import keras
from idealcat.networks.classifier import load_classifier
from stages import generate_ideal

pytestmark = pytest.mark.slow  # images are drawn

FOLDER = Path("metrics/ideal")


@pytest.fixture
def quick(trained, choose) -> Callable[..., None]:
    """Few steps on the classifier of the small photos; sets further keys of the section."""
    choose("generate_ideal", steps=2, judge=None, imagenet_classes=[])
    return lambda **values: choose("generate_ideal", **values)


@pytest.fixture
def one_method(quick, monkeypatch) -> Callable[..., None]:
    """The full method alone, for what does not hang on the method: each costs a compilation."""
    monkeypatch.setattr(drawing, "METHODS", ("full",))
    return quick


@pytest.fixture
def with_head(one_method, monkeypatch) -> keras.Model:
    """The small backbone with a random ImageNet head, and two classes of it chosen."""
    backbone = backbones._build("efficientnet_lite0", 32, "avg", head=True)
    monkeypatch.setattr(generate_ideal, "load_backbone", lambda: backbone)
    one_method(classes=[], imagenet_classes=["zebra", 281, "tabby"])
    return backbone


def read(path: str) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_each_class_has_a_file_for_each_method_and_the_scores_of_the_file(quick):
    assert generate_ideal.main() == {"images": 6}
    metrics, (classifier, labels) = read_json("metrics/generate_ideal.json"), load_classifier()
    shown = [(entry["label"], entry["method"]) for entry in metrics["pictures"]]
    assert sorted(shown) == sorted((label, method) for label in labels for method in METHODS)
    assert sorted(path.as_posix() for path in FOLDER.iterdir()) == sorted(
        entry["file"] for entry in metrics["pictures"]
    )
    for entry in metrics["pictures"]:
        probabilities = np.asarray(classifier(read(entry["file"])[None].astype("float32")))[0]
        score = metrics["classifier"][entry["label"]][entry["method"]]
        assert score["probability"] == pytest.approx(float(probabilities[labels.index(entry["label"])]), abs=1e-4)


def test_same_seed_same_bytes(quick):
    quick(classes=["cat"])
    runs = []
    for _ in range(2):
        generate_ideal.main()
        runs.append([path.read_bytes() for path in (*sorted(FOLDER.iterdir()), Path("metrics/generate_ideal.json"))])
    assert runs[0] == runs[1]


def test_backbone_without_imagenet_head_is_noted(one_method):
    one_method(imagenet_classes=["zebra"], classes=["dog"])
    generate_ideal.main()
    metrics = read_json("metrics/generate_ideal.json")
    assert metrics["notes"] == ["no ImageNet classes: the backbone has no ImageNet head"]
    assert list(metrics["classifier"]) == ["dog"] and metrics["imagenet"] == {}


def test_imagenet_classes_are_drawn_once_each_without_a_judge(with_head):
    generate_ideal.main()
    metrics = read_json("metrics/generate_ideal.json")
    assert list(metrics["imagenet"]) == ["zebra", "tabby"] and "judge_top5" not in metrics
    assert {entry["index"] for entry in metrics["pictures"]} == {340, 281}
    assert "judge_rank" not in metrics["imagenet"]["zebra"]["full"]


def test_judge_ranks_the_files(with_head, monkeypatch, quick):
    quick(judge="efficientnet_lite1")
    keras.utils.set_random_seed(1)
    network = backbones._build("efficientnet_lite1", 32, "avg", head=True)
    monkeypatch.setattr(backbones, "build_backbone", lambda *_, **__: network)
    generate_ideal.main()
    metrics = read_json("metrics/generate_ideal.json")
    entry = metrics["pictures"][0]
    logits = np.asarray(network(read(entry["file"])[None].astype("float32"))["imagenet_logits"])[0]
    expected = 1 + (logits > logits[entry["index"]]).sum()
    assert metrics["imagenet"][entry["label"]][entry["method"]]["judge_rank"] == expected
    assert metrics["judge"] == "efficientnet_lite1" and metrics["judge_top5"]["n"] == 2


def test_backbone_is_no_judge_of_its_own_images(with_head, quick):
    quick(judge=with_head.name)
    generate_ideal.main()
    metrics = read_json("metrics/generate_ideal.json")
    assert metrics["judge"] is None and "is the backbone itself" in metrics["notes"][0]


@pytest.mark.parametrize(
    ("keys", "offered"), [({"classes": ["catt"]}, "cat"), ({"imagenet_classes": ["zebr"]}, "zebra")]
)
def test_unknown_class_offers_the_nearest_and_keeps_what_was_there(quick, keys, offered):
    FOLDER.mkdir(parents=True)
    (FOLDER / "old.png").write_bytes(b"kept")
    quick(**keys)
    with pytest.raises(ClassError, match=f"nearest: .*{offered}"):
        generate_ideal.main()
    assert [path.name for path in FOLDER.iterdir()] == ["old.png"]


def test_images_start_from_a_photo(one_method, trained):
    photo = trained["path"].iloc[0]
    one_method(start=photo, steps=1, learning_rate=1e-6, classes=["cat"])
    generate_ideal.main()
    difference = read(f"{FOLDER}/classifier_00_cat_full.png").astype(int) - read(photo)
    assert np.abs(difference).mean() < 8


def test_missing_photo_to_start_from_is_named(one_method):
    one_method(start="nowhere.jpg")
    with pytest.raises(DataError, match=r"generate_ideal\.start: .*nowhere\.jpg"):
        generate_ideal.main()


def test_labels_harm_no_path(one_method):
    write_json("data/model/labels.json", ["../x", "<script>"])
    generate_ideal.main()
    names = sorted(path.name for path in FOLDER.iterdir())
    assert names == ["classifier_00_x_full.png", "classifier_01_script_full.png"]
    assert list(read_json("metrics/generate_ideal.json")["classifier"]) == ["../x", "<script>"]
