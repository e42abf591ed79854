"""Heat maps: what each place of a photo says for one class and against another.

The maps before the layer `features` are weighted by the gradient of the logits, place by place: HiResCAM (Draelos and
Carin, 2020). Under a linear head on averaged maps that is the class activation map (Zhou et al., 2016,
equation 2), exact; under maximum pooling and whole maps it is exact for a linear head, too. Otherwise it is of first
order: of a head with hidden layers, or one that scales each vector to length 1 or takes the features' roots.
"""

from collections.abc import Sequence
from math import isqrt
from typing import Any

import numpy as np

from idealcat.base.errors import BackboneError
from idealcat.networks.backend import compiled, keras, value_and_gradient
from idealcat.networks.joined import logits_of
from idealcat.networks.model_input import pixels_of

Numbers = Sequence[int] | np.ndarray


class HeatMaps:
    """The heat maps of a classifier as `networks.joined.join` makes them, whatever its backbone, pooling and head.

    Raises:
        BackboneError: the network has no maps, as `without_maps` tells.
    """

    def __init__(self, classifier: keras.Model) -> None:
        if reason := without_maps(classifier):
            raise BackboneError(reason)
        maps = classifier.get_layer("features").input
        self._grid = maps.shape[1:3] if len(maps.shape) == 4 else 2 * (isqrt(maps.shape[1]),)
        self.pixels = pixels_of(classifier)
        self.classes: int = classifier.output_shape[-1]
        self._maps = compiled(keras.Model(classifier.inputs[0], maps))
        head = keras.Model(maps, logits_of(classifier).output)

        def score(maps: Any, directions: Any) -> tuple[Any, Any]:
            logits = head(maps, training=False)
            return keras.ops.sum(logits * directions, axis=-1), logits

        self._score = value_and_gradient(score)

    def __call__(self, photos: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """What each cell of the maps adds to `logits @ direction`: signed, float32 `(N, h, w)`; a map sums up to it.

        What no cell accounts for (a bias, the means that a head subtracts) is spread evenly.

        Args:
            photos: RGB `(N, S, S, 3)` in [0, 255], as the network takes them.
            directions: a weight for each class, float `(N, classes)`, as `directions` makes them.
        """
        maps = self._maps(photos.astype("float32"))
        score, _, gradient = self._score(maps, directions.astype("float32"))
        cells = (maps.astype("float64") * gradient).sum(axis=-1).reshape(-1, *self._grid)
        rest = (score - cells.sum(axis=(1, 2))) / cells[0].size
        return (cells + rest[:, None, None]).astype("float32")

    def predicted(self, photos: np.ndarray) -> np.ndarray:
        """The numbers of the most probable classes, `(N,)`."""
        none = np.zeros((len(photos), self.classes), "float32")
        return self._score(self._maps(photos.astype("float32")), none)[1].argmax(axis=1)


def without_maps(classifier: keras.Model) -> str:
    """Why a classifier can have no heat maps: before `features` lie no maps and no square of tokens; else empty."""
    shape = tuple(classifier.get_layer("features").input.shape[1:])
    if len(shape) == 3 or (len(shape) == 2 and isqrt(shape[0]) ** 2 == shape[0]):
        return ""
    return f"heat maps need feature maps (h, w, C) or a square of tokens (T, C); this network has {shape}"


def directions(towards: Numbers, classes: int, *, against: Numbers | None = None) -> np.ndarray:
    """Float32 `(N, classes)`: the logits of classes less those of others, or less the mean of all.

    In both the weights sum to 0: what raises all logits alike is no reason for any class.
    """
    unit = np.eye(classes, dtype="float32")
    other = 1 / classes if against is None else unit[np.asarray(against)]
    return unit[np.asarray(towards)] - other
