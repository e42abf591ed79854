import shutil
from pathlib import Path

import pytest
from dvc.repo import Repo

from ops.publish.experiments import _fetch
from ops.shared.repository import commit_all, git
from ops.shared.result import Result, read_lock

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]  # DVC's own


def test_experiment_whose_data_was_collected_is_published_without_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    Repo.init().close()
    Path("dvc.yaml").write_text("stages: {train_classifier: {cmd: 'true', outs: [metrics/ideal]}}\n")
    Path("metrics/ideal").mkdir(parents=True)
    Path("metrics/ideal/x.json").write_text("[]")
    with Repo() as repo:
        repo.commit(force=True)
    commit = commit_all(["."], "experiment", cwd=tmp_path)
    shutil.rmtree(".dvc/cache")
    _fetch(commit, Result(tmp_path, commit, read_lock(tmp_path)), tmp_path / "out")
    assert "without what neither DVC's cache nor a remote has" in capsys.readouterr().out
