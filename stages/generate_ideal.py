"""Draws what the classifier, and the network it grew from, take for ideal members of their classes.

Reads: data/model, data/backbone
Writes: metrics/ideal/*.png, metrics/generate_ideal.json
"""

from typing import Any

from idealcat.base.artifacts import metrics_of
from idealcat.base.files import write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.ideal.drawing import draw, save_pictures, scores_by_class
from idealcat.ideal.scores import judge_top
from idealcat.ideal.settings import GenerateIdeal
from idealcat.ideal.subjects import choose_subjects
from idealcat.networks.backbones import load_backbone
from idealcat.networks.backend import make_deterministic
from idealcat.networks.classifier import load_classifier


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/generate_ideal.json."""
    params = load_params()
    settings = params.section(GenerateIdeal)
    make_deterministic(params.seed)
    subjects = choose_subjects(*load_classifier(), load_backbone(), settings)
    pictures = draw(subjects.drawn, settings=settings, seed=params.seed)
    scores = {source: scores_by_class(pictures, source) for source in ("classifier", "imagenet")}
    metrics = scores | {"judge": subjects.judge, "notes": subjects.notes, "pictures": save_pictures(pictures)}
    judged = {"judge_top5": judge_top(scores["imagenet"])} if subjects.judge else {}
    write_json(metrics_of("generate_ideal").path, metrics | judged)
    sure = [picture.scores["probability"] for picture in pictures if picture.method == "full"]
    print(f"generate_ideal: {len(pictures)} images, lowest probability of the full method {min(sure, default=0):.3f}")
    return {"images": len(pictures)}


if __name__ == "__main__":
    run_stage("generate_ideal", main)
