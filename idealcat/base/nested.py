"""Nested mappings, as params.yaml and metrics files hold them, by dotted names."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def flatten(
    content: Any, prefix: str = "", *, whole: Callable[[Any], bool] = lambda content: False
) -> Iterator[tuple[str, Any]]:
    """The leaves of nested mappings with their dotted names; an empty mapping is a leaf, and so is what is `whole`."""
    if isinstance(content, Mapping) and content and not whole(content):
        for key, value in content.items():
            yield from flatten(value, f"{prefix}.{key}" if prefix else str(key), whole=whole)
    else:
        yield prefix, content
