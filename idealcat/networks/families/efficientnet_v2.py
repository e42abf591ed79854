"""EfficientNetV2 (Tan and Le, 2021)."""

from idealcat.networks.families.application import Application

SIZES = {"b0": 224, "b1": 240, "b2": 260, "b3": 300, "s": 384, "m": 480, "l": 480}
FAMILY = Application({f"efficientnet_v2_{scale}": size for scale, size in SIZES.items()})
