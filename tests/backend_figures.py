"""What the Keras backend of this process makes of given networks, photos and labels, for tests/test_backends.py.

`KERAS_BACKEND=... python -m tests.backend_figures FOLDER` writes FOLDER/<backend>.npz. The first backend builds the
networks and saves them in FOLDER; the others load its files, as stages do.
"""

import sys
from pathlib import Path

import numpy as np

from idealcat.adversarial.attacks.fgsm import fgsm
from idealcat.adversarial.target_model import CROSS_ENTROPY, TARGETED_DLR, TargetModel
from idealcat.audit.heat_maps.evidence import HeatMaps, directions
from idealcat.base.params import load_params
from idealcat.extraction.keras_model import KerasEngine
from idealcat.ideal.ascent import raise_spectrum
from idealcat.ideal.objectives import logit
from idealcat.networks.backbones import build_backbone, features_model
from idealcat.networks.backend import BACKEND, compiled, keras, make_deterministic
from idealcat.networks.joined import join, logits_of
from idealcat.networks.model_file import load_model, save_model
from idealcat.sources.sketches.drawing import draw_sketch
from idealcat.training.fit_head import train_head
from idealcat.training.head import average_heads, build_head
from idealcat.training.settings import TrainClassifier

SIZE = 64  # pixels
CLASSES = 5
SETTINGS = load_params().section(TrainClassifier)
TRUTH = np.arange(8) % 2


def main(folder: Path) -> None:
    """Computes and saves all figures."""
    make_deterministic(0)
    drawings = [draw_sketch(("cat", "dog")[label], seed=0, index=place, size=SIZE) for place, label in enumerate(TRUTH)]
    photos = np.stack([np.asarray(drawing) for drawing in drawings])
    figures = {}
    for name, weights in (("mobilenet_v2", "random"), ("efficientnet_lite0", "pretrained")):
        features = features_model(network(name, weights, folder))
        vectors = figures[f"features_{name}"] = KerasEngine(features, batch_size=len(photos))(photos)
    whole = classifier(features, vectors, folder)
    figures["evidence"] = HeatMaps(whole)(photos, directions(TRUTH, CLASSES))
    to_logits = logits_of(whole)
    target_model = TargetModel(to_logits)
    for loss in (CROSS_ENTROPY, TARGETED_DLR):
        logits, losses, gradients = target_model.gradient(photos, TRUTH, loss=loss, target=1 - TRUTH)
        figures |= {"logits": logits, f"losses_{loss}": losses, f"gradients_{loss}": gradients}
    figures["attacked"] = fgsm(photos, gradients, epsilon=8.0)
    figures["ideal"] = raise_spectrum(logit(to_logits, [0, 1]), steps=1, learning_rate=0.05, seed=0)
    figures["trained"] = trained()
    np.savez(folder / f"{BACKEND}.npz", **figures)


def network(name: str, weights: str, folder: Path) -> keras.Model:
    """The network of the first backend."""
    path = folder / f"{name}.keras"
    if not path.exists():
        save_model(build_backbone(name, weights=weights, image_size=SIZE, pooling="avg"), path)
    return load_model(path, stage="fetch_backbone")


def classifier(features: keras.Model, vectors: np.ndarray, folder: Path) -> keras.Model:
    """The first backend's classifier, with a random head."""
    path = folder / "classifier.keras"
    if not path.exists():
        settings = SETTINGS.model_copy(update={"output_initializer": "glorot_normal"})
        head = build_head(vectors, prior=np.ones(CLASSES) / CLASSES, settings=settings, seed=0, name="head_0")
        save_model(join(features, average_heads([head])), path)
    return load_model(path, stage="train_classifier")


def trained() -> np.ndarray:
    """The logits of a head after a few steps; what backends draw at random is switched off."""
    vectors, labels = np.random.default_rng(0).normal(size=(40, 6)).astype("float32"), (np.arange(40) % 3 == 0) * 1
    settings = SETTINGS.model_copy(update={"dropout": 0.0, "steps": 5, "batch_size": 40})
    head = train_head((vectors, labels), (vectors, labels), classes=2, settings=settings, seed=0)
    return compiled(head.network)(vectors)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
