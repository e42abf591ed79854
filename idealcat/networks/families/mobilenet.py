"""MobileNet (Howard et al., 2017) and MobileNetV2 (Sandler et al., 2018)."""

from idealcat.networks.families.application import Application
from idealcat.networks.families.scaling import minus_one_to_one

FAMILY = Application({"mobilenet": 224, "mobilenet_v2": 224}, scaling=minus_one_to_one)
