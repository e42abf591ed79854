"""Xception (Chollet, 2017)."""

from idealcat.networks.families.application import Application
from idealcat.networks.families.scaling import minus_one_to_one

FAMILY = Application({"xception": 299}, scaling=minus_one_to_one)
