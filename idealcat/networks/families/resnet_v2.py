"""ResNet v2, which normalises before its convolutions (He et al., 2016, Identity mappings in deep networks)."""

from idealcat.networks.families.application import Application
from idealcat.networks.families.scaling import minus_one_to_one

FAMILY = Application({f"resnet{depth}_v2": 224 for depth in (50, 101, 152)}, engine="mnn", scaling=minus_one_to_one)
