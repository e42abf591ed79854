"""Sketches of cats and dogs: photos to start with, drawn here, so that a newcomer needs no download.

A drawing depends on its label, seed and index alone: more drawings a class never change the others. Its pixels and its
JPEG bytes are the same every time with the same builds of numpy, Pillow and libjpeg; other builds may differ in a few.
"""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from idealcat.sources.sketches.animals import Label, draw_lots, pick
from idealcat.sources.sketches.pen import Pen, Style, jitter, soft_colour
from idealcat.sources.sketches.poses import POSES
from idealcat.sources.sketches.scenery import BACKGROUNDS, OBSTACLES, degrade, paint_background, put_before

LABELS: tuple[Label, Label] = ("cat", "dog")
QUALITY = 88
OVERSAMPLING = 2
# Drawings that come with flaws only: no per_class reaches them.
FLAWED = 1_000_000


def draw_sketch(label: Label, *, seed: int, index: int, size: int = 200) -> Image.Image:
    """Drawing number `index` (>= 0) of a cat or a dog, other ones for each `seed` (>= 0).

    An RGB image of `size` x `size` pixels; `size` is 16 or more.
    """
    rng = np.random.default_rng([seed, LABELS.index(label), index])
    animal = draw_lots(label, rng)
    style = _style(rng)
    canvas = paint_background(pick(rng, BACKGROUNDS), size * OVERSAMPLING, style.paper, rng)
    pose = POSES[int(rng.choice(len(POSES), p=np.array([pose.weight for pose in POSES])))]
    pose.draw(Pen(canvas, _placing(pose.x, pose.y, pose.reach, canvas.width, rng), style, rng), animal)
    put_before(pick(rng, OBSTACLES), canvas, rng)
    return degrade(canvas.reduce(OVERSAMPLING), rng)


def _style(rng: np.random.Generator) -> Style:
    ink = jitter((40, 34, 40), rng, 14)
    paper = jitter((244, 240, 230), rng, 8)
    crayon = soft_colour(rng, 20, 150)
    styles = (
        Style(ink, rng.uniform(0.006, 0.014), shake=0.002, shaded=True, paper=paper),
        Style(ink, rng.uniform(0.005, 0.009), passes=2, shake=0.005, fill="wash", paper=paper),
        Style((84, 84, 90), 0.004, passes=3, shake=0.006, fill="none", paper=paper),
        Style(None, 0.006, shaded=rng.random() < 0.5, paper=paper),
        Style(crayon, rng.uniform(0.014, 0.024), shake=0.004, grain=True, paper=paper),
        Style(
            (236, 236, 226),
            rng.uniform(0.008, 0.014),
            passes=2,
            shake=0.003,
            grain=True,
            fill="none",
            paper=jitter((50, 66, 60), rng, 8),
        ),
    )
    return styles[rng.choice(len(styles), p=[0.32, 0.15, 0.13, 0.2, 0.16, 0.04])]


def _placing(x: float, y: float, reach: float, size: int, rng: np.random.Generator) -> np.ndarray:
    """The affine matrix (2 x 3) that puts the box around (x, y) somewhere on the canvas; some are cut by its border."""
    scale = size * rng.uniform(0.4, 0.55) / reach
    angle = rng.normal(0, 0.16)
    shear, mirror, squash = rng.normal(0, 0.08), rng.choice([-1, 1]), rng.uniform(0.9, 1.1)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]]) @ np.array([[mirror, shear], [0, squash]])
    room = max(0.04, 0.5 - scale * reach / size)
    middle = size * (0.5 + rng.uniform(-room, room, 2)) + (rng.random() < 0.06) * rng.uniform(-0.25, 0.25, 2) * size
    return np.column_stack([turn, middle - turn @ [x, y]])


def write_sketches(folder: Path, *, per_class: int, seed: int) -> None:
    """Writes `folder/<label>/<label>_0001.jpg` and so on, `per_class` (>= 1) good drawings a class, and the flaws.

    The flaws are there for the cleaning to find: in each class a JPEG that ends too early, an exact copy of the
    first drawing under another name, and a PNG that is called .jpg (which is of use all the same); and a text file
    that is called .jpg among the dogs.
    """
    for label in LABELS:
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in range(1, per_class + 1):
            sketch = draw_sketch(label, seed=seed, index=number)
            (folder / label / f"{label}_{number:04d}.jpg").write_bytes(_encoded(sketch, "JPEG"))
        _write_flaws(folder / label, label, seed)


def _write_flaws(folder: Path, label: Label, seed: int) -> None:
    unfinished = _encoded(draw_sketch(label, seed=seed, index=FLAWED), "JPEG")
    (folder / f"{label}_truncated.jpg").write_bytes(unfinished[: len(unfinished) // 2])
    (folder / f"{label}_copy.jpg").write_bytes((folder / f"{label}_0001.jpg").read_bytes())
    (folder / f"{label}_png.jpg").write_bytes(_encoded(draw_sketch(label, seed=seed, index=FLAWED + 1), "PNG"))
    if label == "dog":
        (folder / "dog_notes.jpg").write_bytes(b"Not a drawing: a note that somebody saved under the wrong name.\n")


def _encoded(image: Image.Image, kind: str) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, quality=QUALITY)
    return stream.getvalue()
