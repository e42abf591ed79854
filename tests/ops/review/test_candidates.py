import subprocess
from pathlib import Path

import yaml

from ops.review.candidates import candidates


def git(*arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def locked(predictions: str, manifest: str = "m") -> dict:
    outs = [{"path": "data/manifest.csv", "md5": manifest}, {"path": "data/predictions.parquet", "md5": predictions}]
    return {"stages": {"evaluate": {"outs": outs}}}


def commit(predictions: str, manifest: str = "m") -> str:
    Path("dvc.lock").write_text(yaml.safe_dump(locked(predictions, manifest)))
    git("add", "-A")
    git("commit", "-qm", predictions)
    return git("rev-parse", "HEAD")


def test_results_on_the_same_test_split_are_counted_once_each(tmp_path, monkeypatch):
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")  # a project need not be its repository's root
    git("init", "-qb", "main", "..")
    base = commit("base")
    git("update-ref", "refs/exps/ab/cdef/one", commit("tried"))
    git("update-ref", "refs/exps/ab/cdef/two", commit("elsewhere", manifest="other"))
    git("update-ref", "refs/exps/ab/cdef/three", commit("base"))
    git("rm", "-q", "dvc.lock")
    git("commit", "-qm", "no results")
    head = commit("head")
    assert candidates(base, head, lock=locked("head"), base_lock=locked("base")) == 2
    assert candidates(head, head, lock={}, base_lock={}) == 1
