"""What computes features, told in full: all that an engine is built from but the bytes of its model."""

from dataclasses import dataclass

from idealcat.networks.description import BackboneDescription
from idealcat.networks.feature_table import Extractor


@dataclass(frozen=True)
class EngineSpec:
    """One engine for one backbone; another process builds from it an engine that gives the same features."""

    kind: str  # its name in the registry of engines
    engine: str  # as params.yaml and the features name it
    device: str  # cpu | gpu | tpu
    software: str  # what decodes photos and runs the network, with versions; where it counts, the batch
    batch_size: int  # photos that a call is given
    backbone: BackboneDescription

    @property
    def extractor(self) -> Extractor:
        """What names the features: everything that shapes them."""
        return Extractor(
            backbone=self.backbone.name,
            weights_sha256=self.backbone.weights_sha256,
            image_size=self.backbone.image_size,
            pooling=self.backbone.pooling,
            engine=self.engine,
            device=self.device,
            feature_shape=self.backbone.feature_shape,
            software=self.software,
        )
