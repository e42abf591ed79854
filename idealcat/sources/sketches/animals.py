"""Which cat or dog: the traits and the coat of a single animal, drawn by lot."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from idealcat.sources.sketches.pen import Colour, Mark, Points, ellipse, jitter, mix, soft_colour, spline

Label = Literal["cat", "dog"]
Part = Literal["head", "body", "limb"]
# From shares of a part's half width and half height to a point.
Place = Callable[[float, float], tuple[float, float]]

COATS: tuple[Colour, ...] = (
    (226, 148, 70), (120, 120, 126), (52, 48, 52), (238, 234, 228), (228, 202, 160), (128, 86, 56),
    (186, 186, 190), (200, 150, 92), (88, 60, 46), (214, 176, 116), (164, 110, 66),
)  # fmt: skip
IRISES: tuple[Colour, ...] = ((196, 190, 60), (110, 170, 80), (90, 150, 200), (206, 140, 50), (110, 70, 40))
DARK: Colour = (36, 30, 34)
PINK: Colour = (226, 140, 146)
WHITE: Colour = (250, 248, 244)

# Each trait's values and their weights: (of cats, of dogs).
TRAITS: dict[str, tuple[dict[str, float], dict[str, float]]] = {
    "ears": ({"pointed": 0.97, "folded": 0.03}, {"floppy": 0.91, "pricked": 0.06, "folded": 0.03}),
    "pupils": ({"slit": 0.85, "round": 0.15}, {"round": 1.0}),
    "whiskers": ({"long": 0.97, "none": 0.03}, {"none": 0.7, "dots": 0.3}),
    "mouth": ({"shut": 0.92, "open": 0.08}, {"shut": 0.24, "tongue": 0.66, "open": 0.1}),
    "tail": ({"long": 0.92, "bushy": 0.08}, {"short": 0.4, "curl": 0.3, "bushy": 0.3}),
}
# A cat with hanging ears would be a dog to everybody: ears overlap through their weights alone.
BORROWED = ("pupils", "whiskers", "mouth", "tail")
PATTERNS: tuple[dict[str, float], dict[str, float]] = (
    {"plain": 0.17, "tabby": 0.58, "patches": 0.11, "bicolour": 0.08, "mask": 0.06},
    {"plain": 0.3, "tabby": 0.02, "patches": 0.22, "spots": 0.2, "bicolour": 0.18, "mask": 0.08},
)


@dataclass(frozen=True)
class Coat:
    """Colours and pattern of the fur; `fur` short hairs are drawn on each large part."""

    base: Colour
    second: Colour
    pattern: str
    fur: int


@dataclass(frozen=True)
class Animal:
    """One animal. Lengths are in head radii; `turn` is where it looks, -1 (left) to 1 (right)."""

    label: Label
    coat: Coat
    iris: Colour
    ears: str
    pupils: str
    whiskers: str
    mouth: str
    tail: str
    eyes: float
    muzzle: float
    width: float
    height: float
    ear_length: float
    turn: float
    asleep: bool
    collar: Colour | None


def pick(rng: np.random.Generator, weights: dict[str, float]) -> str:
    """One of the keys, as often as its weight says."""
    shares = np.cumsum(list(weights.values()))
    return list(weights)[int(np.searchsorted(shares, rng.uniform(0, shares[-1]), side="right"))]


def draw_lots(label: Label, rng: np.random.Generator) -> Animal:
    """An animal with the traits of its kind; a few have one or two traits that are commoner in the other kind."""
    number = int(label == "dog")
    borrowed = set(rng.permutation(BORROWED)[: rng.choice(3, p=[0.94, 0.05, 0.01])])
    traits = {name: pick(rng, pair[1 - number if name in borrowed else number]) for name, pair in TRAITS.items()}
    cat = label == "cat"
    return Animal(
        label=label,
        coat=_coat(pick(rng, PATTERNS[number]), rng),
        iris=jitter(IRISES[rng.integers(4) if cat else rng.integers(2, 5)], rng),
        eyes=rng.normal(0.25, 0.025) if cat else rng.normal(0.165, 0.025),
        muzzle=rng.normal(0.34, 0.06) if cat else rng.normal(0.56, 0.06),
        width=rng.normal(1.03, 0.06) if cat else rng.normal(0.86, 0.06),
        height=rng.normal(0.87, 0.05) if cat else rng.normal(0.98, 0.06),
        ear_length=rng.uniform(0.75, 1.15) if cat else rng.uniform(0.8, 1.35),
        turn=rng.uniform(-1, 1) * float(rng.random() < 0.6),
        asleep=rng.random() < 0.06,
        collar=soft_colour(rng, 20, 230) if rng.random() < 0.25 else None,
        **traits,
    )


def _coat(pattern: str, rng: np.random.Generator) -> Coat:
    base = jitter(COATS[rng.integers(len(COATS))], rng, 10)
    if rng.random() < 0.03:
        base = jitter((120, 150, 200), rng, 40)
    bright = sum(base) > 3 * 110
    towards = {"bicolour": WHITE, "patches": WHITE if not bright else COATS[rng.integers(len(COATS))]}
    other = towards.get(pattern, DARK if bright else WHITE)
    if sum(abs(a - b) for a, b in zip(base, other, strict=True)) < 120:
        other = (70, 56, 52) if bright else (214, 196, 170)
    second = mix(base, other, rng.uniform(0.4, 0.75) if pattern == "tabby" else rng.uniform(0.75, 0.95))
    return Coat(base, second, pattern, int(rng.choice([0, 40, 110], p=[0.45, 0.3, 0.25])))


def coat_marks(part: Part, points: Points, coat: Coat, rng: np.random.Generator) -> list[Mark]:
    """The pattern of `coat` on a part of the animal with the outline `points`."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, (high - low) / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return float(middle[0] + x * half[0]), float(middle[1] + y * half[1])

    def spot(x: float, y: float, size: float) -> Mark:
        across, down = half.min() * size * rng.uniform(0.7, 1.3, 2)
        return Mark(ellipse(*at(x, y), width=across, height=down), coat.second)

    def spots(count: int, smallest: float, largest: float) -> list[Mark]:
        return [spot(x, y, rng.uniform(smallest, largest)) for x, y in rng.uniform(-0.95, 0.95, (count, 2))]

    marks: list[Mark] = []
    if coat.pattern == "tabby":
        marks = _stripes(part, at, coat.second, rng)
    elif coat.pattern == "spots":
        marks = spots({"head": 7, "body": 16, "limb": 4}[part], 0.1, 0.24)
    elif coat.pattern == "patches":
        marks = spots({"head": 2, "body": 3, "limb": 1}[part], 0.4, 0.8)
    elif coat.pattern == "bicolour":
        blaze = [at(-0.08, -1), at(0.08, -1), at(0.22, 0.3), at(0.5, 1), at(-0.5, 1), at(-0.22, 0.3)]
        marks = [spot(0, 0.95, 1.0), *([Mark(spline(blaze), coat.second)] if part == "head" else [])]
    elif coat.pattern == "mask" and part != "body":
        marks = [spot(0, 0.35, 0.75) if part == "head" else spot(0, 0.8, 1.6)]
    return marks + _hairs(part, at, coat, rng)


