"""APGD: steps whose size follows from the loss. A photo that is fooled is left as it is and costs nothing more."""

import numpy as np

from idealcat.adversarial.norms import project
from idealcat.adversarial.target_model import Evaluation, TargetModel, margin


def apgd(
    target_model: TargetModel,
    photos: np.ndarray,
    truth: np.ndarray,
    *,
    epsilon: float,
    steps: int,
    loss: int,
    target: np.ndarray | None = None,
    start: Evaluation | None = None,
    stop_when_fooled: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Auto-PGD (Croce and Hein, 2020, algorithm 1), started at the photo itself.

    The step begins at twice epsilon and is halved, for each photo on its own, at checkpoints where the loss stalls.
    `start` is what `target_model.gradient` gives for this loss at the photos, where it is known already. Returns photos
    `(N, S, S, 3)`, the first one that fools, else (or without `stop_when_fooled`) the one of highest loss, and whether
    each fools, boolean `(N,)`.
    """
    result, fooled = photos.astype("float32"), np.ones(len(photos), bool)
    indices = np.arange(len(photos))  # of the photos that are still attacked
    state = _Ascent(target_model, photos, truth, target, epsilon=epsilon, loss=loss, start=start)
    if stop_when_fooled:
        indices = state.drop(indices, result)
    checkpoints = _checkpoints(steps)
    for step in range(steps):
        if not len(indices):
            break
        state.advance(first=step == 0)
        if stop_when_fooled:
            indices = state.drop(indices, result)
        if step + 1 in checkpoints:
            state.adapt(step + 1 - max((point for point in checkpoints if point <= step), default=0))
    result[indices], fooled[indices] = state.rows["best"], state.rows["best_fools"]
    return result, fooled


def _checkpoints(steps: int) -> list[int]:
    shares = [0.0, 0.22]
    while shares[-1] < 1:
        shares.append(shares[-1] + max(shares[-1] - shares[-2] - 0.03, 0.06))
    return [int(np.ceil(share * steps)) for share in shares if 0 < share <= 1]


class _Ascent:
    """The state of APGD for the photos that are still attacked; every array has one entry a photo."""

    def __init__(
        self,
        target_model: TargetModel,
        photos: np.ndarray,
        truth: np.ndarray,
        target: np.ndarray | None,
        *,
        epsilon: float,
        loss: int,
        start: Evaluation | None,
    ) -> None:
        self.target_model, self.epsilon, self.loss = target_model, epsilon, loss
        count = len(photos)
        self.rows: dict[str, np.ndarray] = {
            "photo": photos.astype("float32"),
            "truth": truth,
            "target": truth if target is None else target,
            "step": np.full(count, 2 * epsilon, "float32"),
            "current": photos.astype("float32"),
            "previous": photos.astype("float32"),
            "best": photos.astype("float32"),
            "best_loss": np.full(count, -np.inf),
            "best_fools": np.zeros(count, bool),
            "loss": np.full(count, -np.inf),
            "rises": np.zeros(count, int),
            "adapted": np.zeros(count, bool),
            "loss_at_checkpoint": np.full(count, -np.inf),
        }
        self._take(start or self._evaluate())
        self.rows["loss_at_checkpoint"] = self.rows["best_loss"].copy()

    def _evaluate(self) -> Evaluation:
        rows = self.rows
        return self.target_model.gradient(rows["current"], rows["truth"], loss=self.loss, target=rows["target"])

    def _take(self, evaluation: Evaluation) -> None:
        rows = self.rows
        logits, losses, gradients = evaluation
        rows["rises"] = rows["rises"] + (losses > rows["loss"])
        rows["loss"] = losses
        rows["gradient"] = gradients
        better = losses > rows["best_loss"]
        rows["best_loss"] = np.where(better, losses, rows["best_loss"])
        rows["best"] = np.where(better[:, None, None, None], rows["current"], rows["best"])
        if "best_gradient" not in rows:
            rows["best_gradient"] = gradients
        rows["best_gradient"] = np.where(better[:, None, None, None], gradients, rows["best_gradient"])
        rows["fooled"] = margin(logits, rows["truth"]) > 0
        rows["best_fools"] = np.where(better, rows["fooled"], rows["best_fools"])

    def drop(self, indices: np.ndarray, result: np.ndarray) -> np.ndarray:
        """Puts the photos that fool into `result`; returns the indices of the rest."""
        fooled = self.rows["fooled"]
        result[indices[fooled]] = self.rows["current"][fooled]
        if fooled.any():
            self.rows = {name: values[~fooled] for name, values in self.rows.items()}
        return indices[~fooled]

    def advance(self, *, first: bool) -> None:
        rows = self.rows
        if not len(rows["truth"]):
            return
        step = rows["step"][:, None, None, None]
        moved = project(rows["current"] + step * np.sign(rows["gradient"]), rows["photo"], self.epsilon)
        if not first:
            inertia = 0.75 * (moved - rows["current"]) + 0.25 * (rows["current"] - rows["previous"])
            moved = project(rows["current"] + inertia, rows["photo"], self.epsilon)
        rows["previous"], rows["current"] = rows["current"], moved.astype("float32")
        self._take(self._evaluate())

    def adapt(self, steps: int) -> None:
        """Halves the step of photos whose loss rose in fewer than 75 % of `steps`, or whose best loss stands still."""
        rows = self.rows
        stalled = ~rows["adapted"] & (rows["loss_at_checkpoint"] >= rows["best_loss"])
        halve = (rows["rises"] < 0.75 * steps) | stalled
        rows["step"] = np.where(halve, rows["step"] / 2, rows["step"])
        wide = halve[:, None, None, None]
        rows["current"] = np.where(wide, rows["best"], rows["current"])
        rows["gradient"] = np.where(wide, rows["best_gradient"], rows["gradient"])
        rows["loss"] = np.where(halve, rows["best_loss"], rows["loss"])
        rows["previous"] = np.where(wide, rows["best"], rows["previous"])
        rows["adapted"] = halve
        rows["loss_at_checkpoint"] = rows["best_loss"].copy()
        rows["rises"] = np.zeros_like(rows["rises"])
