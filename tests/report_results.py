"""Results of all stages, as their own code writes them, for classes of any name: what a report is made of."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from idealcat.base.files import write_json
from idealcat.photos.manifest import write_manifest, write_rejected
from idealcat.statistics.groups import Groups
from idealcat.statistics.influence import Scored
from idealcat.statistics.predictions import prediction_table, write_predictions
from idealcat.statistics.scores import score
from idealcat.statistics.settings import Evaluate

SPLITS = ("train", "validation", "test", "test")


def write_results(labels: list[str], *, photos: int = 8, name: str = "{}.png", side: int = 32) -> None:
    """Writes what the report reads into the working folder: `photos` of each class, called `name`, half of them tested.

    The last test photo of each class is taken, surely, for the next class.
    """
    rng = np.random.default_rng(0)
    rows = []
    for place, label in enumerate(labels):
        for number in range(photos):
            # What a class is called need not be a name that a folder can have.
            path = Path(f"data/raw/{place}") / name.format(number)
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(path, "PNG")
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            rows.append((path.as_posix(), label, SPLITS[number % 4], digest, side, side, digest[:16]))
    manifest = pd.DataFrame(rows, columns=["path", "label", "split", "sha256", "width", "height", "group"])
    write_manifest(manifest)
    rejected = [(manifest["path"][0], "duplicate"), ("data/raw/0/gone.jpg", "corrupt"), ("../outside.png", "corrupt")]
    write_rejected(pd.DataFrame(rejected, columns=["path", "reason"]).assign(detail=""))
    Path("data/model").mkdir()
    Path("data/model/classifier.keras").write_bytes(b"weights")
    write_json("data/model/labels.json", labels)
    _write_metrics(manifest, labels)


def _write_metrics(manifest: pd.DataFrame, labels: list[str]) -> None:
    test = manifest[manifest["split"] == "test"]
    truth = np.array([labels.index(label) for label in test["label"]])
    guess = truth.copy()
    last = np.flatnonzero(np.diff(truth, append=-1))
    guess[last] = (guess[last] + 1) % len(labels)
    sure = np.linspace(0.6, 0.99, len(test))
    probabilities = np.repeat(((1 - sure) / (len(labels) - 1))[:, None], len(labels), axis=1)
    probabilities[np.arange(len(test)), guess] = sure
    write_predictions(prediction_table(test["sha256"].tolist(), test["label"].tolist(), probabilities, labels))

    settings = Evaluate(bootstrap_samples=100, calibration_bins=10, coverage=0.9, known=0.95)
    scores = score(Scored(truth, probabilities), Groups.named(test["group"]), labels, settings=settings, seed=0)
    write_json("metrics/evaluate.json", scores.metrics)
    write_json("metrics/cross_validate.json", {"accuracy": scores.accuracy})
    splits = {split: int((manifest["split"] == split).sum()) for split in ("train", "validation", "test")}
    each = {split: count // len(labels) for split, count in splits.items()}
    counts = {"photos": len(manifest) + 3, "used": len(manifest), "leakage": 0, "splits": splits}
    write_json("metrics/preprocess.json", counts | {"classes": dict.fromkeys(labels, each)})
    training = {
        "head": "linear",
        "epochs": 3,
        "validation_accuracy": 0.9,
        "majority_accuracy": 0.5,
        "temperature": 1.1,
        "fine_tuned_layers": 0,
        "photos": splits,
    }
    write_json("metrics/train_classifier.json", training)

    Path("metrics/plots").mkdir()
    fall = [0.9, 0.5, 0.3]
    history = {"epoch": [1, 2, 3], "loss": fall, "accuracy": [0.5, 0.8, 0.9]}
    history |= {"validation_loss": fall, "validation_accuracy": [0.6, 0.8, 0.9]}
    for table, content in (
        ("roc", scores.roc),
        ("history", pd.DataFrame(history)),
        ("calibration", scores.calibration),
    ):
        content.to_csv(f"metrics/plots/{table}.csv", index=False)


def write_pictures(labels: list[str], *, side: int = 32) -> None:
    """Writes what generate_ideal and generate_adversarial give, for classes of any name."""
    rng = np.random.default_rng(1)

    def draw(path: str) -> str:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (side, side, 3), dtype=np.uint8)).save(path)
        return path

    share = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 10}
    size = share | {"value": 1.0, "low": 0.5, "high": 2.0}
    figures = {"probability": 0.99, "probability_transformed": share | {"n": 16}}
    figures |= {"total_variation": 3.0, "high_frequency_energy": 0.1}
    methods = ("plain", "variation", "full")
    pictures = [
        {"file": draw(f"metrics/ideal/classifier_{index:02}_{method}.png"), "source": "classifier", "label": label}
        | {"index": index, "method": method}
        for index, label in enumerate(labels)
        for method in methods
    ]
    near = [{"photo": "data/raw/0/2.png", "label": labels[0]}]
    each = dict.fromkeys(labels, dict.fromkeys(methods, figures | {"judge_rank": 1}))
    counts = dict.fromkeys(methods, 1) | {"n": len(labels)}
    ideal = {"scores": each, "judge": "efficientnet_lite1", "judge_top1": counts, "notes": ["a note"]}
    shown = [picture | ({"nearest": near} if picture["method"] == "full" else {}) for picture in pictures]
    write_json("metrics/generate_ideal.json", ideal | {"pictures": shown, "strip": []})
    zebra = {"source": "imagenet", "label": "zebra", "index": 340}
    files = {weight: draw(f"metrics/imagenet/{weight}.png") for weight in (0, 4)}
    strip = [{"file": file, **zebra, "method": "strip", "variation_weight": weight} for weight, file in files.items()]
    imagenet = {"judge": "efficientnet_lite1", "judge_top5": dict.fromkeys(methods, 1) | {"n": 1}, "notes": []}
    imagenet |= {"strip": [entry | {"scores": figures} for entry in strip], "scores": {"zebra": {"full": figures}}}
    full = {"file": draw("metrics/imagenet/full.png"), **zebra, "method": "full"}
    write_json("metrics/draw_imagenet.json", imagenet | {"pictures": [full]})

    names = ("original", "perturbation", "result")
    flip = {name: draw(f"metrics/adversarial/flip_00_{name}.png") for name in names}
    flip |= {
        "photo": "data/raw/0/2.png",
        "amplified": 32,
        "label": labels[0],
        "probability": 0.99,
        "l2": 0.2,
        "linf": 1,
    }
    flip |= {"predicted": labels[1], "predicted_probability": 0.93, "psnr": 50.0}
    target = {"success": share, "median": size, "psnr": size}
    adversarial = {
        "images": 10,
        "minimal": {"linf": target, "l2": target, "l2_to": dict.fromkeys(labels, target)},
        "after_png": {"share": share, "l2": size, "linf": size, "smallest_linf": size, "psnr": size},
        "black_box": {"epsilon": 8, "queries": 100, "robust_accuracy": share, "white_box": share},
        "transfer": None,
        "doubts": [],
        "pictures": [flip],
    }
    write_json("metrics/generate_adversarial.json", adversarial)
    curve = {
        "epsilon": [0, 0.5, 1, 2],
        "robust_accuracy": [1, 0.5, 0.1, 0],
        "low": [0.9, 0.4, 0, 0],
        "high": [1, 0.6, 0.2, 0.1],
    }
    pd.DataFrame(curve).to_csv("metrics/plots/robustness.csv", index=False)
