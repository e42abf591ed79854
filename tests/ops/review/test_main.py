"""Reviews of real repositories, in git and DVC's cache and remotes, with results written as the stages write them."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from dvc.repo import Repo

import ops.review.__main__ as review
from idealcat.photos.manifest import write_manifest, write_rejected
from idealcat.statistics.intervals import share
from idealcat.statistics.predictions import prediction_table, write_predictions

ROOT = Path(__file__).parents[3]
PHOTOS = 200
OUTS = ("data/manifest.csv", "data/rejected.csv", "data/predictions.parquet", "data/robustness.parquet")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]  # DVC's own


def git(*arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def write_results(*, wrong: set[int], photos: int = PHOTOS) -> None:
    """Results of a classifier that errs on some of the test photos, whose numbers are their names."""
    hashes = [f"{number:064x}" for number in range(photos)]
    labels = ["cat", "dog"] * (photos // 2)
    right = np.array([number not in wrong for number in range(photos)])
    cat = np.where(right == (np.array(labels) == "cat"), 0.9, 0.1)
    paths = [f"data/raw/{label}/{number}.jpg" for number, label in enumerate(labels)]
    table = pd.DataFrame({"path": paths, "label": labels, "split": "test", "sha256": hashes})
    write_manifest(table.assign(width=9, height=9, group=hashes))
    write_rejected(pd.DataFrame({"path": ["data/raw/cat/x.jpg"], "reason": ["corrupt"], "detail": [""]}))
    write_predictions(prediction_table(hashes, labels, np.stack([cat, 1 - cat], axis=1), ["cat", "dog"]))
    robust = pd.DataFrame({"sha256": hashes, "label": labels, "robust_at_0": right, "robust_at_0.5": right})
    robust.head(32).to_parquet("data/robustness.parquet")
    Path("metrics").mkdir(exist_ok=True)
    Path("metrics/evaluate.json").write_text(json.dumps({"accuracy": share(int(right.sum()), photos).as_json()}))


def record() -> None:
    """As `dvc commit` does."""
    with Repo() as repo:
        repo.commit(force=True)


def commit(message: str) -> None:
    record()
    git("add", "-A")
    git("commit", "-qm", message)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A repository with two commits on main: its set-up, and the results of a classifier that errs on 20 photos."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        git("init", "-qb", "main")
        Repo.init().close()
        shutil.copy(ROOT / "params.yaml", folder)
        (folder / ".gitignore").write_text("/data/\n")
        git("add", "-A")
        git("commit", "-qm", "set-up")
        stage = {"cmd": "true", "outs": list(OUTS), "metrics": [{"metrics/evaluate.json": {"cache": False}}]}
        (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"evaluate": stage}}))
        write_results(wrong=set(range(20)))
        commit("base")
    return folder


@pytest.fixture
def repository(made, tmp_path, monkeypatch) -> Path:
    """A copy of it, checked out."""
    folder = shutil.copytree(made, tmp_path / "repository", symlinks=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Runs the command; returns its exit code, the page and what it says beside."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["review", *arguments])
        code = 0
        try:
            review.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("wrong", "words", "code"),
    [
        (set(range(5)), "better", 0),
        (set(range(40)), "worse", 1),
        (set(range(2, 22)), "within noise: 200 photos can't tell", 0),
    ],
)
def test_change_is_called_what_it_is_and_only_worse_fails(repository, run, wrong, words, code):
    git("checkout", "-qb", "topic")
    write_results(wrong=wrong)
    commit("change")
    found, page, beside = run("--fail-on", "worse")
    assert f"**Accuracy: {words}.**" in page
    assert (found, "accuracy is worse by 10.0 points, more than the 2" in beside) == (code, bool(code))


def test_sure_loss_within_the_margin_does_not_fail(repository, run):
    text = Path("params.yaml").read_text().replace("accuracy: 0.02 ", "accuracy: 0.2 ")
    Path("params.yaml").write_text(text.replace("robustness: 0.15 ", "robustness: 0.9 "))
    write_results(wrong=set(range(40)))
    code, page, _ = run("--fail-on", "worse", "--base", "HEAD")
    assert ("**Accuracy: worse.**" in page, code) == (True, 0)
    assert "| `review.margins.accuracy` | `0.02` | `0.2` |" in page


def test_work_tree_with_changes_is_the_head_and_its_flips_are_named(repository, run):
    write_results(wrong=set(range(1, 21)))
    record()
    code, page, _ = run("--base", "HEAD", "--output", "out/page.md")
    assert re.search(r"Head: `[0-9a-f]{7,} .*not committed`", page)
    assert "| `data/raw/cat/0.jpg` | `cat` | `dog` | `cat` |" in page
    assert "| `data/raw/cat/20.jpg` | `cat` | `cat` | `dog` |" in page
    assert "**Robustness at epsilon 0.5/255: within noise: 32 photos can't tell.**" in page
    assert (code, Path("out/page.md").read_text(encoding="utf-8")) == (0, page)


def test_results_are_read_from_the_remote_where_the_cache_is_gone(repository, run, tmp_path):
    with Repo() as repo, repo.config.edit() as config:
        config["remote"]["store"] = {"url": str(tmp_path / "store")}
        config["core"]["remote"] = "store"
    with Repo() as repo:
        repo.push()
    write_results(wrong={1})
    commit("change")
    with Repo() as repo:
        repo.push()
    shutil.rmtree(".dvc/cache")
    shutil.rmtree("data")
    _, page, _ = run()
    assert "**Accuracy: better.**" in page
    assert "missing" not in page


def test_base_whose_cache_is_gone_is_compared_by_its_metrics(repository, run):
    shutil.rmtree(".dvc/cache")
    write_results(wrong=set(range(100)))
    commit("change")
    code, page, _ = run("--fail-on", "worse")
    assert "**Accuracy: worse.**" in page
    assert "No paired test, since the base lacks `data/predictions.parquet`" in page
    assert "- Base: Neither the cache nor a remote that can be reached has" in page
    assert code == 1


def test_remote_that_is_not_installed_is_told_and_metrics_are_compared(repository, run):
    shutil.rmtree(".dvc/cache")
    with Repo() as repo, repo.config.edit() as config:
        config["remote"]["far"] = {"url": "gdrive://nowhere/at-all"}
        config["core"]["remote"] = "far"
    code, page, _ = run("--base", "HEAD", "--head", "HEAD")
    assert "| `evaluate.accuracy` | 0.9 (" in page
    assert ("can't be had: `" in page, code) == (True, 0)


def test_base_without_metrics_is_said_and_fails_nothing(repository, run):
    code, page, beside = run("--fail-on", "worse")  # against the set-up
    assert "**Accuracy: can't be compared**" in page
    assert "- Base: It has no results" in page
    assert "| `evaluate.accuracy` | – | 0.9 (" in page
    assert ("accuracy can't be compared and fails nothing" in beside, code) == (True, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--base", "nowhere"), "git knows no revision 'nowhere' here"),
        (("--base", "HEAD~1", "--head", "HEAD~1"), "neither revision has results"),
        (("--output", "dvc.yaml/page.md"), "dvc.yaml/page.md can't be written"),
    ],
)
def test_faults_are_one_line_each(repository, run, arguments, message):
    code, page, beside = run(*arguments)
    assert (code, page) == (2, "")
    assert message in beside
    assert beside.count("\n") == 1


def test_merge_conflict_is_one_line_with_the_cure(repository, run):
    for branch, wrong in (("topic", {1}), ("main", {2, 3})):
        git("checkout", "-q", *(("-b", branch) if branch == "topic" else (branch,)))
        write_results(wrong=wrong)
        commit(branch)
    with pytest.raises(subprocess.CalledProcessError):
        git("merge", "-q", "topic")
    code, page, beside = run("--fail-on", "worse")
    assert (code, page, beside.count("\n")) == (2, "", 1)
    assert "merge conflicts in dvc.lock, metrics/evaluate.json" in beside
    assert "dvc repro" in beside


def test_results_that_cannot_be_read_are_no_pass(repository, run):
    Path("metrics/evaluate.json").write_text("<<<<<<< HEAD\n")
    git("commit", "-qam", "markers")
    code, page, beside = run("--fail-on", "worse")
    assert ("can't be read" in page, code) == (True, 2)
    assert "metrics/evaluate.json can't be read, which is no pass" in beside


def test_repository_without_dvc_is_compared_by_what_git_has(repository, run):
    git("rm", "-rqf", ".dvc")
    shutil.rmtree(".dvc")
    git("commit", "-qm", "no DVC")
    code, page, _ = run()
    assert ("- Head: Neither the cache nor a remote that can be reached has `data/manifest.csv`" in page, code) == (
        True,
        0,
    )
