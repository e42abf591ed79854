"""The pictures of flips: original, perturbation and result of each as PNG, and what their captions say."""

from pathlib import Path
from typing import Any

import numpy as np

from idealcat.adversarial.flips import Flip
from idealcat.base.files import replacing_folder
from idealcat.photos.png import write_png

FOLDER = Path("metrics/adversarial")


def save_pictures(shown: list[Flip], paths: list[str], labels: list[str], truth: np.ndarray) -> list[dict[str, Any]]:
    """Writes three PNGs a flip into FOLDER, in place of those of the last run; returns their descriptions.

    `paths` and `truth` are of the photos that were attacked, among which each flip has its place.
    """
    described = []
    with replacing_folder(FOLDER) as beside:
        for number, flip in enumerate(shown):
            # Numbered, as a label may hold whatever no path should.
            names = {kind: f"flip_{number:02d}_{kind}.png" for kind in ("original", "perturbation", "result")}
            for kind, name in names.items():
                write_png(beside / name, getattr(flip, kind))
            files = {kind: (FOLDER / name).as_posix() for kind, name in names.items()}
            described.append({**files, "photo": paths[flip.place], **flip.caption(labels, truth[flip.place])})
    return described
