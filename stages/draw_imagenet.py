"""Draws what the pretrained network takes for ideal members of ImageNet's classes: a change of head redraws none.

Reads: data/backbone
Writes: metrics/imagenet/*.png, metrics/draw_imagenet.json
"""

from typing import Any

from idealcat.base.artifacts import IMAGENET, metrics_of
from idealcat.base.files import write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.ideal.drawing import draw, lowest_probability, save_drawing
from idealcat.ideal.imagenet import imagenet_subject
from idealcat.ideal.settings import GenerateIdeal
from idealcat.networks.backbones import load_backbone
from idealcat.networks.backend import make_deterministic


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/draw_imagenet.json."""
    params = load_params()
    settings = params.section(GenerateIdeal)
    make_deterministic(params.seed)
    subject, notes = imagenet_subject(load_backbone(), settings)
    pictures = draw(subject, settings=settings, seed=params.seed) if subject else []
    write_json(metrics_of("draw_imagenet").path, save_drawing(pictures, subject, IMAGENET) | {"notes": notes})
    sure = lowest_probability(pictures)
    print(f"draw_imagenet: {len(pictures)} images, lowest probability of the full method {sure:.3f}")
    return {"images": len(pictures)}


if __name__ == "__main__":
    run_stage("draw_imagenet", main)
