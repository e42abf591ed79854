"""Photos that a table lists: CSV or Parquet, a row a photo, with a column of paths or addresses and one of labels."""

import posixpath
import unicodedata
from pathlib import Path
from typing import NamedTuple

from idealcat.base.errors import SourceError
from idealcat.sources.class_folders import split_named
from idealcat.sources.layout import Found, Listed, files_of, first, given, holds, require, subfolders, unpacked
from idealcat.sources.settings import FetchData
from idealcat.sources.table_columns import Columns, choose_columns, read_rows
from idealcat.sources.table_files import LocalFiles, RemoteFiles
from idealcat.sources.unpack import is_archive

SUFFIXES = (".csv", ".tsv", ".parquet")
NAMES = ("metadata", "labels", "train")  # of the table to read where a folder has several


class _Table(NamedTuple):
    """Where a table is, and where its relative paths begin; `split` by the name of its folder."""

    path: str
    folder: str
    split: str = ""


def find(wanted: FetchData, *, scratch: Path, **_: object) -> Found:
    """The rows of the table `path`, which may also be an address, or a folder or archive with the table in it.

    Rows that can't be used are left out, each with its reason.

    Raises:
        SourceError: no table, no column of paths or labels in it, or fewer than two labels.
        ArchiveError: it can't be unpacked.
    """
    inside = None
    if "://" in wanted.path:
        tables = [_Table(wanted.path, posixpath.dirname(wanted.path))]
    else:
        source = given(wanted.path)
        if source is None:
            raise SourceError("no table: set fetch_data.path to a CSV or Parquet file, or to a folder or zip with one")
        require(source)
        if is_archive(source) and source.suffix.lower() not in SUFFIXES:
            source = inside = unpacked([source], scratch)
        tables = _tables(source, origin=wanted.path) if source.is_dir() else [_Table(str(source), str(source.parent))]
    parts = [_listed(table, wanted, inside=inside) for table in tables]
    found = Found(
        [photo for part in parts for photo in part.photos],
        [line for part in parts for line in part.left_out],
        parts[0].columns,
    )
    if any(part.columns != found.columns for part in parts):
        raise SourceError(
            f"the tables in {wanted.path} have different columns: {first([table.path for table in tables])}"
        )
    if len(found.classes) < 2:
        left = f"; left out: {first(found.left_out)}" if found.left_out else ""
        raise SourceError(
            f"expected photos of two or more labels in {wanted.path}, found {first(list(found.classes))}{left}"
        )
    return found


def _tables(folder: Path, *, origin: str) -> list[_Table]:
    """The table in a folder, however many folders are wrapped around it, or one in each split folder."""
    here = [file for file in files_of(folder) if file.suffix.lower() in SUFFIXES]
    named = [file for name in NAMES for file in here if file.stem.casefold() == name]
    if len(here) == 1 or named:
        return [_Table(str((named or here)[0]), str(folder))]
    if here:
        raise SourceError(
            f"several tables in {origin}: {first([file.name for file in here])}; set fetch_data.path to one"
        )
    children = subfolders(folder)
    if len(children) == 1:
        return _tables(children[0], origin=origin)
    split = [(child, split_named(child.name)) for child in children if split_named(child.name)]
    tables = [
        table._replace(split=name)
        for child, name in split
        if any(file.suffix.lower() in SUFFIXES for file in files_of(child))
        for table in _tables(child, origin=origin)
    ]
    if not tables:
        raise SourceError(f"expected a CSV or Parquet file in {origin}, found {holds(folder)}")
    return tables


def _listed(table: _Table, wanted: FetchData, *, inside: Path | None) -> Found:
    rows = read_rows(table.path)
    columns = choose_columns(list(rows.columns), wanted.table, origin=table.path)
    folder = wanted.table.folder or table.folder
    files = RemoteFiles(folder) if "://" in folder else LocalFiles(Path(folder), inside=inside)
    photos: dict[tuple[str, str], Listed] = {}
    left_out = []
    below = f"{Path(table.folder).name}/" if table.split else ""
    for number, row in enumerate(rows.itertuples(index=False, name=None), start=1):
        cells = dict(zip(rows.columns, row, strict=True))
        photo, fault = _photo(cells, columns, files, table.split, below)
        if photo is not None and photos.setdefault((photo.label, photo.name), photo) is not photo:
            fault = "an earlier row has the same file and label"
        if fault:
            left_out.append(f"row {number}: {cells[columns.image]} ({fault})")
    return Found(list(photos.values()), left_out, tuple(_own_name(name) for name in columns.own))


def _photo(
    cells: dict[str, str], columns: Columns, files: LocalFiles | RemoteFiles, split: str, below: str
) -> tuple[Listed | None, str]:
    """A row's photo, or why it can't be used."""
    label = unicodedata.normalize("NFC", cells[columns.label].strip())
    if not label:
        return None, "no label"
    told = cells[columns.split].strip() if columns.split else ""
    if told and not split_named(told):
        return None, f"a split {told!r}, expected train, validation or test"
    file, name, fault = files.find(cells[columns.image].strip())
    if fault:
        return None, fault
    splits = (split_named(told), split, split_named(name.split("/", 1)[0]) if "/" in name and not columns.split else "")
    group = cells[columns.group].strip() if columns.group else ""
    more = tuple(cells[column] for column in columns.own)
    return Listed(label, below + name, file, next(filter(None, splits), ""), group, more), ""


def _own_name(column: str) -> str:
    taken = {"path", "label", "split", "sha256", "width", "height", "group"}
    return f"table_{column}" if column in taken else column
