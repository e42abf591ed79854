"""Fine-tuning beside the head alone: `python -m benchmarks.fine_tuning [NAME=]PLACE[,KEY=VALUE...] ...`.

A PLACE is a folder or source as `python -m ops.compare` takes it; a KEY is `image_size` or one of
train_classifier.fine_tune, whose `layers` are all unless said. Of 20 folds, 8 are the test split, which nothing has
seen, and 3 the validation split, which says whether fine-tuning is kept. The head alone learns from all others, as the
pipeline's does; fine-tuning not from the validation split.
"""

import sys
import time
from pathlib import Path

import numpy as np
import yaml

from benchmarks.features import chosen
from benchmarks.results import machine, markdown, write_section
from idealcat.base.files import read_json, write_json
from idealcat.base.params import Params, load_params, parse_params
from idealcat.networks import joined
from idealcat.networks.backbones import features_model
from idealcat.networks.backend import keras, make_deterministic
from idealcat.networks.classifier import run_on_photos
from idealcat.networks.model_file import load_model
from idealcat.statistics.groups import Groups
from idealcat.statistics.paired import compare
from idealcat.training.fine_tuning import fine_tune
from idealcat.training.fitted import fit_head
from idealcat.training.settings import TrainClassifier
from idealcat.training.split import Split
from ops.compare.cell import vectors_of
from ops.compare.data_sets import DataSet

FOLDS, TEST, VALIDATION = 20, 8, 3
KEPT = Path("runs/fine_tuning.json")  # the rows of earlier calls
TITLE = "Fine-tuning"


def main() -> None:
    """Writes a table, a row a data set."""
    rows: dict[str, dict[str, object]] = read_json(KEPT) if KEPT.is_file() else {}
    for argument in sys.argv[1:]:
        place, *changes = argument.split(",")
        rows[argument] = measured(place, dict(change.split("=") for change in changes))
        print(rows[argument], flush=True)
        write_json(KEPT, rows)
        keras.backend.clear_session()
    note = (
        "efficientnet_lite0, all layers, the recipe of params.yaml but for what is named. Difference: fine-tuned less "
        "head alone on test photos, paired, with its 95 % interval."
    )
    write_section(TITLE, f"{machine('tensorflow', 'keras')} {note}\n\n{markdown(list(rows.values()))}")


def measured(place: str, changes: dict[str, str]) -> dict[str, object]:
    """The row of a data set with some keys changed."""
    params = changed(changes)
    data, network, choice = chosen(place, params=params)
    vectors, _ = vectors_of(data, choice, params)
    train, validation, test = splits(data, vectors)
    settings, classes = params.section(TrainClassifier), len(data.labels)
    make_deterministic(params.seed)
    fitted = fit_head(train, validation, classes=classes, settings=settings, seed=params.seed)
    features = features_model(load_model(network.file, stage="fetch_backbone"))
    start, checkpoint = time.perf_counter(), Path("runs/benchmark.npz")
    head = fitted.of_train(train)
    tuned = fine_tune(features, head, train, validation, settings=settings, seed=params.seed, checkpoint=checkpoint)
    seconds = time.perf_counter() - start
    checkpoint.unlink()
    model = joined.logits_of(joined.join(tuned.features, tuned.head))
    logits = fitted.logits_of(test.vectors), run_on_photos(model, test.paths, description="test")
    right = [each.argmax(axis=1) == test.labels for each in logits]
    verdict, compared = tuned.verdict, compare(*right, Groups.named(test.groups))
    return {
        "photos": data.name,
        "train, validation, test": ", ".join(str(len(split.labels)) for split in (train, validation, test)),
        "pixels": features.input_shape[1],
        "changed": ", ".join(f"{key} {value}" for key, value in changes.items() if key != "image_size"),
        "head alone": f"{right[0].mean():.4f}",
        "fine-tuned": f"{right[1].mean():.4f}",
        "difference": f"{compared.difference:+.4f} ({compared.low:+.4f} to {compared.high:+.4f}), p {compared.p:.4f}",
        "verdict": compared.verdict,
        "validation: head, fine-tuned, p": f"{verdict.head:.4f}, {verdict.fine_tuned:.4f}, {verdict.p:.4f}",
        "kept": "yes" if verdict.better else "no",
        "train accuracy": f"{tuned.history['accuracy'].iloc[-1]:.4f}",
        "seconds": f"{seconds:.0f}",
    }


def changed(changes: dict[str, str]) -> Params:
    """params.yaml with other keys of fine_tune and another image_size."""
    content = load_params().content()
    values = {key: yaml.safe_load(value) for key, value in changes.items()}
    content["backbone"]["image_size"] = values.pop("image_size", None)
    content["train_classifier"]["fine_tune"] |= {"layers": "all"} | values
    return parse_params(content)


def splits(data: DataSet, vectors: np.ndarray) -> tuple[Split, Split, Split]:
    """Train, validation and test."""
    folds, groups = data.folds(FOLDS), data.table["group"].to_numpy()
    parts = (folds >= TEST + VALIDATION, (folds >= TEST) & (folds < TEST + VALIDATION), folds < TEST)
    train, validation, test = (
        Split([data.photos[row] for row in np.flatnonzero(part)], vectors[part], data.truth[part], groups[part])
        for part in parts
    )
    return train, validation, test


if __name__ == "__main__":
    main()
