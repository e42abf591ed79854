"""The backbone run by Keras in float32, on whichever backend and device it has: what other engines are held against."""

from pathlib import Path
from typing import TYPE_CHECKING

from idealcat.base.artifacts import BACKBONE
from idealcat.extraction.engines.engine import Engine, EngineKind, versions

if TYPE_CHECKING:
    from idealcat.networks.backend import keras


class Keras(EngineKind):
    """Runs the backbone's own file; starts a deep-learning framework."""

    precision = "float32"

    def suits(self, *, device: str, fastest: str) -> bool:
        """Everywhere."""
        return True

    def software(self, batch_size: int) -> str:
        """With the batch, which shapes the last bits: kernels sum in another order for another size."""
        from idealcat.networks.backend import BACKEND

        return f"{self.precision}, batch {batch_size}, {versions(self.package, BACKEND, 'pillow')}"

    def load(self, model: Path, *, cores: int, batch_size: int) -> Engine:
        """As `EngineKind.load`; Keras takes the cores that there are."""
        from idealcat.extraction.keras_model import KerasEngine
        from idealcat.networks.backbones import features_model
        from idealcat.networks.model_file import load_model

        network = features_model(load_model(model, stage=BACKBONE.stage))
        return KerasEngine(self.prepare(network), batch_size=batch_size)

    def prepare(self, network: "keras.Model") -> "keras.Model":
        """The network as it is run."""
        return network


ENGINE = Keras("keras", "keras", "Keras", package="keras", tolerance=None)
