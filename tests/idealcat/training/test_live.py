import importlib
import json
import os
import sys
import time
from pathlib import Path

import pytest

from idealcat.base.runs import LIVE
from idealcat.training.live import SWITCH, live_epochs


@pytest.fixture(autouse=True)
def switched_on(workspace, monkeypatch):
    monkeypatch.delenv(SWITCH)


def train(*, watcher):
    """Two epochs, of which the second has a loss that JSON lacks, behind three of the head."""
    for callback in live_epochs(settled=3, watcher=watcher):
        callback.on_train_begin()
        callback.on_epoch_end(0, {"log_loss": 0.5, "val_log_loss": 0.25, "loss": 9.0})
        callback.on_epoch_end(1, {"log_loss": float("inf")})
        callback.on_train_end()


def test_a_line_an_epoch_with_the_names_of_the_history(workspace):
    train(watcher=None)
    token, *lines = map(json.loads, LIVE.read_text().splitlines())
    assert list(token) == ["token"]
    assert lines == [{"epoch": 4, "loss": 0.5, "validation_loss": 0.25}, {"epoch": 5}, {"end": True}]


@pytest.mark.parametrize("watcher", ["nobody", "nowhere.at_all"])
def test_a_watcher_that_is_not_there_is_not_missed(workspace, watcher):
    train(watcher=watcher)
    assert LIVE.exists()


def test_switched_off_nothing_is_written_and_nobody_started(workspace, monkeypatch):
    monkeypatch.setenv(SWITCH, "0")
    train(watcher="nobody")
    assert not LIVE.exists()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # nobody waits for the watcher's end
def test_the_watcher_is_started_with_the_process_id(workspace, monkeypatch):
    Path("watcher.py").write_text("import sys, pathlib; pathlib.Path('seen').write_text(sys.argv[1] + chr(10))")
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    importlib.invalidate_caches()
    train(watcher="watcher")
    deadline = time.monotonic() + 20
    while not (Path("seen").exists() and Path("seen").read_text().endswith("\n")):
        assert time.monotonic() < deadline, "the watcher was not started"
        time.sleep(0.05)
    assert Path("seen").read_text() == f"{os.getpid()}\n"
