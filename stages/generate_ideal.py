"""Draws what the classifier takes for ideal members of its classes.

Reads: data/model, data/features/features.parquet, data/manifest.csv, data/raw
Writes: metrics/ideal/*.png, metrics/generate_ideal.json
"""

from typing import Any

from idealcat.base.artifacts import IDEAL, metrics_of
from idealcat.base.files import write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.ideal.drawing import draw, lowest_probability, save_drawing
from idealcat.ideal.own import own_subject
from idealcat.ideal.settings import GenerateIdeal
from idealcat.networks.backend import make_deterministic
from idealcat.networks.classifier import load_classifier
from idealcat.networks.feature_table import read_features
from idealcat.photos.manifest import read_manifest


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/generate_ideal.json."""
    params = load_params()
    settings = params.section(GenerateIdeal)
    make_deterministic(params.seed)
    subject, notes = own_subject(*load_classifier(), read_features(), read_manifest(), settings)
    pictures = draw(subject, settings=settings, seed=params.seed)
    write_json(metrics_of("generate_ideal").path, save_drawing(pictures, subject, IDEAL) | {"notes": notes})
    sure = lowest_probability(pictures)
    print(f"generate_ideal: {len(pictures)} images, lowest probability of the full method {sure:.3f}")
    return {"images": len(pictures)}


if __name__ == "__main__":
    run_stage("generate_ideal", main)
