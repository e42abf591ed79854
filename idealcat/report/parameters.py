"""Parameters as the report and the review show them."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from idealcat.base.nested import flatten


def shown_parameters(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each as `(section.key, value)`, without what tells of the machine or opens a door (`printable_value`)."""
    return [(name, printable_value(value)) for name, value in flatten(settings)]


def printable_value(value: Any) -> str:
    """A parameter as text: of a path outside the repository the name alone, of an address no user and no query."""
    if isinstance(value, str) and "://" in value:
        address = urlsplit(value)
        return f"{address.scheme}://{address.hostname or ''}{address.path}"
    if isinstance(value, str) and (
        PurePath(value).is_absolute() or value.startswith("~") or ".." in PurePath(value).parts
    ):
        return f".../{PurePath(value).name}"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)
