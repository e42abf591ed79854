"""Every family of networks: one line each."""

from idealcat.networks.families import (
    convnext,
    densenet,
    efficientnet,
    efficientnet_lite,
    efficientnet_v2,
    inception,
    keras_hub,
    mobilenet,
    mobilenet_v3,
    nasnet,
    resnet,
    resnet_v2,
    vgg,
    xception,
)
from idealcat.networks.families.family import Family

FAMILIES: tuple[Family, ...] = (
    efficientnet_lite.FAMILY,
    convnext.FAMILY,
    densenet.FAMILY,
    efficientnet.FAMILY,
    efficientnet_v2.FAMILY,
    inception.FAMILY,
    keras_hub.FAMILY,
    mobilenet.FAMILY,
    mobilenet_v3.FAMILY,
    nasnet.FAMILY,
    resnet.FAMILY,
    resnet_v2.FAMILY,
    vgg.FAMILY,
    xception.FAMILY,
)
