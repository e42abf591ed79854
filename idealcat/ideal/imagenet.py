"""The ImageNet classes of a pretrained network."""

from idealcat.ideal.judges import imagenet_judge, load_network
from idealcat.ideal.objectives import logit
from idealcat.ideal.settings import GenerateIdeal
from idealcat.ideal.subjects import Subject
from idealcat.networks import backbones
from idealcat.networks.backend import keras
from idealcat.networks.folded import folded
from idealcat.networks.imagenet_classes import imagenet_index, imagenet_label


def imagenet_subject(backbone: keras.Model, settings: GenerateIdeal) -> tuple[Subject | None, list[str]]:
    """The ImageNet classes that the settings name, None where there are none to draw; and notes on what can't be done.

    Raises ClassError where there is no such class.
    """
    indices = list(dict.fromkeys(imagenet_index(name) for name in settings.imagenet_classes))
    if not indices:
        return None, []
    if not backbones.has_imagenet_head(backbone):
        return None, ["no ImageNet classes: the backbone has no ImageNet head"]
    to_logits = folded(keras.Model(backbone.inputs[0], backbone.get_layer("imagenet_logits").output))
    network, missing = load_network(settings.judge, backbone=backbone.name)
    if network is not None and not backbones.has_imagenet_head(network):
        network, missing = None, f"no judge: {settings.judge} has no ImageNet head"
    subject = Subject(
        "imagenet",
        to_logits,
        indices,
        [imagenet_label(index) for index in indices],
        full=logit(to_logits, indices),
        judge=imagenet_judge(network) if network is not None else None,
        judge_name=settings.judge if network is not None else None,
        strip=True,
    )
    return subject, [missing] if missing else []
