"""Builds the pretrained network, from raw pixels to bottleneck features, and saves it.

Reads: a weights package, a download or a file, as `backbone.weights` says
Writes: data/backbone/backbone.keras, data/backbone/backbone.json
"""

from typing import Any

from idealcat.base.artifacts import BACKBONE, BACKBONE_DESCRIPTION
from idealcat.base.files import write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.networks import backbones
from idealcat.networks.backend import make_deterministic
from idealcat.networks.model_file import save_model
from idealcat.networks.settings import Backbone
from idealcat.photos.settings import Preprocess


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/fetch_backbone.json."""
    params = load_params()
    section = params.section(Backbone)
    make_deterministic(params.seed)
    resize = params.section(Preprocess).resize
    backbone = backbones.build_backbone(
        section.name, weights=section.weights, image_size=section.image_size, pooling=section.pooling, resize=resize
    )
    backbones.check_weights(backbone, section.weights_sha256)
    description = backbones.describe(backbone, name=section.name, resize=resize, pooling=section.pooling)
    save_model(backbone, BACKBONE.path)
    write_json(BACKBONE_DESCRIPTION.path, description)
    print(f"fetch_backbone: {section.name}, {backbone.count_params():,} parameters, {backbone.input_shape[1]} pixels")
    return {"parameters": description["parameters"]}


if __name__ == "__main__":
    run_stage("fetch_backbone", main)
