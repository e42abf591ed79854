from pathlib import Path

import numpy as np
import pytest

from idealcat.audit.limits import read_limits
from idealcat.base.errors import DataError
from idealcat.base.files import read_json, sha256_of, write_json
from idealcat.base.params import load_params
from idealcat.base.tables import write_table
from idealcat.networks.feature_table import Extractor, write_features
from idealcat.photos.manifest import read_manifest
from idealcat.report.build import build
from idealcat.serving.training_photos import TrainingPhotos
from idealcat.statistics.predictions import out_of_fold_table
from stages import learn_limits
from tests.report_results import write_results

LABELS = ["cat", "<b>dog"]


@pytest.fixture
def judged(workspace):
    """Eighty photos of two classes, half of them tested, of which heads are sure; the classes lie apart."""
    write_results(LABELS, photos=40)
    photos = read_manifest().sort_values("sha256", ignore_index=True)
    rng = np.random.default_rng(0)
    right = (photos["label"] == LABELS[1]).to_numpy().astype(int)
    sure = rng.uniform(0.8, 1, len(photos))[:, None]
    probabilities = np.where(np.arange(2) == right[:, None], sure, 1 - sure).astype("float32")
    write_table(
        out_of_fold_table(photos.assign(fold=np.arange(len(photos)) % 4), probabilities, LABELS),
        "data/out_of_fold.parquet",
    )
    vectors = (5 * np.eye(2, 6)[right] + rng.normal(size=(len(photos), 6))).astype("float32")
    write_features([(photos["sha256"].tolist(), vectors)], Extractor("random", "0", 32, "avg", "keras", "cpu", (6,)))
    return photos


def test_limits_are_those_of_the_saved_classifier_and_are_counted_on_the_test_split(judged):
    learn_limits.main()
    limits = read_limits(LABELS, model=sha256_of("data/model/classifier.keras"))
    assert (limits.reason, limits.coverage, limits.known) == ("", 0.9, 0.95)
    assert limits.thresholds.own.all()
    metrics = read_json("metrics/learn_limits.json")
    assert metrics["coverage"]["n"] == (judged["split"] == "test").sum()
    assert metrics["coverage_held_out"]["n"] == (judged["split"] != "test").sum()
    assert metrics["coverage_held_out"]["value"] == pytest.approx(0.9, abs=0.1)
    assert metrics["known"]["value"] > 0.8


def test_a_second_run_changes_nothing(judged):
    learn_limits.main()
    before = Path("data/model/limits.json").read_bytes()
    learn_limits.main()
    assert Path("data/model/limits.json").read_bytes() == before


def test_fine_tuned_backbone_has_no_limits_and_the_report_says_so(judged, capsys):
    write_json("metrics/train_classifier.json", read_json("metrics/train_classifier.json") | {"fine_tuned_layers": 2})
    learn_limits.main()
    assert "no sets and no score of unknowns, as the backbone is fine-tuned" in capsys.readouterr().out
    assert "No sets and no score of unknowns: the backbone is fine-tuned" in build(load_params()).html


def test_judgements_of_other_photos_are_an_error(judged):
    write_table(judged.head(0).assign(fold=0), "data/out_of_fold.parquet")
    with pytest.raises(DataError, match="the stage cross_validate writes"):
        learn_limits.main()


def test_the_report_shows_it_and_labels_have_no_power_in_it(judged):
    learn_limits.main()
    page = build(load_params()).html
    assert "What it does not know" in page
    assert "&lt;b&gt;dog" in page
    assert "<b>dog" not in page


def test_nearest_training_photos_are_of_this_classifier_and_not_of_the_test_split(judged):
    from idealcat.audit.limits import Limits

    class Classifier:
        limits = Limits(LABELS, model=sha256_of("data/model/classifier.keras"))

    training = TrainingPhotos.of(Classifier())
    near = training.nearest(training.units[3] * 7)
    assert near[0].sha256 == training.photos["sha256"][3]
    assert [photo.distance for photo in near] == sorted(photo.distance for photo in near)
    assert set(training.photos["sha256"]) == set(judged.loc[judged["split"] != "test", "sha256"])
    Path("data/model/classifier.keras").write_bytes(b"another")
    with pytest.raises(DataError, match="not this classifier's"):
        TrainingPhotos.of(Classifier())
