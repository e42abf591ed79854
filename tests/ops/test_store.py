import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from idealcat.extraction.store import FeatureStore
from idealcat.extraction.uses import note_use
from idealcat.networks.feature_table import Extractor
from idealcat.photos.manifest import COLUMNS, write_manifest
from ops import store as command

EXTRACTOR = Extractor("vgg16", "ab" * 32, 224, "avg", "litert", "cpu", (3,), "litert 2")


DVC = (sys.executable, "-m", "dvc")


def run(*words):
    subprocess.run(words, check=True, capture_output=True)


def name(number):
    return hashlib.sha256(str(number).encode()).hexdigest()


def manifest_of(*numbers):
    rows = [(f"data/raw/cat/{number}.png", "cat", "train", name(number), 8, 8, name(number)[:16]) for number in numbers]
    write_manifest(pd.DataFrame(rows, columns=COLUMNS))


@pytest.fixture
def filled(workspace):
    filled = FeatureStore(EXTRACTOR)
    filled.prepare()
    filled.add([name(number) for number in range(4)], np.zeros((4, 3), "float32"))
    return filled


def test_status_counts_vectors_and_hits(filled, capsys):
    note_use(filled.folder, reused=3, computed=1)
    command.main([])
    assert "vgg16 224 px avg (litert, cpu): 4 vectors, 0.0 MB  75 % of 4 reused" in capsys.readouterr().out


def test_verify_drops_damage_and_says_so(filled):
    path = filled.shards()[0]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SystemExit, match="dropped 1 damaged"):
        command.main(["verify"])
    assert filled.shards() == []


def test_prune_without_any_manifest_removes_nothing(filled):
    run("git", "init", "-q")
    refused(filled, "found none")


def test_prune_outside_of_a_repository_removes_nothing(filled, monkeypatch):
    manifest_of(0)
    monkeypatch.setenv("GIT_DIR", "nowhere")
    refused(filled, "not a git repository")


def test_prune_without_git_removes_nothing(filled, monkeypatch):
    manifest_of(0)
    monkeypatch.setenv("PATH", "")
    refused(filled, "git is not installed")


def commit(lock):
    Path("dvc.lock").write_text(lock)
    run("git", "add", "-A")
    run("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "one")


@pytest.mark.parametrize(
    "lock", ["<<<<<<< HEAD\nstages:", "[]", "stages: {preprocess: {outs: [{path: data/manifest.csv}]}}"]
)
def test_prune_with_a_lock_that_cannot_be_read_removes_nothing(filled, lock):
    manifest_of(0)
    run("git", "init", "-q")
    commit(lock)
    refused(filled, "dvc.lock of .* can't be read")


def test_prune_in_a_shallow_clone_removes_nothing(filled, monkeypatch):
    manifest_of(0)
    run("git", "init", "-q")
    commit("stages: {}")
    commit("stages: {preprocess: {}}")
    run("git", "clone", "-q", "--depth=1", Path.cwd().as_uri(), "shallow")
    monkeypatch.chdir("shallow")
    refused(filled, "only a part of the git history")


@pytest.mark.slow
def test_prune_with_a_manifest_that_dvc_cannot_get_removes_nothing(filled):
    manifest_of(0)
    run("git", "init", "-q")
    run(*DVC, "init", "-q")
    Path(".gitignore").write_text("data\n")
    Path("dvc.yaml").write_text("stages:\n  preprocess:\n    cmd: echo\n    outs:\n      - data/manifest.csv\n")
    commit(f"stages: {{preprocess: {{cmd: echo, outs: [{{path: data/manifest.csv, hash: md5, md5: {'ab' * 16}}}]}}}}")
    refused(filled, "DVC can't get data/manifest.csv of ")


def refused(filled, reason):
    with pytest.raises(
        SystemExit, match=f"nothing is removed: .*{reason}.* Other projects that share this cache folder"
    ):
        command.main(["prune"])
    assert filled.find([name(number) for number in range(4)])[0].missing == []


@pytest.mark.slow
def test_prune_keeps_what_a_manifest_in_the_history_names(filled, capsys):
    run("git", "init", "-q")
    run(*DVC, "init", "-q")
    manifest_of(0, 1)
    Path("dvc.yaml").write_text("stages:\n  preprocess:\n    cmd: echo\n    outs:\n      - data/manifest.csv\n")
    run(*DVC, "commit", "-f", "preprocess")
    run("git", "add", "-A")
    run("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first")
    shutil.rmtree("data")
    manifest_of(2)
    command.main(["prune", "--dry-run"])
    assert "1 of 4 vectors would go" in capsys.readouterr().out
    command.main(["prune"])
    assert filled.find([name(number) for number in range(4)])[0].missing == [name(3)]
