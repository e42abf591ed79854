"""DenseNet (Huang et al., 2017)."""

from idealcat.networks.families.application import Application
from idealcat.networks.families.scaling import torch

FAMILY = Application({f"densenet{depth}": 224 for depth in (121, 169, 201)}, scaling=torch)
