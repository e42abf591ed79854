"""ResNet (He et al., 2016)."""

from idealcat.networks.families.application import Application
from idealcat.networks.families.scaling import caffe

FAMILY = Application({f"resnet{depth}": 224 for depth in (50, 101, 152)}, engine="mnn", scaling=caffe)
