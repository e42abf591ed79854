"""The pictures of flips: original, perturbation and result of each as PNG, and what their captions say."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from idealcat.adversarial.flips import Flip
from idealcat.base.artifacts import ADVERSARIAL
from idealcat.base.files import replacing_folder
from idealcat.photos.png import write_png


def save_pictures(
    shown: Sequence[Flip], paths: Sequence[str], labels: list[str], truth: np.ndarray
) -> list[dict[str, Any]]:
    """Writes three PNGs a flip, in place of those of the last run; returns their descriptions.

    `paths` and `truth` are of the photos that were attacked, to which a flip's `index` points.
    """
    described = []
    with replacing_folder(ADVERSARIAL.path) as beside:
        for number, flip in enumerate(shown):
            # Numbered, as a label may hold whatever no path should.
            names = {kind: f"flip_{number:02d}_{kind}.png" for kind in ("original", "perturbation", "result")}
            for kind, name in names.items():
                write_png(beside / name, getattr(flip, kind))
            files = {kind: (ADVERSARIAL.path / name).as_posix() for kind, name in names.items()}
            described.append({**files, "photo": paths[flip.index], **flip.caption(labels, truth[flip.index])})
    return described
