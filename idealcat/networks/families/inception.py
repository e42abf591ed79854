"""Inception v3 (Szegedy et al., 2016) and Inception-ResNet v2 (Szegedy et al., 2017)."""

from idealcat.networks.families.application import Application
from idealcat.networks.families.scaling import minus_one_to_one

FAMILY = Application({"inception_v3": 299, "inception_resnet_v2": 299}, engine="mnn", scaling=minus_one_to_one)
