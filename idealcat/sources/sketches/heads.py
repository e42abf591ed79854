"""Heads of cats and dogs, from the front and from the side, in units of the head's radius."""

import numpy as np

from idealcat.sources.sketches.animals import DARK, PINK, WHITE, Animal, coat_marks
from idealcat.sources.sketches.pen import Pen, Points, ellipse, mix, ribbon, spline


def draw_head(pen: Pen, animal: Animal) -> None:
    """The head seen from the front, within about -1.4 to 1.4 in both directions."""
    rng, coat = pen.rng, animal.coat
    upright = animal.ears in ("pointed", "pricked")
    if upright:
        for side in (-1, 1):
            _upright_ear(pen, animal, side)
    cheek = 1.08 if animal.label == "cat" else 0.88
    half, tall = animal.width, animal.height
    skull = spline([
        (0, -tall), (half * 0.62, -tall * 0.82), (half * 0.98, -tall * 0.2), (half * cheek, tall * 0.3),
        (half * 0.6, tall * 0.85), (0, tall), (-half * 0.6, tall * 0.85), (-half * cheek, tall * 0.3),
        (-half * 0.98, -tall * 0.2), (-half * 0.62, -tall * 0.82),
    ])  # fmt: skip
    skull = skull + rng.normal(0, 0.008, skull.shape)
    pen.shape(skull, coat.base, coat_marks("head", skull, coat, rng))
    if not upright:
        for side in (-1, 1):
            _hanging_ear(pen, animal, side)
    squeeze, shift = 1 - 0.18 * abs(animal.turn), 0.24 * animal.turn
    face = pen.within(shift, 0, squeeze=squeeze)
    _muzzle(face, animal)
    for side in (-1, 1):
        _eye(face, animal, side * (0.42 if animal.label == "cat" else 0.36), -0.08 if animal.label == "cat" else -0.2)


def _upright_ear(pen: Pen, animal: Animal, side: int) -> None:
    half, tall, length = animal.width, animal.height, animal.ear_length * (0.8 if animal.ears == "pointed" else 0.85)
    spread = 0.8 if animal.ears == "pointed" else 0.66
    tip = (side * half * spread, -tall * 0.7 - length)
    ear = np.array([(side * half * 0.95, -tall * 0.3), tip, (side * half * 0.18, -tall * 0.85)])
    middle = ear.mean(axis=0)
    pen.shape(_rounded(ear, 0.12 if animal.ears == "pointed" else 0.25), animal.coat.base)
    inner = mix(PINK, animal.coat.base, 0.3)
    pen.shape(_rounded(middle + (ear - middle) * 0.55, 0.15), inner, outline=0)


def _hanging_ear(pen: Pen, animal: Animal, side: int) -> None:
    half, tall, length = animal.width, animal.height, animal.ear_length
    if animal.ears == "folded":
        low = -tall * 0.35
        flap = [(0.25, -tall * 0.9), (0.9, -tall * 1.15), (1.0, low), (0.72, low + 0.1 * length)]
        outline = _rounded(np.array([(side * half * x, y) for x, y in flap]), 0.2)
    else:
        outline = spline([
            (side * half * 0.5, -tall * 0.92), (side * half * 1.05, -tall * 0.75), (side * (half + 0.35), -0.1),
            (side * (half + 0.28), -0.5 + length), (side * (half + 0.02), -0.4 + length), (side * half * 0.82, -0.15),
        ])  # fmt: skip
    tone = animal.coat.second if animal.coat.pattern in ("mask", "bicolour") and animal.coat.second != WHITE else DARK
    pen.shape(outline, mix(animal.coat.base, tone, 0.3))


