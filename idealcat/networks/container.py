"""A .keras file as its parts: a zip of a configuration (JSON), weights (HDF5) and when it was saved."""

import io
import zipfile
from pathlib import Path

# The zip notes when its parts were written; DVC would take each saving for another model.
EPOCH = (1980, 1, 1, 0, 0, 0)
CONFIG, WEIGHTS, METADATA = "config.json", "model.weights.h5", "metadata.json"


def unpacked(path: Path | str) -> dict[str, bytes]:
    """The parts by name, in the file's order. Raises OSError or zipfile.BadZipFile, also where a byte has changed."""
    with zipfile.ZipFile(path) as source:
        return {name: source.read(name) for name in source.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    """The file of these parts: the same bytes for the same parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
    return target.getvalue()
