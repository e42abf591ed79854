"""What was found out about an engine, kept beside its features: whether it is fit, and the converted network.

A later run that has little to compute then need not start a deep-learning framework.
"""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

from idealcat.base.files import read_json, replacing, write_json
from idealcat.extraction.store_folder import writing


@dataclass(frozen=True)
class Verdict:
    """Why an engine is not fit, or how far off it is."""

    fault: str = ""  # empty: it is fit
    parity: float = 0.0  # relative error against the reference on `pictures`, rounded up to one digit
    parity_on_photos: float = 0.0  # likewise on photos of the first run, not rounded
    model: str = ""  # SHA-256 of the converted network; empty: the backbone's own file is run


def read_verdict(folder: Path) -> Verdict | None:
    """The verdict kept in a folder; None where there is none that can be read."""
    try:
        return Verdict(**read_json(folder / "engine.json"))
    except (OSError, ValueError, TypeError):
        return None


def keep_verdict(folder: Path, verdict: Verdict, *, content: bytes, suffix: str) -> None:
    """Keeps a verdict, and the converted network that it is about. Raises StoreError where it can't be written."""
    with writing(folder):
        if verdict.model:
            with replacing(model_file(folder, verdict, suffix=suffix)) as beside:
                beside.write_bytes(content)
        write_json(folder / "engine.json", {name: value for name, value in asdict(verdict).items() if value != ""})


def model_file(folder: Path, verdict: Verdict, *, suffix: str) -> Path:
    """Where the converted network lies."""
    return folder / f"{verdict.model}{suffix}"


def intact(model: Path) -> bool:
    """Whether a converted network is there with the bytes that its name tells."""
    try:
        return hashlib.sha256(model.read_bytes()).hexdigest() == model.stem
    except OSError:
        return False
