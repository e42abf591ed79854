"""Extraction on a Ray cluster: actors that each hold the backbone once."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from idealcat.base.cluster import Ray, connected, words_of
from idealcat.base.errors import DataError, EngineError
from idealcat.extraction.engines.registry import ENGINES
from idealcat.extraction.executors.local import Features, extract
from idealcat.extraction.spec import EngineSpec
from idealcat.photos.location import locate
from idealcat.photos.read import Photo

BATCHES = 4  # of the engine, in one task of an actor: what a killed worker costs


def extract_on_ray(photos: Sequence[Photo], spec: EngineSpec, model: Path, settings: Ray) -> Features:
    """Features of the photos, in no order, from actors on a cluster; one is started where `settings.address` is null.

    Actors read the photos themselves: from a disk that all machines see at the same path, or from URLs. A worker that
    dies is replaced, and its photos are computed again.

    Raises:
        EngineError: Ray is missing, the cluster can't be reached, has no room for an actor, or an actor can't run; what
            was computed until then is yielded first.
        DataError: a photo vanished or changed; all others are yielded first.
    """
    with connected(settings) as ray:
        task = BATCHES * spec.batch_size
        items = [{"path": absolute(photo.path), "sha256": photo.sha256} for photo in photos]
        arguments = (spec, model.suffix, ray.put(model.read_bytes()), settings.cpus_per_actor)
        error = ""
        for row in map_tasks(ray, items, _Actor, arguments, settings, task=task):
            error = error or row["error"]
            for names, vectors in zip(row["names"], row["vectors"], strict=True):
                sha256 = names.split()
                flat = np.frombuffer(vectors, "<f4")
                yield sha256, flat.reshape(len(sha256), *row["shape"])
    if error:
        raise DataError(error)


def map_tasks(
    ray: Any,
    items: list[dict[str, Any]],
    actor: type,
    arguments: tuple[Any, ...],
    settings: Ray,
    *,
    task: int,
    in_order: bool = False,
) -> Iterator[dict[str, Any]]:
    """The rows that actors make of the items, of `task` of them at a time; an actor is made of `arguments`.

    Raises:
        EngineError: the cluster has no room for an actor, or broke off.
    """
    room = _room(ray, settings)
    actors = settings.actors or room
    ray.data.DataContext.get_current().execution_options.preserve_order = in_order
    results = ray.data.from_items(items, override_num_blocks=-(-len(items) // task)).map_batches(
        actor,
        batch_size=task,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=actors, initial_size=min(actors, room)),
        num_cpus=settings.cpus_per_actor,
        num_gpus=settings.gpus_per_actor or None,
        fn_constructor_args=arguments,
    )
    yield from _failing_clearly(ray, results.iter_rows())


class _Actor:
    """Holds one engine; called with the columns `path` and `sha256` of a task's photos."""

    def __init__(self, spec: EngineSpec, suffix: str, content: Any, cores: int) -> None:
        import ray  # noqa: PLC0415 only on a cluster

        with tempfile.TemporaryDirectory(prefix="idealcat-") as folder:
            model = Path(folder, f"network{suffix}")
            model.write_bytes(ray.get(content))
            self.engine = ENGINES[spec.kind].load(model, cores=cores, batch_size=spec.batch_size)
        self.pixels = spec.backbone.pixels

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, list[Any]]:
        """One row: for each batch of the engine its names and its vectors as bytes; their shape; what failed."""
        photos = [Photo(str(path), str(name)) for path, name in zip(batch["path"], batch["sha256"], strict=True)]
        names: list[str] = []
        content: list[bytes] = []
        shape: tuple[int, ...] = ()
        error = ""
        try:
            for sha256, vectors in extract(photos, self.engine, pixels=self.pixels):
                names.append(" ".join(sha256))
                content.append(np.ascontiguousarray(vectors, "<f4").tobytes())
                shape = vectors.shape[1:]
        except DataError as fault:
            error = str(fault)
        return {"names": [names], "vectors": [content], "shape": [list(shape)], "error": [error]}


def _failing_clearly(ray: Any, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows; Raises EngineError where an actor can't be started, or raises what the engine raised in it."""
    try:
        yield from rows
    except ray.exceptions.RayError as error:
        raise EngineError(f"the Ray cluster broke off: {words_of(error)}; what was computed before is kept") from error


def _room(ray: Any, settings: Ray) -> int:
    """How many actors the cluster's machines have room for. Raises EngineError where there is none."""
    room = 0
    for node in ray.nodes():
        resources = node["Resources"] if node["Alive"] else {}
        fits = [resources.get("CPU", 0) // settings.cpus_per_actor]
        if settings.gpus_per_actor:
            fits.append(resources.get("GPU", 0) // settings.gpus_per_actor)
        room += int(min(fits))
    if not room:
        raise EngineError(
            f"extract_features.ray: no machine of the cluster has {settings.cpus_per_actor} cores and "
            f"{settings.gpus_per_actor:g} GPUs for an actor; lower cpus_per_actor or gpus_per_actor"
        )
    return room


def absolute(path: str) -> str:
    """A photo's path as a worker knows it, whose working folder is another; a URL as it is."""
    found = locate(path)
    return found if "://" in found else str(Path(found).absolute())
