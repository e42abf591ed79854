import pytest

from idealcat.errors import DataError
from ops.promote import data_checks, decide, margin, robustness, rollback
from ops.tracking import CHAMPION, MODEL, PREVIOUS

GOOD = {"preprocess.leakage": 0.0, "preprocess.photos": 100.0, "preprocess.used": 99.0}


def test_lower_bound_above_minus_the_margin_is_promoted():
    assert decide("2", "1", [], {"accuracy": ((0.0, -0.01, 0.01), 0.02)}).promoted


def test_lower_bound_below_minus_the_margin_is_refused():
    assert not decide("2", "1", [], {"accuracy": ((0.01, -0.03, 0.05), 0.02)}).promoted


def test_suspect_data_is_refused():
    assert not decide("2", None, ["leakage"], {}).promoted


def test_leakage_and_rejected_photos_are_faults():
    assert data_checks(GOOD, GOOD) == []
    assert len(data_checks(GOOD | {"preprocess.leakage": 1.0}, GOOD)) == 1
    assert len(data_checks(GOOD | {"preprocess.used": 80.0}, GOOD)) == 1


def test_robustness_is_compared_at_the_smallest_epsilon_of_both():
    name = "generate_adversarial.robust_accuracy"
    entry = {f"{name}.{key}": value for key, value in {"0.5": 0.5, "0.5.low": 0.4, "0.5.high": 0.6, "8": 0.0}.items()}
    better = entry | {f"{name}.0.5": 0.8, f"{name}.0.5.low": 0.7, f"{name}.0.5.high": 0.9}
    ((title, (interval, _)),) = robustness(better, entry).items()
    assert title == "robustness at epsilon 0.5/255"
    assert interval == pytest.approx((0.3, 0.3 - 0.02**0.5, 0.3 + 0.02**0.5))
    assert robustness({}, entry) == {}


def test_margin_comes_from_params(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text("review: {margins: {accuracy: 0.005}}")
    assert margin("accuracy") == 0.005


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_rollback_swaps_and_without_previous_says_so(tmp_path, monkeypatch):
    import mlflow

    monkeypatch.chdir(tmp_path)
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path / 'm.db'}")
    client.create_registered_model(MODEL)
    for _ in range(2):
        client.create_model_version(MODEL, tmp_path.as_uri(), None)
    client.set_registered_model_alias(MODEL, CHAMPION, "2")
    with pytest.raises(DataError, match="no previous champion"):
        rollback(client)
    client.set_registered_model_alias(MODEL, PREVIOUS, "1")
    rollback(client)
    assert client.get_model_version_by_alias(MODEL, CHAMPION).version == 1
    assert client.get_model_version_by_alias(MODEL, PREVIOUS).version == 2
