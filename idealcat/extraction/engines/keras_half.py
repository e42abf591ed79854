"""The backbone run by Keras in half precision on a GPU."""

from typing import TYPE_CHECKING

from idealcat.extraction.engines.keras import Keras

if TYPE_CHECKING:
    from idealcat.networks.backend import keras

TOLERANCE = 2e-2  # half precision rounds to 1e-3 in every layer


class KerasHalf(Keras):
    """float16 in the layers, float32 in weights, input and output."""

    precision = "mixed_float16"

    def suits(self, *, device: str, fastest: str) -> bool:
        """On GPUs."""
        return device == "gpu"

    def prepare(self, network: "keras.Model") -> "keras.Model":
        """The network computing in float16."""
        from idealcat.extraction.keras_model import mixed_precision

        return mixed_precision(network)


ENGINE = KerasHalf("keras_mixed", "keras", "Keras in half precision", package="keras", tolerance=TOLERANCE)
