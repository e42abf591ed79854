"""Shows a long training live: each epoch is a line in a file, which a process of its own carries to the tracking store.

The training neither imports MLflow nor waits for it, so no outage can slow it. The file is also what is kept for later.
"""

import importlib.util
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

from idealcat.base.runs import LIVE
from idealcat.networks.backend import keras

SWITCH = "IDEALCAT_LIVE"  # 0: no live tracking
NAMES = {
    "log_loss": "loss",
    "accuracy": "accuracy",
    "val_log_loss": "validation_loss",
    "val_accuracy": "validation_accuracy",
    "learning_rate": "learning_rate",
}


class LiveTracking(keras.callbacks.Callback):
    """Appends to LIVE: a token, then a line an epoch, then the end; starts the process that carries them.

    Epochs are counted on from `settled`, those of the head before it.
    """

    def __init__(self, settled: int) -> None:
        super().__init__()
        self.settled = settled

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Begins the file anew."""
        LIVE.parent.mkdir(exist_ok=True)
        LIVE.write_text(json.dumps({"token": uuid.uuid4().hex}) + "\n", encoding="utf-8")
        if importlib.util.find_spec("mlflow") and Path("ops/live.py").exists():
            subprocess.Popen(
                [sys.executable, "-m", "ops.live", str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """A line with the names of history.csv; a number that JSON lacks is left out."""
        values = {NAMES[name]: float(value) for name, value in (logs or {}).items() if name in NAMES}
        finite = {name: value for name, value in values.items() if abs(value) < float("inf")}
        self._append({"epoch": self.settled + epoch + 1, **finite})

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Tells the carrying process to end."""
        self._append({"end": True})

    def _append(self, line: dict[str, float | bool]) -> None:
        with open(LIVE, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def live_tracking(settled: int) -> list[keras.callbacks.Callback]:
    """The callback, unless IDEALCAT_LIVE=0."""
    return [] if os.environ.get(SWITCH) == "0" else [LiveTracking(settled)]
