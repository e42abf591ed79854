"""Tables as people have them: read as texts, and which column says what."""

import csv
import difflib
import io
from typing import NamedTuple

import pandas as pd

from idealcat.base.errors import SourceError
from idealcat.sources.layout import first
from idealcat.sources.remote import read_bytes
from idealcat.sources.settings import Table

# What columns are called, the surest name first.
IMAGE = (
    "file_name",
    "filename",
    "image",
    "image_path",
    "path",
    "filepath",
    "file",
    "url",
    "image_url",
    "image_id",
    "id",
)
LABEL = ("label", "class", "labels", "class_name", "category", "target")


class Columns(NamedTuple):
    """The names of the columns; `split` and `group` are empty where there is none, `own` are all others."""

    image: str
    label: str
    split: str
    group: str
    own: tuple[str, ...]


def read_rows(path: str) -> pd.DataFrame:
    """The table as texts, empty where a cell is; by its first bytes Parquet or CSV (comma, semicolon or tab).

    Raises:
        SourceError: it can't be read, or is neither.
    """
    content = read_bytes(path)
    try:
        if content.startswith(b"PAR1"):
            table = pd.read_parquet(io.BytesIO(content))
            return table.astype(object).where(table.notna(), "").map(str)
        text = content.decode("utf-8-sig")
        head = text.split("\n", 1)[0]
        delimiter = max(",;\t", key=head.count)
        return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_filter=False, sep=delimiter)
    except (ValueError, OSError, csv.Error, pd.errors.ParserError) as error:
        raise SourceError(f"{path} is neither Parquet nor CSV in UTF-8: {error}") from error


def choose_columns(names: list[str], wanted: Table, *, origin: str) -> Columns:
    """Which column says what. Raises SourceError where one is missing; the message offers the table's names."""
    image = _column(names, wanted.image, IMAGE, key="image", origin=origin)
    label = _column(names, wanted.label, LABEL, key="label", origin=origin)
    split = _column(names, wanted.split, ("split",), key="split", origin=origin, optional=True)
    group = _column(names, wanted.group, ("group",), key="group", origin=origin, optional=True)
    return Columns(
        image, label, split, group, tuple(name for name in names if name not in (image, label, split, group))
    )


def _column(
    names: list[str], wanted: str | None, usual: tuple[str, ...], *, key: str, origin: str, optional: bool = False
) -> str:
    if wanted is not None:
        if wanted in names:
            return wanted
        near = difflib.get_close_matches(wanted, names, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise SourceError(f"fetch_data.table.{key}: no column {wanted!r} in {origin}, which has {first(names)}{hint}")
    folded = {name.strip().casefold(): name for name in reversed(names)}
    found = next((folded[name] for name in usual if name in folded), "")
    if not found and not optional:
        raise SourceError(
            f"expected a column called {' or '.join(usual[:3])} in {origin}, found {first(names)}; name it in "
            f"fetch_data.table.{key}"
        )
    return found
