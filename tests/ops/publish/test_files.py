from idealcat.base import artifacts
from ops.publish.files import cached, published


def test_results_are_published_and_what_is_large_is_not():
    expected = {
        "dvc.lock",
        "data/model/classifier.keras",
        "data/manifest.csv",
        "metrics/evaluate.json",
        "metrics/plots/roc.csv",
    }
    large = {artifacts.RAW.path.as_posix(), "data/backbone", "data/features"}
    assert expected <= set(published())
    assert not large & set(published())


def test_what_git_has_is_not_asked_of_dvc():
    assert "data/model/classifier.keras" in cached()
    assert not {"metrics/evaluate.json", "metrics/report.md", "dvc.lock"} & set(cached())