def _stripes(part: Part, at: Place, colour: Colour, rng: np.random.Generator) -> list[Mark]:
    if part == "head":
        tops = [Mark(np.array([at(x, -1), at(x * 0.8, -0.45)]), colour, 0.09) for x in (-0.3, -0.1, 0.1, 0.3)]
        return tops + [
            Mark(np.array([at(side * 1.0, y), at(side * 0.62, y + 0.1)]), colour, 0.08)
            for side in (-1, 1) for y in (0.0, 0.25, 0.5)
        ]  # fmt: skip
    if part == "limb":
        return [Mark(np.array([at(-1, y), at(0, y + 0.06), at(1, y)]), colour, 0.1) for y in np.linspace(-0.7, 0.7, 5)]
    bend, width = rng.uniform(-0.15, 0.15), rng.uniform(0.08, 0.16)
    return [
        Mark(spline([at(x, -1), at(x + bend, -0.4), at(x - bend, rng.uniform(0, 0.6))], closed=False), colour, width)
        for x in np.linspace(-0.85, 0.85, int(rng.integers(6, 10)))
    ]


def _hairs(part: Part, at: Place, coat: Coat, rng: np.random.Generator) -> list[Mark]:
    count = coat.fur if part != "limb" else coat.fur // 5
    starts, towards = rng.uniform(-1, 1, (count, 2)), rng.normal([0.02, 0.11], 0.05, (count, 2))
    tints = [mix(coat.base, tone, 0.3) for tone in (DARK, WHITE, coat.second)]
    return [
        Mark(np.array([at(*start), at(*(start + step))]), tints[i % 3], 0.02)
        for i, (start, step) in enumerate(zip(starts, towards, strict=True))
    ]
