"""How far a long training is, and how long it will take: a bar on a terminal, a line an epoch elsewhere."""

import sys
import time

from tqdm import tqdm

from idealcat.networks.backend import keras


class Progress(keras.callbacks.Callback):
    """Tells on standard error; `first` epochs were done before."""

    def __init__(self, *, first: int) -> None:
        super().__init__()
        self._first = first

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """The time counts from here."""
        self._start = time.perf_counter()
        total = self.params["epochs"] * self.params["steps"]
        done = self._first * self.params["steps"]
        self._bar = tqdm(total=total, initial=done, desc="fine-tune", unit="batch", disable=None)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """One batch further."""
        self._bar.update()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """A line with the loss on validation photos and the time that is left."""
        epochs = self.params["epochs"]
        left = (time.perf_counter() - self._start) / (epoch + 1 - self._first) * (epochs - epoch - 1)
        shown = {"validation loss": "val_log_loss", "accuracy": "val_accuracy"}
        told = ", ".join(f"{name} {logs[logged]:.4f}" for name, logged in shown.items() if logs and logged in logs)
        tqdm.write(f"fine-tuning: epoch {epoch + 1} of {epochs}, {told}; about {left:.0f} s left", file=sys.stderr)

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """The bar ends."""
        self._bar.close()