def _rounded(corners: Points, share: float) -> Points:
    """A polygon whose corners are cut round; `share` of each side is taken off at its ends."""
    knots = []
    for before, corner, after in zip(np.roll(corners, 1, axis=0), corners, np.roll(corners, -1, axis=0), strict=True):
        start, end = corner + (before - corner) * share, corner + (after - corner) * share
        for t in np.linspace(0, 1, 5):
            knots.append((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * end)
    return np.array(knots)


def _eye(pen: Pen, animal: Animal, x: float, y: float) -> None:
    size = animal.eyes
    if animal.asleep:
        pen.line(spline([(x - size, y), (x, y + size * 0.5), (x + size, y)], closed=False), DARK, width=1.2)
        return
    lean = 0.25 * np.sign(x) * -1 if animal.label == "cat" else 0.0
    pen.shape(
        ellipse(x, y, size, size * (0.85 if animal.label == "cat" else 0.95), lean=lean), animal.iris, outline=0.8
    )
    solid = pen.solid()
    if animal.pupils == "slit":
        solid.shape(ellipse(x, y, size * 0.24, size * 0.78), DARK, outline=0)
    else:
        solid.shape(ellipse(x, y, size * 0.66, size * 0.7), DARK, outline=0)
    solid.shape(ellipse(x + size * 0.22, y - size * 0.3, size * 0.2, size * 0.2), WHITE, outline=0)


def _muzzle(pen: Pen, animal: Animal) -> None:
    cat, size = animal.label == "cat", animal.muzzle
    light = mix(animal.coat.base, WHITE, 0.55)
    nose_y = 0.28 if cat else 0.24
    if cat:
        for side in (-1, 1):
            pen.shape(ellipse(side * size * 0.5, nose_y + 0.2, size * 0.62, size * 0.5), light, outline=0)
    else:
        pen.shape(ellipse(0, nose_y + size * 0.4, size, size * 0.78), light, outline=0.5)
    lip = nose_y + (0.22 if cat else 0.3)
    if animal.mouth != "shut":
        pen.shape(ellipse(0, lip + 0.1, size * 0.4, 0.14), (120, 50, 60))
    if animal.mouth == "tongue":
        pen.shape(
            spline([(-0.15, lip + 0.08), (0.15, lip + 0.08), (0.15, lip + 0.4), (0, lip + 0.5), (-0.15, lip + 0.4)]),
            PINK,
        )
    pen.line(np.array([(0, nose_y), (0, lip)]), DARK)
    for side in (-1, 1):
        curve = [(0, lip), (side * size * 0.35, lip + 0.08), (side * size * 0.65, lip - 0.04)]
        pen.line(spline(curve, closed=False), DARK)
    solid = pen.solid()
    if cat:
        nose = _rounded(np.array([(-0.13, nose_y - 0.06), (0.13, nose_y - 0.06), (0, nose_y + 0.09)]), 0.25)
        solid.shape(nose, mix(PINK, DARK, 0.1 + 0.5 * (sum(animal.coat.base) < 300)))
    else:
        solid.shape(ellipse(0, nose_y - 0.02, 0.2, 0.14), DARK)
        solid.shape(ellipse(-0.06, nose_y - 0.07, 0.05, 0.03), (150, 150, 155), outline=0)
    _whiskers(pen, animal, nose_y + 0.18)


def _whiskers(pen: Pen, animal: Animal, y: float) -> None:
    if animal.whiskers == "none":
        return
    tone = DARK if sum(animal.coat.base) > 330 or pen.style.fill == "none" else WHITE
    for side in (-1, 1):
        for row in (-1, 0, 1):
            start = np.array([side * animal.muzzle * 0.6, y + row * 0.07])
            if animal.whiskers == "dots":
                pen.shape(ellipse(start[0], start[1], 0.025, 0.025), DARK, outline=0)
            else:
                end = start + np.array([side * pen.rng.uniform(0.7, 1.0), row * 0.2 + pen.rng.normal(0, 0.05)])
                pen.line(
                    spline([start, (start + end) / 2 - np.array([0, 0.04]), end], closed=False),
                    tone,
                    width=0.6,
                )


def draw_profile(pen: Pen, animal: Animal) -> None:
    """The head seen from its right side, looking right, within about -1 to 1.9 and -1.6 to 1."""
    cat, coat, rng = animal.label == "cat", animal.coat, pen.rng
    if cat:
        reach = 0.8 + animal.muzzle * 0.6
        skull = spline([(-0.92, 0), (-0.6, -0.75), (0.1, -0.9), (0.62, -0.5), (reach - 0.18, -0.02), (reach, 0.14),
                        (reach - 0.08, 0.42), (0.5, 0.66), (-0.2, 0.8), (-0.8, 0.55)])  # fmt: skip
    else:
        reach = 0.75 + animal.muzzle * 1.45
        skull = spline([(-0.9, 0), (-0.6, -0.72), (0, -0.85), (0.45, -0.6), (0.68, -0.22), (reach - 0.12, -0.12),
                        (reach, 0.06), (reach - 0.12, 0.4), (0.6, 0.55), (0, 0.74), (-0.7, 0.6)])  # fmt: skip
    if animal.mouth == "tongue":
        pen.shape(ribbon(np.array([(reach - 0.5, 0.3), (reach - 0.35, 0.6), (reach - 0.3, 0.85)]), 0.1, 0.15), PINK)
    if animal.ears in ("pointed", "pricked"):
        far = np.array([(0.05, -0.7), (0.28, -0.72 - animal.ear_length * 0.6), (0.5, -0.5)])
        pen.shape(_rounded(far, 0.12), mix(coat.base, DARK, 0.25))
    pen.shape(skull, coat.base, coat_marks("head", skull, coat, rng))
    _near_ear(pen, animal)
    _eye(pen.within(0.42, -0.2), animal, 0, 0)
    solid = pen.solid()
    nose = (0.09, 0.08) if cat else (0.15, 0.13)
    solid.shape(ellipse(reach - nose[0] * 0.6, 0.03, *nose), mix(PINK, DARK, 0.3) if cat else DARK)
    pen.line(spline([(reach - 0.06, 0.22), (reach - 0.3, 0.34), (reach * 0.5, 0.3)], closed=False), DARK)
    if animal.whiskers == "long":
        tone = DARK if sum(coat.base) > 330 or pen.style.fill == "none" else WHITE
        for row in (-1, 0, 1):
            pen.line(np.array([(reach - 0.25, 0.2), (reach - 0.95, 0.35 + 0.2 * row)]), tone, width=0.6)


def _near_ear(pen: Pen, animal: Animal) -> None:
    length, coat = animal.ear_length, animal.coat
    if animal.ears in ("pointed", "pricked"):
        ear = np.array([(-0.62, -0.55), (-0.3, -0.75 - length * 0.72), (0.12, -0.72)])
        pen.shape(_rounded(ear, 0.14), coat.base)
        pen.shape(
            _rounded(ear.mean(axis=0) + (ear - ear.mean(axis=0)) * 0.5, 0.15), mix(PINK, coat.base, 0.3), outline=0
        )
    elif animal.ears == "folded":
        pen.shape(_rounded(np.array([(-0.5, -0.75), (0.05, -1.0), (0.25, -0.4)]), 0.2), mix(coat.base, DARK, 0.25))
    else:
        flap = [
            (-0.5, -0.6),
            (-0.1, -0.72),
            (0.02, -0.1),
            (-0.1, -0.2 + length * 0.85),
            (-0.42, -0.15 + length * 0.85),
            (-0.62, 0),
        ]
        pen.shape(spline(flap), mix(coat.base, DARK, 0.3))
