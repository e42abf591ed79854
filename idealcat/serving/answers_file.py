"""A file of answers. Until all are there, a part beside it has a line a photo, with which a killed run goes on."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from idealcat.base.errors import DataError
from idealcat.base.files import replacing
from idealcat.serving.batch import Answer
from idealcat.statistics.predictions import probability_column

SUFFIXES = (".jsonl", ".parquet")
ROWS = 10_000  # of a row group of Parquet


class AnswersFile:
    """Answers about `photos`, in order, as JSON Lines or Parquet by the suffix of `path`.

    `model` is what makes answers the same again: the model's bytes, and whatever else they depend on.

    Raises:
        DataError: `path` has another suffix.
    """

    def __init__(self, path: Path, photos: Sequence[str], model: bytes, labels: Sequence[str]) -> None:
        if path.suffix not in SUFFIXES:
            raise DataError(f"--output: expected a file that ends in {' or '.join(SUFFIXES)}, received {path}")
        self.path = path
        self.part = path.with_name(path.name + ".part")
        self._labels = labels
        self._count = len(photos)
        digest = hashlib.sha256()
        for photo in photos:
            digest.update(photo.encode("utf-8", "surrogatepass") + b"\0")
        names = {"photos": digest.hexdigest(), "model": hashlib.sha256(model).hexdigest()}
        self._head = json.dumps(names).encode() + b"\n"

    def begin(self) -> int:
        """How many photos a killed run has answered; a part of other photos or of another model is begun anew."""
        if not self.part.exists():
            lines = []
        else:
            lines = [line for line in self.part.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
        done = max(len(lines) - 1, 0) if lines[:1] == [self._head] else 0
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.part, "r+b" if done else "wb") as file:
            if done:
                file.truncate(sum(map(len, lines)))  # the line in which the run was killed goes
            else:
                file.write(self._head)
        return done

    def add(self, answers: Iterable[Answer]) -> int:
        """Adds answers as they come, and returns how many are errors."""
        errors = 0
        with open(self.part, "ab") as file:
            for answer in answers:
                errors += "error" in answer
                file.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
                file.flush()
        return errors

    def finish(self) -> None:
        """Makes the file of the part. Raises DataError where answers are missing."""
        with open(self.part, "rb") as file:
            head, *lines = file.read().splitlines(keepends=True)
        if head != self._head or len(lines) != self._count:
            raise DataError(f"{self.part}: expected {self._count} answers, found {len(lines)}; run again without it")
        with replacing(self.path) as beside:
            if self.path.suffix == ".jsonl":
                beside.write_bytes(b"".join(lines))
            else:
                self._write_parquet(beside, lines)
        self.part.unlink()

    def _write_parquet(self, path: Path, lines: list[bytes]) -> None:
        named = [("photo", pa.string()), ("predicted", pa.string()), ("error", pa.string())]
        named += [("set", pa.list_(pa.string())), ("unknown", pa.bool_()), ("unknown_score", pa.float32())]
        if any(b'"nearest": ' in line for line in lines):  # no text of an answer has a bare quotation mark
            named.append(("nearest", pa.list_(pa.string())))
        taken = {name for name, _ in named}
        columns = {
            label: f"probability:{label}" if label in taken else probability_column(label) for label in self._labels
        }
        schema = pa.schema([*named, *((column, pa.float32()) for column in columns.values())])
        with pq.ParquetWriter(path, schema, compression="none") as writer:
            for start in range(0, len(lines), ROWS):
                rows = [_row(json.loads(line), columns) for line in lines[start : start + ROWS]]
                writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _row(answer: Answer, columns: dict[str, str]) -> dict[str, Any]:
    values = answer.get("probabilities", {})
    texts = {"photo": answer["photo"], "predicted": answer.get("label"), "error": answer.get("error")}
    limits = {name: answer.get(name) for name in ("set", "unknown", "unknown_score")}
    limits["nearest"] = [near["path"] for near in answer.get("nearest", [])]
    return texts | limits | {column: values.get(label) for label, column in columns.items()}
