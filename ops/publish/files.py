"""Which files of a result are published: what dvc.yaml says that the stages write, and what it was made with."""

from collections.abc import Iterator
from pathlib import Path

import yaml

DVC_YAML = Path(__file__).parents[2] / "dvc.yaml"
MADE_WITH = ("params.yaml", "dvc.lock", "dvc.yaml", "requirements.txt")


def published() -> list[str]:
    """Paths from the project's root, folders among them."""
    return [*MADE_WITH, *(path for path, _ in _written())]


def cached() -> list[str]:
    """Those of them that DVC keeps, git does not."""
    return [path for path, options in _written() if options.get("cache", True)]


def _written() -> Iterator[tuple[str, dict]]:
    """Path and options of all outs, metrics and plots but those that dvc.yaml marks with `meta: {publish: false}`."""
    for stage in yaml.safe_load(DVC_YAML.read_text(encoding="utf-8"))["stages"].values():
        for entry in (entry for kind in ("outs", "metrics", "plots") for entry in stage.get(kind, [])):
            path, options = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
            if options.get("meta", {}).get("publish", True):
                yield path, options
