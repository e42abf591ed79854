"""Measures heat maps by the pointing game (Zhang et al., 2016) on composed pictures, whose places are known.

`python -m benchmarks.pointing PHOTOS` trains linear heads on a part of PHOTOS, a folder with a folder a class, and
composes grids of the others: one photo of a class among photos of another (Boehle, Fritz and Schiele, 2021). Is the
maximum of that class's heat map on that photo? Writes a section of benchmarks/RESULTS.md.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from benchmarks.results import machine, markdown, photo_files, write_section
from idealcat.audit.heat_maps.evidence import HeatMaps, directions
from idealcat.audit.heat_maps.overlay import on_photo
from idealcat.networks.backbones import Pooling, build_backbone, features_model
from idealcat.networks.backend import compiled, keras
from idealcat.networks.joined import join
from idealcat.networks.model_input import pixels_of
from idealcat.networks.plain_head import Kind
from idealcat.photos.read import read_photos
from idealcat.statistics.intervals import share
from idealcat.training.head import linear_network
from idealcat.training.linear import train_linear_head

TITLE = "Heat maps: the pointing game"
NETWORK = "efficientnet_lite0"
LEARNT = 200  # photos of each class that heads learn from
SEED = 0
BATCH = 50  # photos
STRENGTH = 10.0  # inverse, of the L2 penalty
CASES: list[tuple[Pooling, Kind, int]] = [  # pooling, scaling of the features, tiles a side
    ("avg", "standard", 2),
    ("avg", "standard", 3),
    ("avg", "unit", 2),
    ("avg", "root", 2),
    ("max", "standard", 2),
    ("none", "standard", 2),
]


class Composed(NamedTuple):
    """Pictures uint8 `(N, S, S, 3)`, the class that is looked for, `(N,)`, and its tile, counted by rows, `(N,)`."""

    pictures: np.ndarray
    wanted: np.ndarray
    tiles: np.ndarray


def main() -> None:
    """Measures all cases."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pointing", description=(__doc__ or "").split(":", 1)[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--pictures", type=int, default=200, help="composed pictures a case")
    arguments = parser.parse_args()
    folders = sorted(path for path in arguments.photos.iterdir() if path.is_dir())
    rng = np.random.default_rng(SEED)
    files = [rng.permutation([str(path) for path in photo_files(folder)]) for folder in folders]
    learnt = [str(path) for some in files for path in some[:LEARNT]]
    labels = np.repeat(np.arange(len(files)), LEARNT)
    backbone = build_backbone(NETWORK, weights="pretrained", image_size=None, pooling="none")
    run, pixels = compiled(features_model(backbone)), pixels_of(backbone)
    taken = read_photos(learnt, pixels=pixels)
    learnt_maps = np.concatenate([run(taken[at : at + BATCH].astype("float32")) for at in range(0, len(taken), BATCH)])
    told = f"{NETWORK}, linear heads trained on {len(learnt)} photos. Each picture holds one photo of a class among "
    told += "photos of the others, none of them in training; a hit is a maximum of that class's map in its tile."
    about = f"{machine(keras.backend.backend(), 'keras')} {told}"
    rows = []
    for pooling, kind, side in CASES:
        maps = HeatMaps(trained(backbone, learnt_maps, labels, pooling=pooling, kind=kind))
        composed = compose([some[LEARNT:] for some in files], size=pixels.size, side=side, count=arguments.pictures)
        rows.append({"pooling": pooling, "scaling": kind} | played(maps, composed, side=side))
        write_section(TITLE, f"{about}\n\n{markdown(rows)}")  # what is measured stays where the rest takes too long


def trained(
    backbone: keras.Model, maps: np.ndarray, labels: np.ndarray, *, pooling: Pooling, kind: Kind
) -> keras.Model:
    """A classifier with a linear head on pooled maps; `backbone` gives maps, and `maps` are those of the labels."""
    given = backbone.get_layer("features").input
    pools: dict[Pooling, tuple[keras.Layer, np.ndarray]] = {
        "avg": (keras.layers.GlobalAveragePooling2D(name="features"), maps.mean(axis=(1, 2))),
        "max": (keras.layers.GlobalMaxPooling2D(name="features"), maps.max(axis=(1, 2))),
        "none": (keras.layers.Activation("linear", name="features"), maps),
    }
    layer, vectors = pools[pooling]
    head = train_linear_head(vectors, labels, classes=int(labels.max()) + 1, kind=kind, strength=STRENGTH)
    return join(keras.Model(backbone.inputs[0], layer(given)), linear_network(head, vectors.shape[1:]))


def compose(files: list[np.ndarray], *, size: int, side: int, count: int) -> Composed:
    """Pictures of `side` x `side` tiles; of each the tile in question is another photo, as long as there are enough."""
    rng = np.random.default_rng(SEED)
    edges = np.linspace(0, size, side + 1).round().astype(int)
    pictures = np.zeros((count, size, size, 3), "uint8")
    wanted, tiles = np.arange(count) % len(files), rng.integers(0, side**2, count)
    for number in range(count):
        others = [kind for kind in range(len(files)) if kind != wanted[number]]
        for tile in range(side**2):
            kind = wanted[number] if tile == tiles[number] else rng.choice(others)
            of = files[kind]
            path = of[number // len(files) % len(of)] if tile == tiles[number] else rng.choice(of)
            row, column = divmod(tile, side)
            box = slice(edges[row], edges[row + 1]), slice(edges[column], edges[column + 1])
            shape = edges[column + 1] - edges[column], edges[row + 1] - edges[row]
            with Image.open(path) as photo:
                pictures[number][box] = np.asarray(photo.convert("RGB").resize(shape, Image.Resampling.BILINEAR))
    return Composed(pictures, wanted, tiles)


def played(maps: HeatMaps, composed: Composed, *, side: int) -> dict[str, object]:
    """The share of hits with its interval, and the share of the positive evidence that lies in the tile."""
    size = maps.pixels.size
    hits, inside = 0, []
    for at in range(0, len(composed.pictures), BATCH):
        part = slice(at, at + BATCH)
        found = maps(composed.pictures[part], directions(composed.wanted[part], maps.classes))
        for cells, tile in zip(found, composed.tiles[part], strict=True):
            evidence = on_photo(cells, (size, size), "squash")
            place = np.minimum(np.arange(size) * side // size, side - 1)
            here = place[:, None] * side + place[None, :] == tile
            hits += int(here.flat[evidence.argmax()])
            positive = np.maximum(evidence, 0)
            inside.append(positive[here].sum() / max(positive.sum(), 1e-12))
    rate = share(hits, len(composed.pictures))
    return {
        "tiles": f"{side} x {side}",
        "pictures": rate.n,
        "hits": f"{rate.value:.3f} [{rate.low:.3f}-{rate.high:.3f}]",
        "by chance": f"{1 / side**2:.3f}",
        "positive evidence in the tile": f"{np.mean(inside):.2f}",
    }


if __name__ == "__main__":
    main()
