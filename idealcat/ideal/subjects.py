"""Whose classes are drawn as ideal images, the classifier's and ImageNet's; and the judge, who ranks the latter."""

from dataclasses import dataclass, replace

from idealcat.base.errors import BackboneError, ClassError
from idealcat.ideal.settings import GenerateIdeal
from idealcat.networks import backbones
from idealcat.networks.backend import keras
from idealcat.networks.imagenet_classes import imagenet_index, imagenet_label, nearest
from idealcat.networks.joined import logits_of


@dataclass(frozen=True)
class Subject:
    """Classes of one network: `to_logits` from raw pixels, their `indices` among its outputs, and their `names`.

    Where there is a `judge`, it is another network with the same outputs.
    """

    source: str
    to_logits: keras.Model
    indices: list[int]
    names: list[str]
    judge: keras.Model | None = None


@dataclass(frozen=True)
class Subjects:
    """All whose classes are drawn, the judge's name where there is one, and notes on what can't be done."""

    drawn: list[Subject]
    judge: str | None
    notes: list[str]


def choose_subjects(
    classifier: keras.Model, labels: list[str], backbone: keras.Model, settings: GenerateIdeal
) -> Subjects:
    """The classifier's classes and the backbone's ImageNet classes that the settings name.

    Raises ClassError where there is no such class.
    """
    own = classifier_subject(classifier, labels, settings.classes)
    imagenet = imagenet_subject(backbone, settings.imagenet_classes)
    if imagenet is None:
        wanted = bool(settings.imagenet_classes)
        return Subjects([own], None, ["no ImageNet classes: the backbone has no ImageNet head"] if wanted else [])
    judge, missing = load_judge(settings.judge, backbone=backbone.name)
    judged = replace(imagenet, judge=judge)
    return Subjects([own, judged], settings.judge if judge else None, [missing] if missing else [])


def classifier_subject(classifier: keras.Model, labels: list[str], chosen: list[str] | None) -> Subject:
    """The `chosen` labels of the classifier, all for None. Raises ClassError where there is no such label."""
    names = labels if chosen is None else list(dict.fromkeys(chosen))
    for name in names:
        if name not in labels:
            raise ClassError(f"generate_ideal.classes: unknown class {name!r}{nearest(name, labels)}")
    return Subject("classifier", logits_of(classifier), [labels.index(name) for name in names], names)


def imagenet_subject(backbone: keras.Model, chosen: list[str | int]) -> Subject | None:
    """The `chosen` ImageNet classes, or None where there are none or the backbone has no head for them.

    Raises ClassError where there is no such class.
    """
    indices = list(dict.fromkeys(imagenet_index(name) for name in chosen))
    if not indices or not backbones.has_imagenet_head(backbone):
        return None
    return Subject("imagenet", _imagenet_logits(backbone), indices, [imagenet_label(index) for index in indices])


def load_judge(name: str | None, *, backbone: str) -> tuple[keras.Model | None, str | None]:
    """The network `name` up to its ImageNet logits, or None and, where one was asked for, why there is none."""
    if name is None:
        return None, None
    if name == backbone:
        return None, f"no judge: {name} is the backbone itself; name another network"
    try:
        judge = backbones.build_backbone(name, weights="pretrained", image_size=None, pooling="avg")
    except BackboneError as error:
        return None, f"no judge: {error}"
    return _imagenet_logits(judge), None


def _imagenet_logits(network: keras.Model) -> keras.Model:
    return keras.Model(network.inputs[0], network.get_layer("imagenet_logits").output)
