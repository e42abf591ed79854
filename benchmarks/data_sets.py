"""Labelled pictures for the benchmarks, written as folders of class folders: `python -m benchmarks.data_sets FOLDER`.

`digits`: scikit-learn's 1,797 handwritten digits. `textures`: tiles of scikit-image's photos of brick, grass, gravel.
`faces`: its 200 small photos, half of them faces. `drawings`: 100 classes of figures drawn with a shaky pen. `clothes`:
240 photos of each class of Fashion-MNIST (Xiao et al., 2017), where Debian's dataset-fashion-mnist is installed.
"""

import gzip
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

CLASSES = 100  # of drawings
A_CLASS = 12  # drawings
SIDE = 160  # pixels of a drawing
TILE = 64  # pixels of a texture's tile
CLOTHES = Path("/usr/share/datasets/fashion-mnist")


def main() -> None:
    """Writes every set that is not there yet and whose package is installed."""
    folder = Path(sys.argv[1])
    for name, write in SETS.items():
        try:
            if not (folder / name).is_dir():
                write(folder / name)
        except (ImportError, FileNotFoundError) as error:
            print(f"{name}: left out ({error})")
            continue
        print(f"{name}: {len(list((folder / name).rglob('*.png')))} pictures")


def save(image: Image.Image, folder: Path, label: str, number: int) -> None:
    """One picture in its class folder."""
    (folder / label).mkdir(parents=True, exist_ok=True)
    image.save(folder / label / f"{label}_{number:04d}.png")


def digits(folder: Path) -> None:
    """8 x 8 pixels, enlarged to 64."""
    from sklearn.datasets import load_digits  # noqa: PLC0415

    found = load_digits()
    for number, (pixels, label) in enumerate(zip(found.images, found.target, strict=True)):
        image = Image.fromarray((255 - pixels * 15.9375).astype("uint8")).resize((64, 64), Image.Resampling.BICUBIC)
        save(image.convert("RGB"), folder, str(label), number)


def textures(folder: Path) -> None:
    """Tiles that do not overlap."""
    from skimage import data  # noqa: PLC0415

    for label in ("brick", "grass", "gravel"):
        pixels = getattr(data, label)()
        for number in range((len(pixels) // TILE) ** 2):
            row, column = (TILE * part for part in divmod(number, len(pixels) // TILE))
            tile = Image.fromarray(pixels[row : row + TILE, column : column + TILE])
            save(tile.convert("RGB"), folder, label, number)


def faces(folder: Path) -> None:
    """25 x 25 pixels, enlarged to 100."""
    from skimage import data  # noqa: PLC0415

    for number, pixels in enumerate(data.lfw_subset()):
        image = Image.fromarray((255 * pixels).astype("uint8")).resize((100, 100), Image.Resampling.BICUBIC)
        save(image.convert("RGB"), folder, "face" if number < 100 else "other", number)


def clothes(folder: Path) -> None:
    """28 x 28 pixels, enlarged to 64: the first 240 of each class."""
    with (
        gzip.open(CLOTHES / "t10k-images-idx3-ubyte.gz") as images,
        gzip.open(CLOTHES / "t10k-labels-idx1-ubyte.gz") as classes,
    ):
        photos = np.frombuffer(images.read()[16:], "uint8").reshape(-1, 28, 28)
        labels = np.frombuffer(classes.read()[8:], "uint8")
    names = ["top", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]
    for label, name in enumerate(names):
        for number in np.flatnonzero(labels == label)[:240]:
            image = Image.fromarray(photos[number]).resize((64, 64), Image.Resampling.BICUBIC)
            save(image.convert("RGB"), folder, name, int(number))


def drawings(folder: Path) -> None:
    """Figures of a few strokes; of a class, all are the same figure, bent, turned and drawn with another pen."""
    for label in range(CLASSES):
        figure = strokes(np.random.default_rng([7, label]))
        for number in range(A_CLASS):
            rng = np.random.default_rng([8, label, number])
            save(drawn(figure, rng), folder, f"figure_{label:02d}", number)


def strokes(rng: np.random.Generator) -> list[np.ndarray]:
    """Two to four strokes of three to five corners, `(K, 2)` within -1 to 1."""
    return [rng.uniform(-1, 1, (rng.integers(3, 6), 2)) for _ in range(rng.integers(2, 5))]


def drawn(figure: list[np.ndarray], rng: np.random.Generator) -> Image.Image:
    """One drawing, RGB."""
    paper, ink = rng.integers(200, 256, 3), rng.integers(0, 110, 3)
    image = Image.new("RGB", (SIDE, SIDE), tuple(paper.tolist()))
    pen = ImageDraw.Draw(image)
    angle, scale = rng.normal(0, 0.2), SIDE * rng.uniform(0.25, 0.4)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = SIDE * rng.uniform(0.4, 0.6, 2)
    width = int(rng.integers(2, 8))
    for stroke in figure:
        corners = (stroke + rng.normal(0, 0.1, stroke.shape)) @ turn.T + middle
        points = curve(corners) + rng.normal(0, 0.8, (len(curve(corners)), 2))
        pen.line([tuple(point) for point in points.tolist()], fill=tuple(ink.tolist()), width=width, joint="curve")
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1)))


def curve(corners: np.ndarray, steps: int = 12) -> np.ndarray:
    """Points of the Catmull-Rom spline through the corners."""
    padded = np.concatenate([corners[:1], corners, corners[-1:]])
    t = np.linspace(0, 1, steps)[:, None]
    parts = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]
    return np.concatenate(parts)


SETS: dict[str, Callable[[Path], None]] = {
    "digits": digits,
    "textures": textures,
    "faces": faces,
    "drawings": drawings,
    "clothes": clothes,
}

if __name__ == "__main__":
    main()
