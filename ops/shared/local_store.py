"""The store in the project's own folder, which may be moved or copied while MLflow keeps absolute addresses."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

# Where MLflow keeps the addresses of artifacts, table and column.
ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
    ("logged_models", "artifact_location"),
)


def follow_move(database: Path, old: str, new: str) -> None:
    """Makes all addresses below `old` start with `new`, in one transaction. Both are URIs of folders."""
    if old.rstrip("/") == new.rstrip("/") or not old.startswith("file:"):
        return
    before = old.rstrip("/")
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        for table, column in ADDRESSES:
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE {column} || '/' LIKE ? ESCAPE '!'",
                (new.rstrip("/"), len(before) + 1, re.sub(r"([%_!])", r"!\1", before) + "/%"),
            )
