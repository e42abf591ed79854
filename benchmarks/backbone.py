"""The network that is measured, saved as fetch_backbone saves it, and the settings of what runs it."""

from idealcat.base.artifacts import BACKBONE
from idealcat.extraction.settings import ExtractFeatures, Ray
from idealcat.networks import backbones
from idealcat.networks.backend import keras
from idealcat.networks.description import BackboneDescription
from idealcat.networks.model_file import save_model


def saved_backbone(name: str) -> tuple[keras.Model, BackboneDescription]:
    """A network with its trained weights where they are installed, else with random ones; saved in this folder."""
    keras.utils.set_random_seed(0)
    weights = "pretrained" if name.startswith("efficientnet_lite") else "random"
    backbone = backbones.build_backbone(name, weights=weights, image_size=None, pooling="avg")
    save_model(backbone, BACKBONE.path)
    return backbone, BackboneDescription(
        name=name,
        weights_sha256=backbones.weights_sha256(backbone),
        image_size=backbone.input_shape[1],
        pooling="avg",
        feature_shape=backbones.features_model(backbone).output_shape[1:],
    )


def settings(engine: str, address: str | None = None) -> ExtractFeatures:
    """The parameters of extract_features, default but for the engine and the address of a Ray cluster."""
    ray = Ray(address=address, actors=None, cpus_per_actor=1, gpus_per_actor=0.0)
    return ExtractFeatures(engine=engine, batch_size=32, ray=ray)
