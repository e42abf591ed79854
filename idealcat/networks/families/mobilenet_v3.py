"""MobileNetV3 (Howard et al., 2019)."""

from idealcat.networks.families.application import Application

FAMILY = Application({"mobilenet_v3_small": 224, "mobilenet_v3_large": 224})
