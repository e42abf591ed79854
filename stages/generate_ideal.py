"""Draws what the classifier, and the network it grew from, take for ideal members of their classes.

Reads: data/model, data/backbone
Writes: metrics/ideal/*.png, metrics/generate_ideal.json
"""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from idealcat.base.errors import DataError, PhotoError
from idealcat.base.files import replacing_folder, write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.ideal.ascent import METHODS, ideal_images
from idealcat.ideal.scores import judge_top, measure
from idealcat.ideal.settings import GenerateIdeal
from idealcat.ideal.subjects import Subject, classifier_subject, imagenet_subject, load_judge
from idealcat.networks.backbones import load_backbone
from idealcat.networks.backend import make_deterministic
from idealcat.networks.classifier import load_classifier
from idealcat.photos.decode import decode, network_input
from idealcat.photos.png import round_trip, slug, write_png

FOLDER = Path("metrics/ideal")
METRICS = Path("metrics/generate_ideal.json")


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/generate_ideal.json."""
    params = load_params()
    settings, seed = params.section(GenerateIdeal), params.seed
    make_deterministic(seed)
    classifier, labels = load_classifier()
    backbone = load_backbone()
    own = classifier_subject(classifier, labels, settings.classes)
    imagenet = imagenet_subject(backbone, settings.imagenet_classes)
    judge, missing = load_judge(settings.judge, backbone=backbone.name) if imagenet else (None, None)
    notes = [missing] if missing else []
    if imagenet is None and settings.imagenet_classes:
        notes.append("no ImageNet classes: the backbone has no ImageNet head")

    scores: dict[str, dict[str, dict[str, Any]]] = {"classifier": {}, "imagenet": {}}
    pictures = []
    with replacing_folder(FOLDER) as beside:
        for subject in (own, imagenet) if imagenet else (own,):
            for method in METHODS if subject.indices else ():
                images = draw(subject, method, settings, seed)
                asked = judge if subject.source == "imagenet" else None
                measured = measure(subject.to_logits, subject.indices, images, seed=seed, judge=asked)
                for number, (name, score) in enumerate(zip(subject.names, measured, strict=True)):
                    file = f"{subject.source}_{number:02d}_{slug(name)}_{method}.png"
                    write_png(beside / file, images[number])
                    scores[subject.source].setdefault(name, {})[method] = score
                    picture = {"file": (FOLDER / file).as_posix(), "source": subject.source, "label": name}
                    pictures.append(picture | {"index": subject.indices[number], "method": method})
    metrics = scores | {"judge": settings.judge if judge else None, "notes": notes, "pictures": pictures}
    write_json(METRICS, metrics | ({"judge_top5": judge_top(scores["imagenet"])} if judge else {}))
    sure = [by_method["full"]["probability"] for names in scores.values() for by_method in names.values()]
    print(f"generate_ideal: {len(pictures)} images, lowest probability of the full method {min(sure, default=0):.3f}")
    return {"images": len(pictures)}


def draw(subject: Subject, method: str, settings: GenerateIdeal, seed: int) -> np.ndarray:
    """The ideal images of a subject's classes as uint8, as they are read back from a PNG."""
    start = read_start(settings.start, size=subject.to_logits.input_shape[1]) if settings.start else None
    ascend = partial(ideal_images, subject.to_logits, subject.indices, method=method, seed=seed, start=start)
    return round_trip(ascend(steps=settings.steps, learning_rate=settings.learning_rate))


def read_start(path: str, *, size: int) -> np.ndarray:
    """The photo to start from, float32 `(size, size, 3)` in [0, 255]. Raises DataError where it can't be read."""
    try:
        return network_input(decode(Path(path).read_bytes(), max_pixels=2**28), size=size).astype("float32")
    except (OSError, PhotoError) as error:
        raise DataError(f"generate_ideal.start: expected a photo; {path} can't be read ({error})") from None


if __name__ == "__main__":
    run_stage("generate_ideal", main)
