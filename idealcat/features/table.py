"""features.parquet: the bottleneck feature vector of every photo, by the SHA-256 of its bytes."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from idealcat.base.artifacts import FEATURES
from idealcat.base.errors import DataError
from idealcat.base.files import replacing


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
    """Feature vectors, float32 `(N, *extractor.feature_shape)`, and the photos' SHA-256 in the same order."""

    sha256: list[str]
    vectors: np.ndarray
    extractor: Extractor

    def of(self, sha256: Iterable[str]) -> np.ndarray:
        """The vectors of these photos, in their order. Raises DataError where one is missing."""
        places = {name: place for place, name in enumerate(self.sha256)}
        try:
            return self.vectors[[places[name] for name in sha256]]
        except KeyError as error:
            raise DataError(f"the features lack the photo {error.args[0]}; run `dvc repro extract_features`") from error


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
    """Reads what `write_features` wrote. Raises DataError where the file is missing or something else."""
    try:
        table = pq.read_table(path)
        extractor = json.loads(table.schema.metadata[b"extractor"])
        vectors = table["features"].combine_chunks().flatten().to_numpy()
    except FileNotFoundError as error:
        raise FEATURES.absent("no such file", found=path) from error
    except (pa.ArrowInvalid, KeyError, TypeError) as error:
        raise DataError(f"{path} is not what extract_features writes: {error}") from error
    extractor["feature_shape"] = tuple(extractor["feature_shape"])
    known = Extractor(**extractor)
    return FeatureTable(table["sha256"].to_pylist(), vectors.reshape(-1, *known.feature_shape), known)
