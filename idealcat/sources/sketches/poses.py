"""How an animal sits, walks or lies: whole bodies, in units of the head's radius."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from idealcat.sources.sketches.animals import DARK, WHITE, Animal, Part, coat_marks
from idealcat.sources.sketches.heads import draw_head, draw_profile
from idealcat.sources.sketches.pen import Pen, Points, ellipse, mix, ribbon, spline


class Pose(NamedTuple):
    """How to draw a pose, its share of all drawings, and the square that it fills: middle (x, y) and half its side."""

    draw: Callable[[Pen, Animal], None]
    weight: float
    x: float
    y: float
    reach: float


def _head(pen: Pen, animal: Animal) -> None:
    if pen.rng.random() < 0.5:
        _part(pen, animal, spline([(-0.7, 0.5), (0.7, 0.5), (1.1, 2.2), (-1.1, 2.2)]), "body")
        _collar(pen, animal, 0, 1.05, 0.7)
    draw_head(pen, animal)


def _bust(pen: Pen, animal: Animal) -> None:
    _part(pen, animal, spline([(-0.7, -0.3), (0.3, 0.3), (0.7, 1.2), (1.2, 2.4), (-1.4, 2.4), (-1.2, 1)]), "body")
    _collar(pen, animal, 0, 1.1, 0.75)
    draw_profile(pen, animal)


def _sitting(pen: Pen, animal: Animal) -> None:
    wide = pen.rng.uniform(0.8, 1.2)
    side = pen.rng.choice([-1, 1])
    _tail(pen, animal, (side * wide * 0.9, 3.1), side, low=True)
    for hip in (-1, 1):
        _part(pen, animal, ellipse(hip * wide * 0.85, 2.95, 0.5, 0.6), "limb", tone=0.12)
        _part(pen, animal, ellipse(hip * wide * 0.95, 3.42, 0.42, 0.2), "limb")
    knots = [(-0.5, 0.6), (0.5, 0.6), (0.85, 1.8), (1.0, 2.8), (0.6, 3.35), (-0.6, 3.35), (-1.0, 2.8), (-0.85, 1.8)]
    _part(pen, animal, spline([(x * wide, y) for x, y in knots]), "body")
    for leg in (-1, 1):
        _limb(pen, animal, np.linspace((leg * 0.36, 2.0), (leg * 0.38, 3.3), 6), 0.28, 0.22)
        _part(pen, animal, ellipse(leg * 0.42, 3.46, 0.32, 0.2), "limb")
    _collar(pen, animal, 0, 1.0, 0.6)
    draw_head(pen.within(0, 0, angle=pen.rng.normal(0, 0.15)), animal)


def _sitting_sideways(pen: Pen, animal: Animal) -> None:
    _tail(pen, animal, (-1.6, 3.2), -1, low=True)
    back = [(-0.5, 0.2), (0.4, 0.5), (0.75, 1.5), (0.7, 2.6), (0.2, 3.3), (-1.3, 3.45), (-1.75, 2.8), (-1.25, 1.6)]
    _limb(pen, animal, np.linspace((0.6, 1.8), (0.75, 3.35), 6), 0.3, 0.22, tone=0.2)
    _part(pen, animal, spline(back), "body")
    _part(pen, animal, ellipse(-0.85, 2.8, 0.75, 0.65), "limb")
    _part(pen, animal, ellipse(-0.4, 3.42, 0.6, 0.19), "limb")
    _limb(pen, animal, np.linspace((0.4, 1.7), (0.45, 3.3), 6), 0.32, 0.22)
    _part(pen, animal, ellipse(0.58, 3.44, 0.36, 0.19), "limb")
    _collar(pen, animal, 0.05, 0.85, 0.6)
    _turned_head(pen, animal, 0.1, 0, 1.0)


def _walking(pen: Pen, animal: Animal) -> None:
    rng = pen.rng
    legs, long = rng.uniform(1.3, 2.1), rng.uniform(0.85, 1.1)
    swing = rng.uniform(-0.6, 0.6, 4)
    _tail(pen, animal, (-2.0 * long, -0.4), -1, low=False)
    for x, step in zip((-1.5 * long, 1.35 * long), swing[:2], strict=True):
        _leg(pen, animal, x + 0.25, step=step, length=legs, tone=0.3)
    _limb(pen, animal, np.linspace((1.3 * long, -0.2), (2.0 * long, -1.1), 5), 0.7, 0.5)
    knots = [(-2.1, -0.3), (-1.5, -0.75), (0, -0.65), (1.4, -0.8), (2.0, -0.2), (1.6, 0.55), (0, 0.6), (-1.5, 0.5)]
    _part(pen, animal, spline([(x * long, y) for x, y in knots]), "body")
    for x, step in zip((-1.55 * long, 1.4 * long), swing[2:], strict=True):
        _leg(pen, animal, x, step=step, length=legs, tone=0.0)
    _turned_head(pen, animal, 2.15 * long, -1.25, rng.uniform(0.9, 1.2))


def _lying(pen: Pen, animal: Animal) -> None:
    _tail(pen, animal, (-2.1, 0.9), -1, low=True)
    _limb(pen, animal, np.linspace((0.9, 0.9), (2.5, 0.95), 5), 0.3, 0.22, tone=0.25)
    body = [(-2.2, 0.9), (-2.1, 0.1), (-1.2, -0.5), (0.4, -0.5), (1.4, -0.2), (1.8, 0.7), (1.0, 1.15), (-1.2, 1.15)]
    _part(pen, animal, spline(body), "body")
    _part(pen, animal, ellipse(-1.3, 0.6, 0.75, 0.55), "limb")
    _part(pen, animal, ellipse(-0.8, 1.08, 0.6, 0.18), "limb")
    _limb(pen, animal, np.linspace((0.9, 1.0), (2.3, 1.12), 5), 0.3, 0.22)
    _collar(pen, animal, 1.2, 0.1, 0.6)
    _turned_head(pen, animal, 1.3, -0.7, pen.rng.uniform(0.95, 1.2))


def _curled(pen: Pen, animal: Animal) -> None:
    body = ellipse(0, 0, 2.0, pen.rng.uniform(1.2, 1.5))
    _part(pen, animal, body, "body")
    _part(pen, animal, ellipse(-1.1, 0.55, 0.8, 0.6, lean=0.3), "limb")
    draw_head(pen.within(1.0, 0.25, scale=0.85, angle=pen.rng.uniform(-0.1, 0.6)), animal)
    around = spline([(-1.8, 0.6), (-1.2, 1.3), (0, 1.5), (0.9, 1.3)], closed=False)
    _limb(pen, animal, around, 0.22, 0.32 if animal.tail == "bushy" else 0.15, tone=0.1)


POSES: tuple[Pose, ...] = (
    Pose(_head, 0.42, 0, 0, 1.5),
    Pose(_bust, 0.10, 0.2, 0.2, 1.7),
    Pose(_sitting, 0.20, 0, 1.2, 2.5),
    Pose(_sitting_sideways, 0.09, -0.2, 1.2, 2.5),
    Pose(_walking, 0.09, 0.3, -0.1, 3.0),
    Pose(_lying, 0.07, 0, 0, 2.7),
    Pose(_curled, 0.03, 0, 0, 2.1),
)


def _part(pen: Pen, animal: Animal, outline: Points, part: Part, *, tone: float = 0.0, closed: bool = True) -> None:
    colour = mix(animal.coat.base, DARK, tone)
    pen.shape(outline, colour, coat_marks(part, outline, animal.coat, pen.rng), closed=closed)


def _limb(pen: Pen, animal: Animal, centre: Points, start: float, end: float, *, tone: float = 0.0) -> None:
    _part(pen, animal, ribbon(centre, start, end), "limb", tone=tone, closed=False)


def _leg(pen: Pen, animal: Animal, x: float, *, step: float, length: float, tone: float) -> None:
    knee = (x + step * 0.3 - 0.1, 0.1 + length * 0.5)
    line = spline([(x, 0.1), knee, (x + step, 0.1 + length)], closed=False)
    _limb(pen, animal, line, 0.38, 0.2, tone=tone)
    _part(pen, animal, ellipse(x + step + 0.12, 0.2 + length, 0.32, 0.18), "limb", tone=tone)


def _turned_head(pen: Pen, animal: Animal, x: float, y: float, scale: float) -> None:
    head = pen.within(x, y, scale=scale, angle=pen.rng.normal(0, 0.15))
    (draw_profile if pen.rng.random() < 0.55 else draw_head)(head, animal)


def _tail(pen: Pen, animal: Animal, root: tuple[float, float], side: int, *, low: bool) -> None:
    x, y = root
    wag = pen.rng.uniform(0.7, 1.2)
    if animal.tail == "long":
        steps = [(0.9, -0.1), (1.5, -0.7), (1.3, -1.5)] if low else [(0.6, -0.3), (0.9, -1.3), (0.6, -2.0)]
        half = (0.18, 0.13)
    elif animal.tail == "bushy":
        steps, half = [(0.6, -0.2), (1.2, -0.6), (1.5, -1.1)], (0.2, 0.36)
    elif animal.tail == "curl":
        steps, half = [(0.5, -0.6), (0.3, -1.2), (-0.3, -1.1), (-0.2, -0.7)], (0.22, 0.16)
    else:
        steps, half = [(0.4, -0.4), (0.6, -0.8)], (0.2, 0.1)
    line = spline([root, *((x + side * wag * across, y + wag * down) for across, down in steps)], closed=False)
    _limb(pen, animal, line, *half, tone=0.1)


def _collar(pen: Pen, animal: Animal, x: float, y: float, half: float) -> None:
    if animal.collar is None:
        return
    band = spline([(x - half, y - 0.12), (x, y), (x + half, y - 0.12)], closed=False)
    pen.shape(np.concatenate([band, band[::-1] + np.array([0, 0.2])]), animal.collar)
    pen.shape(ellipse(x, y + 0.26, 0.13, 0.13), mix((230, 190, 70), WHITE, 0.2))
