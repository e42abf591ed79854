"""VGG (Simonyan and Zisserman, 2015)."""

from idealcat.networks.families.application import Application
from idealcat.networks.families.scaling import caffe

FAMILY = Application({"vgg16": 224, "vgg19": 224}, engine="mnn", scaling=caffe, head_at_any_size=False)
