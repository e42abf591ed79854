import numpy as np
import pytest

from idealcat.base.params import load_params
from idealcat.networks.backbones import features_model
from idealcat.networks.backend import keras
from idealcat.training.classifier import train
from idealcat.training.fine_tuning import fine_tune
from idealcat.training.settings import TrainClassifier

pytestmark = pytest.mark.slow  # classifiers are trained

PARAMS = load_params("params.yaml").section(TrainClassifier)
QUICK = {
    "layers": "all",
    "learning_rate": 0.03,
    "epochs": 12,
    "batch_size": 8,
    "horizontal_flip": False,
    "crop": 1.0,
    "color": 0.0,
}


def settings(**changes):
    chosen = PARAMS.fine_tune.model_copy(update=QUICK | changes)
    return PARAMS.model_copy(update={"fine_tune": chosen})


def head_for(features):
    return keras.Sequential([keras.Input(features.output_shape[1:]), keras.layers.Dense(2)])


def tuned(network, splits, folder, *, callbacks=(), **changes):
    features = network()
    return fine_tune(
        features,
        head_for(features),
        *splits,
        settings=settings(**changes),
        seed=0,
        callbacks=callbacks,
        checkpoint=folder / "checkpoint.npz",
    )


class Killed(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


def test_a_training_that_was_killed_goes_on_to_the_same_result(blind_network, stripes, tmp_path):
    drawn = {"epochs": 3, "color": 0.2, "crop": 0.5, "mixup": 0.2, "cutmix": 1.0}
    expected = tuned(blind_network, stripes, tmp_path / "undisturbed", **drawn)
    with pytest.raises(KeyboardInterrupt):
        tuned(blind_network, stripes, tmp_path, callbacks=[Killed()], **drawn)
    received = tuned(blind_network, stripes, tmp_path, **drawn)
    np.testing.assert_allclose(received.logits, expected.logits, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(received.history, expected.history, rtol=1e-4)
    assert received.history["epoch"].tolist() == [0, 1, 2, 3]


def test_fine_tuning_that_pays_is_kept_and_its_backbone_with_it(blind_network, stripes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"train": stripes[0], "validation": stripes[1]}
    result = train(blind_network, given, classes=2, settings=settings(test_time_mirror=True), seed=0)
    assert result.fine_tuning.better
    assert result.metrics["fine_tuned_layers"] == 2
    assert result.metrics["validation_accuracy"] == result.metrics["fine_tuning"]["accuracy"] > 0.9
    one_view = result.network().get_layer("features_model")
    before, after = (model.get_layer("low").get_weights()[0] for model in (blind_network(), one_view))
    assert np.abs(before - after).max() > 0.01
    pixels = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3)).astype("float32")
    both = (one_view(pixels) + one_view(pixels[:, :, ::-1])) / 2
    np.testing.assert_allclose(features_model(result.network())(pixels), both, rtol=1e-4, atol=1e-5)


def test_fine_tuning_that_does_not_pay_leaves_head_and_backbone(blind_network, stripes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"train": stripes[0], "validation": stripes[1]}
    result, alone = (
        train(blind_network, given, classes=2, settings=settings(epochs=1, layers=layers), seed=0) for layers in (1, 0)
    )
    assert not result.fine_tuning.better and not result.metrics["fine_tuning"]["kept"]
    assert result.metrics["fine_tuned_layers"] == 0
    for received, expected in zip(result.network().get_weights(), alone.network().get_weights(), strict=True):
        np.testing.assert_array_equal(received, expected)
