"""Classes of a network whose ideal images are drawn, and who judges them."""

from dataclasses import dataclass

from idealcat.ideal.class_means import TrainingFeatures
from idealcat.ideal.judges import Judge
from idealcat.ideal.objectives import Objective
from idealcat.networks.backend import keras


@dataclass(frozen=True)
class Subject:
    """Classes of one network: their names, their `indices` among its logits, and what the full method raises."""

    source: str
    to_logits: keras.Model
    indices: list[int]
    names: list[str]
    full: Objective
    judge: Judge | None = None
    judge_name: str | None = None
    training: TrainingFeatures | None = None  # of the same network
    strip: bool = False  # draw the first class with further weights of the variation, too

    @property
    def size(self) -> int:
        """Pixels a side."""
        return self.to_logits.input_shape[1]
