"""What lies behind a sketched animal, what stands before it, and how the picture suffered."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from idealcat.sources.sketches.pen import Colour, ellipse, jitter, mix, ribbon, soft_colour, spline

BACKGROUNDS = {"paper": 0.28, "plain": 0.17, "gradient": 0.15, "grass": 0.16, "room": 0.14, "stripes": 0.1}
OBSTACLES = {"none": 0.9, "fence": 0.02, "wires": 0.025, "leaves": 0.025, "blades": 0.03}
LEAF: Colour = (84, 130, 66)


def paint_background(kind: str, size: int, paper: Colour, rng: np.random.Generator) -> Image.Image:
    """An RGB image of `size` pixels a side; `kind` is a key of BACKGROUNDS."""
    first, second = soft_colour(rng), soft_colour(rng, 90, 220)
    if kind == "paper":
        return _paper(size, paper, rng)
    if kind == "plain":
        return Image.new("RGB", (size, size), first)
    if kind == "gradient":
        ramp = Image.linear_gradient("L").rotate(float(rng.choice([0, 90, 180, 270]))).resize((size, size))
        return Image.composite(Image.new("RGB", (size, size), first), Image.new("RGB", (size, size), second), ramp)
    image = Image.new("RGB", (size, size), first)
    draw = ImageDraw.Draw(image)
    {"grass": _grass, "room": _room, "stripes": _stripes}[kind](draw, size, second, rng)
    return image


def _paper(size: int, colour: Colour, rng: np.random.Generator) -> Image.Image:
    grain = rng.normal(0, 4, (size // 2, size // 2, 1)) + np.asarray(colour, dtype=float)
    image = Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8)).resize((size, size))
    if rng.random() < 0.4:
        draw, gap, ink = ImageDraw.Draw(image), size // int(rng.integers(9, 16)), mix(colour, (80, 130, 200), 0.35)
        both = rng.random() < 0.5
        for at in range(gap, size, gap):
            draw.line((0, at, size, at), fill=ink, width=2)
            if both:
                draw.line((at, 0, at, size), fill=ink, width=2)
    return image


def _grass(draw: ImageDraw.ImageDraw, size: int, _: Colour, rng: np.random.Generator) -> None:
    green, horizon = jitter((120, 170, 84), rng, 18), int(size * rng.uniform(0.35, 0.75))
    if rng.random() < 0.4:
        x, y, radius = *rng.uniform(0.1, 0.9, 2) * [size, horizon * 0.6], size * rng.uniform(0.05, 0.1)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(250, 222, 120))
    draw.rectangle((0, horizon, size, size), fill=green)
    for x, y in rng.uniform(0, 1, (140, 2)):
        top = horizon + y * (size - horizon)
        tone = mix(green, (40, 90, 40) if x * 97 % 1 < 0.5 else (220, 230, 120), 0.4)
        draw.line((x * size, top, x * size + size * 0.01, top - size * 0.04), fill=tone, width=max(1, size // 150))


def _room(draw: ImageDraw.ImageDraw, size: int, colour: Colour, rng: np.random.Generator) -> None:
    floor = int(size * rng.uniform(0.55, 0.85))
    draw.rectangle((0, floor, size, size), fill=mix(colour, (120, 84, 60), 0.5))
    draw.rectangle((0, floor - size // 40, size, floor), fill=mix(colour, (255, 255, 255), 0.6))
    for _ in range(int(rng.integers(1, 4))):
        x, y, wide, tall = rng.uniform([-0.1, 0.02, 0.12, 0.12], [0.85, 0.3, 0.4, 0.35]) * size
        draw.rectangle(
            (x, y, x + wide, y + tall),
            fill=soft_colour(rng, 60, 230),
            outline=mix(colour, (60, 40, 30), 0.7),
            width=size // 60,
        )
    if rng.random() < 0.5:
        x, y, wide = rng.uniform([0, 0.85, 0.3], [1, 1, 0.6]) * size
        draw.ellipse((x - wide, y - wide * 0.3, x + wide, y + wide * 0.3), fill=soft_colour(rng, 80, 220))


def _stripes(draw: ImageDraw.ImageDraw, size: int, colour: Colour, rng: np.random.Generator) -> None:
    count, lean = int(rng.integers(3, 10)), rng.uniform(-0.6, 0.6) * size
    width = size / count
    for i in range(-count, 2 * count):
        x = i * width
        draw.polygon([(x, 0), (x + width / 2, 0), (x + width / 2 + lean, size), (x + lean, size)], fill=colour)


def put_before(kind: str, image: Image.Image, rng: np.random.Generator) -> None:
    """Draws an obstacle on `image`, in place; `kind` is a key of OBSTACLES."""
    draw, size = ImageDraw.Draw(image), image.width
    wood = jitter((150, 110, 76), rng, 20)
    if kind == "fence":
        gap, phase = size * rng.uniform(0.17, 0.3), rng.random()
        for x in (np.arange(8) - phase) * gap:
            draw.rectangle(
                (x, size * 0.1, x + gap * 0.33, size),
                fill=wood,
                outline=mix(wood, (40, 30, 20), 0.6),
                width=size // 130,
            )
        draw.rectangle((0, size * 0.72, size, size * 0.78), fill=mix(wood, (255, 255, 255), 0.2))
    elif kind == "wires":
        gap, wire = size * rng.uniform(0.13, 0.2), jitter((110, 112, 118), rng)
        for x in np.arange(-size, 2 * size, gap):
            draw.line((x, 0, x + size, size), fill=wire, width=size // 90)
            draw.line((x, size, x + size, 0), fill=wire, width=size // 90)
    elif kind == "leaves":
        corner = rng.uniform(0, 1, 2)
        for x, y in np.clip(rng.normal(corner, 0.22, (26, 2)), -0.1, 1.1) * size:
            leaf = ellipse(x, y, size * 0.08, size * 0.034, lean=rng.uniform(0, np.pi))
            draw.polygon(leaf.ravel().tolist(), fill=jitter(LEAF, rng, 22), outline=(46, 80, 44))
    elif kind == "blades":
        for x, tall, lean in rng.uniform([0, 0.1, -0.1], [1, 0.45, 0.1], (30, 3)) * size:
            line = spline(
                [(x, size * 1.02), (x + lean * 0.3, size - tall * 0.6), (x + lean, size - tall)], closed=False
            )
            draw.polygon(ribbon(line, size * 0.012, size * 0.002).ravel().tolist(), fill=jitter(LEAF, rng, 22))


def degrade(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The picture after bad light, a shaky hand, a noisy sensor and too much compression; each happens to some only."""
    if rng.random() < 0.08:
        image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.45, 0.8))
    if rng.random() < 0.15:
        image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.6, 1.2))
    if rng.random() < 0.04:
        image = image.convert("L").convert("RGB")
    if rng.random() < 0.08:
        image = image.filter(ImageFilter.GaussianBlur(image.width * rng.uniform(0.003, 0.008)))
    if rng.random() < 0.1:
        noise = rng.normal(0, rng.uniform(5, 24), (image.height, image.width, 3))
        image = Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))
    if rng.random() < 0.08:
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=int(rng.integers(12, 35)))
        image = Image.open(stream).convert("RGB")
    return image
