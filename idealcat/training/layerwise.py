"""AdamW with a rate for each layer, warm-up, cosine and averaged weights."""

from collections.abc import Sequence
from typing import Any

from idealcat.networks.backend import keras
from idealcat.training.settings import FineTune


class LayerwiseAdamW(keras.optimizers.AdamW):
    """AdamW (Loshchilov and Hutter, 2019) whose rate has a factor for each variable that it is built with."""

    def __init__(self, *arguments: Any, factors: Sequence[float], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._factors = tuple(factors)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """As Adam's, at this variable's rate."""
        factor = self._factors[self._get_variable_index(variable)]
        super().update_step(gradient, variable, learning_rate * factor)


def build_optimizer(settings: FineTune, *, steps: int, factors: Sequence[float]) -> LayerwiseAdamW:
    """Over `steps` batches the rate rises, then falls as a cosine (Loshchilov and Hutter, 2017)."""
    rising = round(settings.warm_up * steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate / 100 if rising else settings.learning_rate,
        max(1, steps - rising),
        warmup_target=settings.learning_rate if rising else None,
        warmup_steps=rising,
    )
    averaged = settings.averaging * steps
    optimizer = LayerwiseAdamW(
        schedule,
        weight_decay=settings.weight_decay,
        global_clipnorm=1.0,
        use_ema=averaged > 1,
        ema_momentum=1 - 1 / max(averaged, 1.0),
        factors=factors,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer
