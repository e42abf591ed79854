"""The experiments of a real repository, in git and DVC."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dvc.repo import Repo

import ops.experiments.__main__ as experiments
from idealcat.base.files import write_json
from idealcat.photos.manifest import write_manifest
from idealcat.statistics.intervals import share

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]  # DVC's own


def git(*arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments], check=True, capture_output=True)


def write_results(*, wrong: int) -> None:
    """Results of a head that gets `wrong` of 200 photos wrong out of fold; every fifth is a test photo."""
    photos = [f"{number:064x}" for number in range(200)]
    table = pd.DataFrame({"path": photos, "label": "cat", "split": (["test"] + ["train"] * 4) * 40, "sha256": photos})
    write_manifest(table.assign(width=9, height=9, group=photos))
    cat = np.where(np.arange(200) < wrong, 0.1, 0.9)
    out_of_fold = pd.DataFrame({"sha256": photos, "label": "cat", "fold": 0, "cat": cat, "dog": 1 - cat})
    out_of_fold.to_parquet("data/out_of_fold.parquet")
    write_json("metrics/evaluate.json", {"accuracy": share(200 - wrong, 200)})


def test_experiments_are_ranked_beside_the_work_tree(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    git("init", "-qb", "main")
    Repo.init().close()
    shutil.copy(ROOT / "params.yaml", tmp_path)
    write_results(wrong=10)
    git("add", "-A")
    git("commit", "-qm", "an experiment")
    git("update-ref", "refs/exps/ab/cdef/better", "HEAD")
    git("update-ref", "refs/exps/stash", "HEAD")
    git("rm", "-q", "--cached", "data/out_of_fold.parquet")
    git("commit", "-qm", "another")
    git("update-ref", "refs/exps/ab/cdef/bare", "HEAD")
    write_results(wrong=60)
    monkeypatch.setattr(sys, "argv", ["experiments"])
    experiments.main()
    told = capsys.readouterr().out
    assert "bare is left out: it has no data/out_of_fold.parquet" in told
    assert told.index("better ") < told.index("(work tree)  0.700")
    assert "worse, p = " in told
    assert "better on the test split, which it was not chosen by: accuracy 0.950" in told


def test_without_results_one_line_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    git("init", "-qb", "main")
    Repo.init().close()
    monkeypatch.setattr(sys, "argv", ["experiments"])
    with pytest.raises(SystemExit, match="experiments: no result to rank"):
        experiments.main()
