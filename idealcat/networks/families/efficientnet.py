"""EfficientNet B0 to B7 (Tan and Le, 2019)."""

from typing import TYPE_CHECKING

from idealcat.networks.families.application import Application

if TYPE_CHECKING:
    from idealcat.networks.backend import keras


class EfficientNet(Application):
    """Its weights' files hold deviations where its scaling takes variances."""

    def complete(self, model: "keras.Model") -> None:
        """Squares the variance. Keras does so with one more layer, built only where it downloads the weights itself."""
        from idealcat.networks.backend import keras

        normalization = next(layer for layer in model.layers if isinstance(layer, keras.layers.Normalization))
        mean, variance, *count = normalization.get_weights()
        normalization.set_weights([mean, variance**2, *count])
        normalization.finalize_state()


SIZES = (224, 240, 260, 300, 380, 456, 528, 600)
FAMILY = EfficientNet({f"efficientnet_b{scale}": size for scale, size in enumerate(SIZES)})
