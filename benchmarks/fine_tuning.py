"""Fine-tuning beside the head alone: `python -m benchmarks.fine_tuning NAME=FOLDER[:KEY=VALUE,...] ...`.

Each FOLDER is that of a finished run and holds params.yaml, data/manifest.csv, data/backbone, data/features and the
photos; keys are those of train_classifier.fine_tune. The head alone learns from train and validation, as the pipeline's
does; fine-tuning learns from train, and validation says whether it is kept. Accuracies are of the test split, which
neither has seen. `--digits FOLDER` writes scikit-learn's 1,797 handwritten digits there, 64 pixels a side, in class
folders.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
import yaml
from PIL import Image
from sklearn.datasets import load_digits

from idealcat.base.params import load_params
from idealcat.features.table import read_features
from idealcat.networks import joined
from idealcat.networks.backbones import features_model, load_backbone
from idealcat.networks.backend import keras, make_deterministic
from idealcat.networks.classifier import run_on_photos
from idealcat.photos.manifest import read_manifest
from idealcat.photos.read import photos_of
from idealcat.statistics.groups import Groups
from idealcat.statistics.paired import compare
from idealcat.training.fine_tuning import fine_tune
from idealcat.training.fitted import fit_head
from idealcat.training.settings import FineTune, TrainClassifier
from idealcat.training.split import Split

COLUMNS = (
    "photos",
    "train, validation, test",
    "pixels",
    "head alone",
    "fine-tuned",
    "difference on test",
    "validation: head, fine-tuned, p",
    "kept",
    "train accuracy",
    "seconds: head, fine-tuning",
)


def main() -> None:
    """Prints a Markdown table, a row a data set."""
    if sys.argv[1:2] == ["--digits"]:
        write_digits(Path(sys.argv[2]))
        return
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    before = Path.cwd()
    for argument in sys.argv[1:]:
        name, _, place = argument.partition("=")
        folder, _, changes = place.partition(":")
        os.chdir(folder)
        keys = yaml.safe_load("{" + changes.replace("=", ": ") + "}")
        print(f"| {name} | {' | '.join(measured(keys))} |", flush=True)
        os.chdir(before)
        keras.backend.clear_session()


def measured(changes: dict[str, object]) -> list[str]:
    """The cells of a row behind its name, of the run in the working folder."""
    params = load_params()
    asked = params.section(TrainClassifier)
    wanted = FineTune.model_validate(asked.fine_tune.model_dump() | {"layers": "all"} | changes)
    settings = asked.model_copy(update={"fine_tune": wanted})
    splits, classes = read_splits()
    train, validation, test = (splits[name] for name in ("train", "validation", "test"))
    make_deterministic(params.seed)
    start = time.perf_counter()
    fitted = fit_head(train, validation, classes=classes, settings=settings, seed=params.seed)
    settled = time.perf_counter()
    features = features_model(load_backbone())
    checkpoint = Path("runs/benchmark.npz")
    tuned = fine_tune(
        features,
        fitted.of_train(train),
        train,
        validation,
        settings=settings,
        seed=params.seed,
        checkpoint=checkpoint,
    )
    seconds = settled - start, time.perf_counter() - settled
    checkpoint.unlink()
    model = joined.logits_of(joined.join(tuned.features, tuned.head))
    logits = fitted.logits_of(test.vectors), run_on_photos(model, test.paths, description="test")
    right = [each.argmax(axis=1) == test.labels for each in logits]
    verdict, compared = tuned.verdict, compare(*right, Groups.named(test.groups))
    return [
        ", ".join(str(len(split.labels)) for split in (train, validation, test)),
        str(features.input_shape[1]),
        f"{right[0].mean():.4f}",
        f"{right[1].mean():.4f}",
        f"{compared.difference:+.4f} [{compared.low:+.4f} to {compared.high:+.4f}], p {compared.p:.4f}: "
        f"{compared.verdict}",
        f"{verdict.head:.4f}, {verdict.fine_tuned:.4f}, {verdict.p:.4f}",
        "yes" if verdict.better else "no",
        f"{tuned.history['accuracy'].iloc[-1]:.4f}",
        f"{seconds[0]:.1f}, {seconds[1]:.1f}",
    ]


def read_splits() -> tuple[dict[str, Split], int]:
    """The splits of the run in the working folder, and the number of classes."""
    manifest, table = read_manifest(), read_features()
    labels = np.unique(manifest["label"])
    splits = {
        name: Split(
            photos_of(part),
            table.of(part["sha256"]),
            np.searchsorted(labels, part["label"]),
            part["group"].to_numpy(),
        )
        for name, part in manifest.groupby("split")
    }
    return splits, len(labels)


def write_digits(folder: Path) -> None:
    """The digits as PNG files, enlarged by bicubic interpolation."""
    digits = load_digits()
    for number, (image, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        path = folder / str(label) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        small = Image.fromarray(np.round(image * 255 / 16).astype("uint8"))
        small.resize((64, 64), Image.Resampling.BICUBIC).save(path)


if __name__ == "__main__":
    main()
