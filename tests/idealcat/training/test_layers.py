import numpy as np
import pytest

from idealcat.base.errors import TrainingError
from idealcat.base.params import load_params
from idealcat.networks.backbones import build_backbone, features_model
from idealcat.networks.backend import keras
from idealcat.networks.joined import join, logits_of
from idealcat.training.layers import rates, unfreeze
from idealcat.training.layerwise import build_optimizer
from idealcat.training.settings import TrainClassifier
from tests.small_preset import save_small_preset

SETTINGS = load_params("params.yaml").section(TrainClassifier).fine_tune


def to_logits(backbone):
    features = features_model(backbone)
    head = keras.Sequential([keras.Input(features.output_shape[1:]), keras.layers.Dense(2)], name="head")
    return logits_of(join(features, head))


def free(model):
    return list(dict.fromkeys(variable.path.rpartition("/")[0] for variable in model.trainable_variables))


def test_unfreeze_frees_the_last_layers_but_no_batch_normalization():
    model = to_logits(build_backbone("efficientnet_lite0", weights="random", image_size=32, pooling="avg"))
    assert unfreeze(model, 3) == 3
    assert free(model)[:-1] == ["block15_depthwise_conv", "block15_project_conv", "head_conv"]
    assert unfreeze(model, "all") == 49
    with pytest.raises(TrainingError, match=r"fine_tune\.layers: expected at most 49"):
        unfreeze(model, 1000)


def test_layers_within_a_transformers_layers_are_counted(tmp_path):
    preset = save_small_preset(tmp_path / "vit")
    model = to_logits(build_backbone(f"keras_hub:{preset}", weights="pretrained", image_size=None, pooling="avg"))
    every = unfreeze(model, "all")
    assert every > 12  # an embedding, and two blocks with attention, two norms and two dense layers each
    assert unfreeze(model, 1) == 1
    assert len(free(model)) == 2
    assert free(model)[0] == "vit_encoder/ln"  # the last norm, behind the blocks


def test_rates_fall_from_the_last_layer_down(blind_network):
    model = to_logits(blind_network())
    unfreeze(model, "all")
    names = [variable.path.split("/")[-2:] for variable in model.trainable_variables]
    found = {layer: rate for (layer, _), rate in zip(names, rates(model, 0.5), strict=True)}
    assert found == {"low": 0.5, "high": 1.0, "dense": 1.0} or sorted(found.values()) == [0.5, 1.0, 1.0]


@pytest.mark.parametrize("averaging", [0.0, 0.5])
def test_each_variable_steps_at_its_own_rate(averaging):
    variables = [keras.Variable(np.zeros(3, "float32")) for _ in range(2)]
    wanted = SETTINGS.model_copy(update={"learning_rate": 0.1, "warm_up": 0.0, "averaging": averaging})
    optimizer = build_optimizer(wanted, steps=10, factors=[1.0, 0.25])
    optimizer.apply([keras.ops.ones(3)] * 2, variables)
    steps = [-keras.ops.convert_to_numpy(variable)[0] for variable in variables]
    np.testing.assert_allclose(steps, [0.1, 0.025], rtol=1e-3)


def test_the_rate_rises_then_falls():
    optimizer = build_optimizer(SETTINGS, steps=100, factors=[])
    rate = [float(optimizer._learning_rate(step)) for step in (0, 5, 10, 55, 100)]
    assert rate[0] < rate[1] < rate[2] == pytest.approx(SETTINGS.learning_rate)
    assert rate[3] == pytest.approx(SETTINGS.learning_rate / 2) and rate[4] == pytest.approx(0, abs=1e-9)
