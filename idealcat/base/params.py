"""params.yaml: checked as a whole before any stage works, each section by the settings.py of the room it belongs to.

Rooms are found in their folders and not imported by name: a stage depends on the rooms that it uses, and a change of
what another section may hold does not run it again.
"""

import difflib
import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import Field, ValidationError, create_model

from idealcat.base.errors import ParamsError
from idealcat.base.sections import Section

PATH = Path("params.yaml")
ROOMS = Path(__file__).parents[1]

SomeSection = TypeVar("SomeSection", bound=Section)


@dataclass(frozen=True)
class Params:
    """The seed, and the sections by their keys, in the order of the file."""

    seed: int
    sections: Mapping[str, Section]

    def section(self, kind: type[SomeSection]) -> SomeSection:
        """The section that `kind` checks."""
        return next(found for found in self.sections.values() if isinstance(found, kind))

    def content(self, *, without: str = "") -> dict[str, Any]:
        """All of it as plain values, `seed` first, but for one section."""
        sections = {key: section.model_dump() for key, section in self.sections.items() if key != without}
        return {"seed": self.seed, **sections}


def load_params(path: Path | str = PATH) -> Params:
    """Reads and checks the whole of params.yaml.

    Raises:
        ParamsError: the file is missing, is not YAML, or has faults; the message lists every fault.
    """
    try:
        content = parse_yaml(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ParamsError(f"expected a file {path}, found none; run from the repository's root") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path} is not YAML: {error}") from error
    return parse_params(content, name=str(path))


def parse_yaml(text: str | bytes) -> Any:
    """YAML as DVC reads and writes it. Raises yaml.YAMLError."""
    return yaml.load(text, _Loader)


def parse_params(content: Any, name: str = "params.yaml") -> Params:
    """Checks parsed YAML. Raises ParamsError with every fault, one a line."""
    try:
        checked = dict(_model().model_validate(content))
    except ValidationError as error:
        keys = list(content) if isinstance(content, dict) else []
        details = sorted(error.errors(), key=lambda detail: _place(detail["loc"], keys))
        count = f"{len(details)} faults" if len(details) > 1 else "1 fault"
        raise ParamsError(f"{count} in {name}:\n  " + "\n  ".join(map(_fault, details))) from error
    return Params(checked["seed"], {key: checked[key] for key in content if key != "seed"})


@cache
def _model() -> type[Section]:
    """The model of the whole file."""
    sections: dict[str, Any] = {"seed": (Annotated[int, Field(ge=0, lt=2**32)], ...)}
    for settings in sorted(ROOMS.glob("*/settings.py")):
        module = importlib.import_module(f"idealcat.{settings.parent.name}.settings")
        sections |= {key: (kind, ...) for key, kind in module.SECTIONS.items()}
    return create_model("Params", __base__=Section, **sections)


def _place(location: tuple[str | int, ...], keys: list[str]) -> int:
    return keys.index(str(location[0])) if location and location[0] in keys else len(keys)


def _fault(detail: Any) -> str:
    key = ".".join(str(part) for part in detail["loc"]) or "the file"
    if detail["type"] == "extra_forbidden":
        return f"{key}: unknown key{_nearest(detail['loc'])}"
    if detail["type"] == "missing":
        return f"{key}: missing"
    message = re.sub(r"^(Input|String) should", "should", detail["msg"]).removeprefix("Value error, ")
    received = detail["input"]
    return f"{key}: {message}; received {received!r}" if not isinstance(received, dict) else f"{key}: {message}"


def _nearest(location: tuple[str | int, ...]) -> str:
    model: Any = _model()
    for part in location[:-1]:
        model = model.model_fields[str(part)].annotation
    near = difflib.get_close_matches(str(location[-1]), model.model_fields, n=1)
    return f"; did you mean {near[0]}?" if near else ""


class _Loader(yaml.SafeLoader):
    """YAML 1.2 floats: DVC writes 1e-05, which PyYAML's YAML 1.1 would read as text."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+0123456789."),
)

if __name__ == "__main__":
    import sys

    try:
        load_params()
    except ParamsError as error:
        sys.exit(str(error))
