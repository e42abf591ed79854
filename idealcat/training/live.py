"""Lets others watch a long training: each epoch is a line in runs/live.jsonl, which a process of its own may follow.

The training waits for nobody who reads, so no outage can slow it. The file is also what is kept for later.
"""

import importlib.util
import json
import os
import subprocess
import sys
import uuid

from idealcat.base.runs import LIVE
from idealcat.networks.backend import keras
from idealcat.training.history import COLUMNS

SWITCH = "IDEALCAT_LIVE"  # 0: nothing is written and nobody is started


class LiveEpochs(keras.callbacks.Callback):
    """Writes LIVE: a token, then a line an epoch, then the end.

    Epochs are counted on from `settled`, those of the head before it. `watcher` is a module that is started as
    `python -m WATCHER PID`, with the training's process id, once the file is there; None, or one that is not there,
    starts nothing. What becomes of it is no matter of the training's.
    """

    def __init__(self, *, settled: int, watcher: str | None) -> None:
        super().__init__()
        self.settled = settled
        self.watcher = watcher

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Begins the file anew."""
        LIVE.parent.mkdir(exist_ok=True)
        LIVE.write_text(json.dumps({"token": uuid.uuid4().hex}) + "\n", encoding="utf-8")
        if self.watcher and _is_there(self.watcher):
            subprocess.Popen(
                [sys.executable, "-m", self.watcher, str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """A line with the names of history.csv; a number that JSON lacks is left out."""
        values = {name: float(logs[logged]) for name, logged in COLUMNS.items() if logs and logged in logs}
        finite = {name: value for name, value in values.items() if abs(value) < float("inf")}
        self._append({"epoch": self.settled + epoch + 1, **finite})

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Tells who follows to end."""
        self._append({"end": True})

    def _append(self, line: dict[str, float | bool]) -> None:
        with open(LIVE, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def live_epochs(*, settled: int, watcher: str | None) -> list[keras.callbacks.Callback]:
    """The callback, unless IDEALCAT_LIVE=0."""
    return [] if os.environ.get(SWITCH) == "0" else [LiveEpochs(settled=settled, watcher=watcher)]


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even its package
        return False
