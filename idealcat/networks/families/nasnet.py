"""NASNet (Zoph et al., 2018)."""

from idealcat.networks.families.application import Application
from idealcat.networks.families.scaling import minus_one_to_one

FAMILY = Application({"nasnet_mobile": 224, "nasnet_large": 331}, scaling=minus_one_to_one)
