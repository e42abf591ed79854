"""The classifier of train_classifier asked through the feature store: what was computed once is not computed again."""

from collections.abc import Callable, Sequence

import numpy as np

from idealcat.extraction.choice import Choice
from idealcat.extraction.executors.local import Item
from idealcat.extraction.vectors import Mapped, map_features
from idealcat.networks.plain_head import plain_head_on
from idealcat.photos.read import batches_of

BATCH = 32  # photos that Keras takes at once


def probabilities_of(
    choice: Choice, items: Sequence[Item], read: Callable[[Item], np.ndarray], *, title: str
) -> Mapped:
    """Probabilities `(N, classes)` of items that `read` turns into pixels, as `map_features` takes them.

    A linear head takes features from the store, and no framework starts; so does any other head, by Keras. A fine-tuned
    classifier has features of its own: the saved model is asked about each item's pixels.

    Raises:
        DataError: there is no classifier, or `read` raised it.
        StoreError: as `map_features`.
    """
    known = choice.spec.extractor.weights_sha256
    if head := plain_head_on(known):
        return map_features(choice, items, read, head, title=title)
    from idealcat.networks.backbones import weights_sha256  # noqa: PLC0415 starts the framework
    from idealcat.networks.classifier import load_classifier, run_on_batches  # noqa: PLC0415
    from idealcat.networks.joined import head_of  # noqa: PLC0415
    from idealcat.networks.on_features import run_on_features  # noqa: PLC0415

    classifier, _ = load_classifier()
    if weights_sha256(classifier) == known:
        network = head_of(classifier)
        return map_features(choice, items, read, lambda vectors: run_on_features(network, vectors), title=title)
    batches = batches_of(items, read, batch_size=BATCH)
    return Mapped(run_on_batches(classifier, batches, total=len(items), description=title), len(items))
