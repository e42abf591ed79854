import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from idealcat.extraction.store import FeatureStore
from idealcat.features.table import Extractor
from idealcat.photos.manifest import COLUMNS, write_manifest
from ops import store as command

EXTRACTOR = Extractor("vgg16", "ab" * 32, 224, "avg", "litert", "cpu", (3,), "litert 2")


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
    filled.note_use(reused=3, computed=1)
    command.main([])
    assert "vgg16 224 px avg (litert, cpu): 4 vectors, 0.0 MB  75 % of 4 reused" in capsys.readouterr().out


def test_verify_drops_damage_and_says_so(filled):
    path = filled.shards()[0]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SystemExit, match="dropped 1 damaged"):
        command.main(["verify"])
    assert filled.shards() == []


def test_prune_without_any_manifest_removes_nothing(filled):
    with pytest.raises(SystemExit, match="nothing is removed"):
        command.main(["prune"])
    assert filled.find([name(0)])[0].missing == []


@pytest.mark.slow
def test_prune_keeps_what_a_manifest_in_the_history_names(filled, capsys):
    def run(*words):
        subprocess.run(words, check=True, capture_output=True)

    dvc = (sys.executable, "-m", "dvc")
    run("git", "init", "-q")
    run(*dvc, "init", "-q")
    manifest_of(0, 1)
    Path("dvc.yaml").write_text("stages:\n  preprocess:\n    cmd: echo\n    outs:\n      - data/manifest.csv\n")
    run(*dvc, "commit", "-f", "preprocess")
    run("git", "add", "-A")
    run("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first")
    shutil.rmtree("data")
    manifest_of(2)
    command.main(["prune", "--dry-run"])
    assert "1 of 4 vectors would go" in capsys.readouterr().out
    command.main(["prune"])
    assert filled.find([name(number) for number in range(4)])[0].missing == [name(3)]
