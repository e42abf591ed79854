"""ConvNeXt (Liu et al., 2022)."""

from idealcat.networks.families.application import Application

FAMILY = Application({f"convnext_{size}": 224 for size in ("tiny", "small", "base", "large", "xlarge")})
