"""How a sketch is drawn: curves as arrays of points with shape `(n, 2)` (x, y; y points down), and a pen for them."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Points = np.ndarray


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`first` with a share of `second` in it, 0 to 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def jitter(colour: Colour, rng: np.random.Generator, spread: float = 12) -> Colour:
    """A colour near `colour`; `spread` is the standard deviation in 8-bit steps."""
    red, green, blue = (int(v) for v in np.clip(np.asarray(colour) + rng.normal(0, spread, 3), 0, 255))
    return red, green, blue


def soft_colour(rng: np.random.Generator, low: int = 120, high: int = 245) -> Colour:
    """A random colour with channels from `low` to `high`."""
    red, green, blue = (int(v) for v in rng.integers(low, high, 3))
    return mix((red, green, blue), (235, 230, 220), float(rng.uniform(0.1, 0.6)))


def ellipse(x: float, y: float, width: float, height: float, *, lean: float = 0.0) -> Points:
    """An ellipse around (x, y); `width` and `height` are half axes, `lean` turns it (radians)."""
    angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    across, down = width * np.cos(angle), height * np.sin(angle)
    cos, sin = np.cos(lean), np.sin(lean)
    return np.stack([x + cos * across - sin * down, y + sin * across + cos * down], axis=1)


def spline(knots: Sequence[tuple[float, float] | Points], *, closed: bool = True, steps: int = 6) -> Points:
    """A Catmull-Rom curve through `knots` (Catmull and Rom, 1974), `steps` points between two of them."""
    points = np.asarray(knots, dtype=float)
    if not closed:
        points = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    before, start, end, after = (np.roll(points, shift, axis=0)[:, None] for shift in (1, 0, -1, -2))
    t = (np.arange(steps) / steps)[None, :, None]
    curve = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    return curve.reshape(-1, 2) if closed else np.concatenate([curve[1:-2].reshape(-1, 2), points[-2:-1]])


def ribbon(centre: Points, start: float, end: float) -> Points:
    """The outline of a limb along the line `centre`, from half width `start` to half width `end`; its end is round."""
    along = np.gradient(centre, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    half = np.linspace(start, end, len(centre))[:, None]
    turn = np.linspace(np.pi / 2, -np.pi / 2, 7)[1:-1, None]
    tip, ahead = normal[-1], np.array([normal[-1][1], -normal[-1][0]])
    cap = centre[-1] + end * (np.sin(turn) * tip + np.cos(turn) * ahead)
    return np.concatenate([centre + normal * half, cap, (centre - normal * half)[::-1]])


@dataclass(frozen=True)
class Style:
    """How lines and fills look. `width` is a share of the canvas; `passes` lines are drawn, `shake` (a share) apart."""

    line: Colour | None
    width: float
    passes: int = 1
    shake: float = 0.0
    grain: bool = False
    fill: Literal["full", "wash", "none"] = "full"
    shaded: bool = False
    paper: Colour = (255, 255, 255)


class Mark(NamedTuple):
    """Something drawn inside a shape only: a filled outline where `width` is 0, otherwise a line that wide (units)."""

    points: Points
    colour: Colour
    width: float = 0.0


class Pen:
    """Draws on `canvas`, from the units of `matrix` (2 x 3, affine) to pixels."""

    def __init__(self, canvas: Image.Image, matrix: np.ndarray, style: Style, rng: np.random.Generator) -> None:
        self.canvas, self.matrix, self.style, self.rng = canvas, matrix, style, rng
        self.draw = ImageDraw.Draw(canvas)
        self.scale = float(np.sqrt(abs(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0])))
        self.grain = _grain(canvas.size, rng) if style.grain else None

    def within(self, x: float, y: float, *, scale: float = 1.0, angle: float = 0.0, squeeze: float = 1.0) -> "Pen":
        """A pen on the same canvas whose origin lies at (x, y), scaled, turned by `angle` (radians), made narrower."""
        cos, sin = scale * np.cos(angle), scale * np.sin(angle)
        inner = np.array([[squeeze * cos, -sin, x], [squeeze * sin, cos, y], [0, 0, 1]])
        pen = copy(self)
        pen.matrix, pen.scale = self.matrix @ inner, self.scale * scale
        return pen

    def solid(self) -> "Pen":
        """The same pen for small dark things, such as pupils and noses: it fills in every style."""
        pen = copy(self)
        pen.style = replace(self.style, fill="full", grain=False)
        return pen

    def shape(
        self, points: Points, colour: Colour, marks: Sequence[Mark] = (), *, outline: float = 1.0, closed: bool = True
    ) -> None:
        """Fills the outline `points`, draws `marks` inside it and a line around it, `outline` times as wide as usual.

        The line leaves the last side out where `closed` is false, so that a limb grows out of its body.
        """
        pixels = self._place(points)
        if self.style.fill == "none":
            colour, marks = self.style.paper, [mark._replace(colour=self.style.line or colour) for mark in marks[:6]]
        elif self.style.shaded and marks:
            light = points * 0.96 + points.mean(axis=0) * 0.04 - np.ptp(points, axis=0) * np.array([0.06, 0.09])
            marks, colour = [Mark(light, colour), *marks], mix(colour, (30, 20, 50), 0.22)
        self._fill(pixels, colour, marks)
        if outline:
            self._line(np.concatenate([pixels, pixels[:2]]) if closed else pixels, self.style.line, outline)

    def line(self, points: Points, colour: Colour | None = None, *, width: float = 1.0) -> None:
        """A line along `points`, `width` times as wide as usual; styles without outlines draw it in `colour`."""
        self._line(self._place(points), self.style.line or colour, width)

    def _place(self, points: Points) -> Points:
        return np.asarray(points) @ self.matrix[:2, :2].T + self.matrix[:2, 2]

    def _fill(self, pixels: Points, colour: Colour, marks: Sequence[Mark]) -> None:
        if self.style.fill == "wash":
            pixels = pixels + self.canvas.width * np.array([0.012, 0.008])
        box = self._box(pixels, 1)
        if box is None:
            return
        corner = np.array(box[:2])
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        ImageDraw.Draw(mask).polygon((pixels - corner).ravel().tolist(), fill=255)
        if self.grain and self.style.grain and self.style.fill != "none":
            mask = ImageChops.multiply(mask, self.grain.crop(box))
        layer = Image.new("RGB", mask.size, colour)
        draw = ImageDraw.Draw(layer)
        for mark in marks:
            inside = (self._place(mark.points) - corner).ravel().tolist()
            if mark.width:
                draw.line(inside, fill=mark.colour, width=max(1, round(mark.width * self.scale)), joint="curve")
            else:
                draw.polygon(inside, fill=mark.colour)
        self.canvas.paste(layer, box[:2], mask)

    def _line(self, pixels: Points, colour: Colour | None, width: float) -> None:
        if colour is None:
            return
        size = self.canvas.width
        for _ in range(self.style.passes):
            drift = self.rng.normal(0, self.style.shake * size, (2, 2))
            wave = np.sin(np.linspace(0, self.rng.uniform(3, 9), len(pixels)))[:, None]
            points = pixels + drift[0] * wave + drift[1] * 0.6
            breadth = max(1, round(self.style.width * size * width * self.rng.uniform(0.8, 1.2)))
            if self.grain and self.style.grain:
                self._rub(points, colour, breadth, self.grain)
            else:
                self.draw.line(points.ravel().tolist(), fill=colour, width=breadth, joint="curve")

    def _rub(self, pixels: Points, colour: Colour, breadth: int, grain: Image.Image) -> None:
        box = self._box(pixels, breadth)
        if box is None:
            return
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        ImageDraw.Draw(mask).line((pixels - box[:2]).ravel().tolist(), fill=255, width=breadth, joint="curve")
        self.canvas.paste(colour, box, ImageChops.multiply(mask, grain.crop(box)))

    def _box(self, pixels: Points, margin: int) -> tuple[int, int, int, int] | None:
        """Left, top, right and bottom of the part of the canvas that the points touch, if any."""
        left, top = np.maximum(np.floor(pixels.min(axis=0)).astype(int) - margin, 0).tolist()
        right, bottom = np.minimum(np.ceil(pixels.max(axis=0)).astype(int) + margin + 1, self.canvas.size).tolist()
        return (left, top, right, bottom) if left < right and top < bottom else None


def _grain(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Where rough paper takes the crayon: a mask of `size` (width, height)."""
    specks = rng.integers(0, 2, (size[1] // 2, size[0] // 2), dtype=np.uint8) * 255
    soft = Image.fromarray(specks).resize(size).filter(ImageFilter.BoxBlur(1))
    return soft.point([min(255, value * 2) for value in range(256)])
