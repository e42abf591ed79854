"""From a photo's bytes to the picture that shows why it is classified so."""

from dataclasses import dataclass

import numpy as np

from idealcat.audit.heat_maps.evidence import HeatMaps, directions
from idealcat.audit.heat_maps.overlay import jpeg, overlay
from idealcat.networks.classifier import load_classifier
from idealcat.photos.decode import decode_scaled
from idealcat.photos.pixels import network_input


@dataclass(frozen=True)
class Explainer:
    """The saved classifier's heat maps; a photo of more than `max_pixels` is refused."""

    maps: HeatMaps
    labels: list[str]
    max_pixels: int

    @classmethod
    def local(cls, *, max_pixels: int) -> "Explainer":
        """That of the classifier that train_classifier wrote. Raises DataError where there is none."""
        classifier, labels = load_classifier()
        return cls(HeatMaps(classifier), labels, max_pixels)

    def __call__(self, content: bytes, label: str | None = None) -> bytes:
        """A JPEG: orange speaks for `label`, by default the most probable class, and blue for the others.

        Raises:
            PhotoError: the bytes are no photo.
            ValueError: there is no such label.
        """
        pixels = self.maps.pixels
        photo, _ = decode_scaled(content, max_pixels=self.max_pixels, enough=pixels.enough)
        taken = network_input(photo, pixels)[None]
        number = self.maps.predicted(taken) if label is None else np.array([self.labels.index(label)])
        cells = self.maps(taken, directions(number, self.maps.classes))[0]
        return jpeg(overlay(photo, cells, pixels.resize))
