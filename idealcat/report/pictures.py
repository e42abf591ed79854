"""The pictures that the page carries: albums of one size each, and how much of the page each may fill."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from idealcat.report.thumbnails import thumbnails


@dataclass(frozen=True)
class Album:
    """Pictures that share a size and a budget; sections that name the same album fill it together."""

    side: int  # pixels, at most
    budget: int  # bytes of all its pictures: with text and curves the page stays below 5 MB
    quality: int = 55  # of WebP, 0 to 100


PHOTOS = Album(112, 2_000_000)
WORST = Album(224, 400_000)
FLIPS = Album(224, 700_000, quality=85)


def ideal_album(pictures: int) -> Album:
    """The album of so many ideal images: many are shown smaller."""
    return Album(224 if pictures <= 36 else 112, 1_000_000, quality=80)


def filled(asked: Iterable[tuple[Album, Sequence[Sequence[str]]]], *, max_pixels: int) -> dict[Album, dict[str, str]]:
    """The pictures of each album as data URIs by path, from all lists of paths that are asked of it, taken by turns."""
    lists: dict[Album, list[Sequence[str]]] = {}
    for album, paths in asked:
        lists.setdefault(album, []).extend(paths)
    return {
        album: thumbnails(
            by_turns(paths), side=album.side, budget=album.budget, max_pixels=max_pixels, quality=album.quality
        )
        for album, paths in lists.items()
    }


def by_turns(lists: Sequence[Sequence[str]]) -> list[str]:
    """The first of each list, then the second of each: a budget that ends early leaves none without."""
    return [item for turn in zip_longest(*lists) for item in turn if item is not None]
