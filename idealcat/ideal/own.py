"""The classes of one's own classifier."""

from typing import Any

import pandas as pd

from idealcat.base.errors import ClassError
from idealcat.ideal.class_means import TrainingFeatures
from idealcat.ideal.judges import load_network
from idealcat.ideal.objectives import likeness, logit
from idealcat.ideal.settings import GenerateIdeal
from idealcat.ideal.subjects import Subject
from idealcat.ideal.taught_judge import taught_judge
from idealcat.networks import backbones
from idealcat.networks.backend import keras
from idealcat.networks.feature_table import FeatureTable
from idealcat.networks.folded import folded
from idealcat.networks.imagenet_classes import nearest
from idealcat.networks.joined import logits_of


def own_subject(
    classifier: keras.Model, labels: list[str], features: FeatureTable, manifest: pd.DataFrame, settings: GenerateIdeal
) -> tuple[Subject, list[str]]:
    """The classifier's classes that the settings name, at most `max_classes`; and notes on what can't be done.

    The full method makes their features look like those of their training photos. Where the cached features are not
    those of the classifier, or no vectors, it raises the logit. Raises ClassError where there is no such label.
    """
    names = chosen_labels(labels, settings.classes)
    notes = []
    if len(names) > settings.max_classes:
        notes.append(f"{settings.max_classes} of {len(names)} classes are drawn; generate_ideal.classes names them")
        names = names[: settings.max_classes]
    indices = [labels.index(name) for name in names]
    to_logits, train = folded(logits_of(classifier)), manifest[manifest["split"] == "train"]
    drawn: dict[str, Any] = {"full": logit(to_logits, indices)}
    fits = features.extractor.weights_sha256 == backbones.weights_sha256(classifier)
    if not fits or len(features.extractor.feature_shape) != 1:
        notes.append(f"the full method raises the logit: the features are {'maps' if fits else 'an older network'}'s")
    elif names:
        training = TrainingFeatures.of(features.of(train["sha256"]), train["path"].tolist(), train["label"].tolist())
        to_features = folded(backbones.features_model(classifier))
        means = training.class_means(names)
        drawn["full"] = likeness(to_features, means, mean=training.mean, deviation=training.deviation)
        drawn["training"] = training
    network, missing = load_network(settings.judge, backbone=features.extractor.backbone) if names else (None, None)
    if network is not None:
        drawn |= {"judge": taught_judge(network, train, labels), "judge_name": settings.judge}
    return Subject("classifier", to_logits, indices, names, **drawn), [*notes, *([missing] if missing else [])]


def chosen_labels(labels: list[str], chosen: list[str] | None) -> list[str]:
    """The `chosen` labels once each, all for None. Raises ClassError where there is no such label."""
    names = labels if chosen is None else list(dict.fromkeys(chosen))
    for name in names:
        if name not in labels:
            raise ClassError(f"generate_ideal.classes: unknown class {name!r}{nearest(name, labels)}")
    return names
