"""Draws what the classifier, and the network it grew from, take for ideal members of their classes.

Reads: data/model, data/backbone
Writes: metrics/ideal/*.png, metrics/generate_ideal.json
"""

from pathlib import Path
from typing import Any

import numpy as np

from idealcat import backbones
from idealcat.backend import keras, make_deterministic
from idealcat.classifier import load_classifier, run_on_images
from idealcat.errors import BackboneError, ClassError
from idealcat.files import replacing_folder, write_json
from idealcat.heads import logits_of
from idealcat.ideal import METHODS, ideal_images
from idealcat.ideal_scores import measure, rank
from idealcat.imagenet_classes import imagenet_index, imagenet_names, nearest
from idealcat.params import GenerateIdeal, load_params
from idealcat.photos import read_photo
from idealcat.png import round_trip, slug, write_png
from idealcat.runs import run_stage

FOLDER = Path("metrics/ideal")
TOP = 5


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/generate_ideal.json."""
    params = load_params()
    settings = params.generate_ideal
    make_deterministic(params.seed)
    classifier, labels = load_classifier()
    chosen = labels if settings.classes is None else settings.classes
    for label in chosen:
        if label not in labels:
            raise ClassError(f"generate_ideal.classes: unknown class {label!r}{nearest(label, labels)}")
    imagenet = [imagenet_index(name) for name in settings.imagenet_classes]
    backbone, notes = backbones.load_backbone(), []
    if imagenet and not backbones.has_imagenet_head(backbone):
        notes.append("no ImageNet classes: the backbone has no ImageNet head")
        imagenet = []
    judge = load_judge(settings, backbone, notes) if imagenet else None

    numbers = [labels.index(label) for label in chosen]
    drawn = [("classifier", logits_of(classifier), numbers, chosen)] if chosen else []
    if imagenet:
        head = keras.Model(backbone.inputs[0], backbone.get_layer("imagenet_logits").output)
        drawn.append(("imagenet", head, imagenet, [imagenet_names()[index][0] for index in imagenet]))
    metrics: dict[str, Any] = {"classifier": {}, "imagenet": {}}
    pictures: dict[tuple[str, int, str], dict[str, Any]] = {}
    ranks: dict[str, list[int]] = {}
    with replacing_folder(FOLDER) as beside:
        for source, to_logits, classes, names in drawn:
            for method in METHODS:
                images = draw(to_logits, classes, method, settings, params.seed)
                scores = measure(to_logits, classes, images, params.seed)
                if source == "imagenet" and judge is not None:
                    ranks[method] = rank(run_on_images(judge, images), classes)
                    scores = [
                        {**score, "judge_rank": place} for score, place in zip(scores, ranks[method], strict=True)
                    ]
                for number, (name, image, score) in enumerate(zip(names, images, scores, strict=True)):
                    file = f"{source}_{number:02d}_{slug(name)}_{method}.png"
                    write_png(beside / file, image)
                    metrics[source].setdefault(name, {})[method] = score
                    pictures[source, number, method] = {
                        "file": (FOLDER / file).as_posix(),
                        "source": source,
                        "label": name,
                        "index": classes[number],
                        "method": method,
                    }
    if ranks:
        top = {method: sum(place <= TOP for place in places) for method, places in ranks.items()}
        metrics["judge_top5"] = {**top, "n": len(imagenet)}
    metrics |= {"judge": settings.judge if judge is not None else None, "notes": notes}
    order = sorted(pictures, key=lambda key: (key[0], key[1], METHODS.index(key[2])))
    write_json("metrics/generate_ideal.json", metrics | {"pictures": [pictures[key] for key in order]})
    lowest = min(
        (entry["full"]["probability"] for s in ("classifier", "imagenet") for entry in metrics[s].values()), default=0
    )
    print(f"generate_ideal: {len(pictures)} images, lowest probability of the full method {lowest:.3f}")
    return {"images": len(pictures)}


def draw(to_logits: keras.Model, classes: list[int], method: str, settings: GenerateIdeal, seed: int) -> np.ndarray:
    """The ideal images as uint8, as they are read back from a PNG."""
    size = to_logits.input_shape[1]
    start = read_photo(settings.start, size=size).astype("float32") if settings.start else None
    steps = settings.steps if method == "full" else settings.plain_steps
    return round_trip(
        ideal_images(
            to_logits, classes, method=method, steps=steps, learning_rate=settings.learning_rate, seed=seed, start=start
        )
    )


def load_judge(settings: GenerateIdeal, backbone: keras.Model, notes: list[str]) -> keras.Model | None:
    """The judge up to its ImageNet logits, or None and a note where there is none to be had."""
    if settings.judge is None:
        return None
    if settings.judge == backbone.name:
        notes.append(f"no judge: {settings.judge} is the backbone itself; name another network")
        return None
    try:
        judge = backbones.build_backbone(settings.judge, weights="pretrained", image_size=None, pooling="avg")
    except BackboneError as error:
        notes.append(f"no judge: {error}")
        return None
    return keras.Model(judge.inputs[0], judge.get_layer("imagenet_logits").output)


if __name__ == "__main__":
    run_stage("generate_ideal", main)
