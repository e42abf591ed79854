"""The store in the project's own folder, which may be moved or copied while MLflow keeps absolute addresses."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from filelock import FileLock

# Where MLflow keeps the addresses of artifacts, table and column.
ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
    ("logged_models", "artifact_location"),
)


def make_database(database: Path) -> None:
    """Makes an empty store with MLflow's tables, beside and renamed, unless a file is there.

    MLflow makes them in steps, and can't go on from half of them, which a kill would leave.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    if _there(database):
        return
    from mlflow.store.db.utils import _initialize_tables, create_sqlalchemy_engine  # noqa: PLC0415 slow to import

    with FileLock(database.with_name(f"{database.name}.lock")):  # clones may share it
        if _there(database):
            return
        beside = database.with_name(f"{database.name}-new")
        for left in database.parent.glob(f"{beside.name}*"):  # by a killed process, with SQLite's own journal
            left.unlink()
        engine = create_sqlalchemy_engine(f"sqlite:///{beside}")
        _initialize_tables(engine)
        engine.dispose()
        beside.replace(database)


def _there(database: Path) -> bool:
    return database.exists() and database.stat().st_size > 0


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
