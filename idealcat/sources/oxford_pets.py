"""The Oxford-IIIT Pet data set: 37 breeds of cats and dogs (Parkhi et al., 2012)."""

import re
from collections.abc import Callable
from pathlib import Path

from idealcat.base.cache import cache_folder
from idealcat.base.errors import SourceError
from idealcat.sources.download import download
from idealcat.sources.layout import (
    Found,
    Listed,
    given,
    holds,
    list_files,
    require,
    require_classes,
    subfolders,
    unpacked,
)
from idealcat.sources.settings import FetchData
from idealcat.sources.unpack import is_archive

URL = "https://thor.robots.ox.ac.uk/~vgg/data/pets/"
TARBALLS = {  # name: (bytes, sha256)
    "images.tar.gz": (791_918_971, "67195c5e1c01f1ab5f9b6a5d22b8c27a580d896ece458917e61d459337fa318d"),
    "annotations.tar.gz": (19_173_078, "52425fb6de5c424942b7626b428656fcbd798db970a937df61750c0f1d358e91"),
}
SPECIES = {"1": "cat", "2": "dog"}


def find(wanted: FetchData, *, scratch: Path, **_: object) -> Found:
    """A class a breed, or the classes cat and dog: downloaded, or from `path`.

    `path` is a folder with images/ and annotations/list.txt, one with both tarballs, or an archive of both. Where the
    annotations have the official split (trainval.txt and test.txt), it is kept: validation is drawn from trainval.

    Raises SourceError, ArchiveError or DownloadError.
    """
    source = given(wanted.path)
    if source is None:
        archives = [
            download(URL + name, name=name, size=size, sha256=sha256, folder=cache_folder() / "downloads")
            for name, (size, sha256) in TARBALLS.items()
        ]
        source = archives[0]
    else:
        require(source)
        archives = [source] if source.is_file() else _tarballs(source)
    content = unpacked(archives, scratch) if archives else source
    return _list(content, origin=source, labels=wanted.oxford_pets.labels)


def read_species(listing: Path) -> dict[str, str]:
    """`cat` or `dog` for each photo's name without its suffix, from list.txt, trainval.txt or test.txt."""
    species = {}
    for number, line in enumerate(listing.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split()
        if len(fields) != 4 or fields[2] not in SPECIES:
            raise SourceError(f"{listing}, line {number}: expected `name class species breed`, found {line!r}")
        species[fields[0]] = SPECIES[fields[2]]
    return species


def read_split(annotations: Path) -> Callable[[str], str]:
    """The official split, train or test, of a photo's name without its suffix; of any name nothing without the lists.

    A photo in neither list is one to train with: the test split stays the official one, so that figures compare. Raises
    SourceError where a photo is in both.
    """
    trainval, test = (annotations / name for name in ("trainval.txt", "test.txt"))
    if not (trainval.is_file() and test.is_file()):
        return lambda stem: ""
    held_out = read_species(test).keys()
    if both := sorted(held_out & read_species(trainval).keys()):
        raise SourceError(f"{test}: {both[0]} is in {trainval.name} as well; expected each photo in one of them")
    return lambda stem: "test" if stem in held_out else "train"


def _tarballs(source: Path) -> list[Path]:
    found = [source / name for name in TARBALLS]
    return found if all(is_archive(tarball) for tarball in found) else []


def _list(content: Path, *, origin: Path, labels: str) -> Found:
    base = next((base for base in (content, *subfolders(content)) if _is_pets(base)), None)
    if base is None:
        raise SourceError(
            f"expected images/ and annotations/list.txt, or {' and '.join(TARBALLS)}, in {origin}; "
            f"found {holds(content)}"
        )
    files, left_out = list_files(base / "images")
    species = read_species(base / "annotations" / "list.txt")
    split_of = read_split(base / "annotations")
    photos = []
    for name, file in files.items():
        stem = Path(name).stem
        if match := re.fullmatch(r"(.+)_\d+", stem):
            # A capital initial means cat: the list leaves out some photos.
            label = match[1] if labels == "breed" else species.get(stem, "cat" if stem[0].isupper() else "dog")
            photos.append(Listed(label, name, file, split_of(stem)))
        else:
            left_out.append(f"images/{name} (expected a name such as Abyssinian_1.jpg)")
    return require_classes(Found(photos, left_out), [], origin=origin, layout=content)


def _is_pets(folder: Path) -> bool:
    return (folder / "images").is_dir() and (folder / "annotations" / "list.txt").is_file()
