"""features.parquet: the bottleneck feature vector of every photo, by the SHA-256 of its bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from idealcat.base.artifacts import FEATURES
from idealcat.base.errors import DataError
from idealcat.base.files import replacing

IN_MEMORY = 2**25  # feature values that a stage holds at once: 26,000 photos of 1,280


@dataclass(frozen=True)
class Extractor:
    """Everything that shapes a feature vector, beside the photo's bytes."""

    backbone: str
    weights_sha256: str
    image_size: int  # pixels a side
    pooling: str
    engine: str
    device: str
    feature_shape: tuple[int, ...]  # (channels,) pooled, or (height, width, channels)
    software: str = ""  # what decodes photos and runs the network, with versions; where it counts, the batch

    @property
    def feature_size(self) -> int:
        """The number of floats in a vector."""
        return int(np.prod(self.feature_shape))


@dataclass(frozen=True)
class FeatureTable:
    """Feature vectors in a file, float32 `(N, *extractor.feature_shape)`, read when they are asked for."""

    sha256: pa.StringArray
    extractor: Extractor
    path: Path

    def of(self, sha256: Iterable[str]) -> np.ndarray:
        """The vectors of these photos, in their order. Raises DataError where one is missing."""
        return np.asarray(self.in_file(sha256))

    def in_file(self, sha256: Iterable[str]) -> Rows:
        """As `of`, read when they are asked for."""
        return Rows(self, self._places(sha256))

    def rows(self, sha256: Iterable[str]) -> np.ndarray | Rows:
        """As `of`, `held` in memory if they are not too many."""
        return held(self.in_file(sha256))

    def _places(self, sha256: Iterable[str]) -> np.ndarray:
        names = pa.array(sha256, pa.string())
        places = pc.index_in(names, self.sha256)
        if places.null_count:
            name = names[places.is_null().index(True).as_py()]
            raise DataError(f"the features lack the photo {name}; run `dvc repro extract_features`")
        return places.to_numpy()


@dataclass(frozen=True)
class Rows:
    """Vectors of some photos that stay in their file: an array `(N, ...)` that costs the memory of a block."""

    table: FeatureTable
    places: np.ndarray  # (N,): the rows of the file

    @property
    def shape(self) -> tuple[int, ...]:
        """As an array's."""
        return (len(self.places), *self.table.extractor.feature_shape)

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, rows: np.ndarray) -> Rows:
        return Rows(self.table, self.places[rows])

    def __add__(self, other: Rows) -> Rows:
        return Rows(self.table, np.concatenate([self.places, other.places]))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        vectors = np.empty(self.shape, dtype or "float32")
        for rows, block in self.blocks():
            vectors[rows] = block
        return vectors

    def blocks(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All rows in the file's order, a row group at a time: which they are `(B,)`, and their vectors `(B, ...)`."""
        order = np.argsort(self.places, kind="stable")
        with pq.ParquetFile(self.table.path) as file:
            counts = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
            starts = np.concatenate([[0], np.cumsum(counts)])
            bounds = np.searchsorted(self.places[order], starts)
            for group in np.flatnonzero(np.diff(bounds)):
                rows = order[bounds[group] : bounds[group + 1]]
                column = file.read_row_group(group, columns=["features"])["features"].combine_chunks()
                vectors = column.flatten().to_numpy().reshape(-1, *self.table.extractor.feature_shape)
                yield rows, vectors[self.places[rows] - starts[group]]


def held(vectors: np.ndarray | Rows) -> np.ndarray | Rows:
    """The vectors in memory; more than IN_MEMORY numbers stay in their file and are read a block at a time."""
    return vectors if math.prod(vectors.shape) > IN_MEMORY else np.asarray(vectors)


def blocks(vectors: np.ndarray | Rows, *, size: int = 1024) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every row once, in some order: which rows `(B,)`, and their vectors `(B, ...)`."""
    if isinstance(vectors, Rows):
        yield from vectors.blocks()
        return
    for start in range(0, len(vectors), size):
        yield np.arange(start, min(start + size, len(vectors))), vectors[start : start + size]


def write_features(
    batches: Iterable[tuple[list[str], np.ndarray]], extractor: Extractor, path: Path | str = FEATURES.path
) -> None:
    """Streams batches of SHA-256 and float32 vectors `(B, ...)`, already sorted by SHA-256, a row group a batch.

    Memory is that of a batch.
    """
    schema = pa.schema(
        [
            pa.field("sha256", pa.string(), nullable=False),
            pa.field("features", pa.list_(pa.float32(), extractor.feature_size), nullable=False),
        ],
        metadata={"extractor": json.dumps(asdict(extractor), sort_keys=True)},
    )
    with (
        replacing(path) as beside,
        pq.ParquetWriter(beside, schema, compression="none", use_dictionary=False) as writer,
    ):
        for sha256, vectors in batches:
            flat = pa.array(np.ascontiguousarray(vectors, "float32").ravel())
            columns = [pa.array(sha256), pa.FixedSizeListArray.from_arrays(flat, extractor.feature_size)]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def stream_features(path: Path | str, extractor: Extractor) -> Iterator[tuple[list[str], np.ndarray]]:
    """The batches of a file that `write_features` wrote with this extractor; nothing where it was another one.

    Raises:
        DataError: the file is something else.
    """
    try:
        with pq.ParquetFile(path) as file:
            known = json.loads(file.schema_arrow.metadata[b"extractor"])
            if known != json.loads(json.dumps(asdict(extractor))):
                return
            for batch in file.iter_batches(256):
                vectors = batch["features"].flatten().to_numpy()
                yield batch["sha256"].to_pylist(), vectors.reshape(-1, *extractor.feature_shape)
    except (pa.ArrowInvalid, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} is not what extract_features writes: {error}") from error


def read_features(path: Path | str = FEATURES.path) -> FeatureTable:
    """Opens what `write_features` wrote. Raises DataError where the file is missing or something else."""
    try:
        with pq.ParquetFile(path) as file:
            extractor = json.loads(file.schema_arrow.metadata[b"extractor"])
            names = file.read(["sha256"])["sha256"].combine_chunks()
            file.schema_arrow.field("features")
    except FileNotFoundError as error:
        raise FEATURES.absent("no such file", found=path) from error
    except (pa.ArrowInvalid, KeyError, TypeError) as error:
        raise DataError(f"{path} is not what extract_features writes: {error}") from error
    extractor["feature_shape"] = tuple(extractor["feature_shape"])
    return FeatureTable(names, Extractor(**extractor), Path(path))
