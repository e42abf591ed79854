"""Extraction on a Ray cluster: actors that each hold the backbone once."""

import logging
import os
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

import idealcat
from idealcat.base.errors import DataError, EngineError
from idealcat.base.quiet import quiet_start
from idealcat.extraction.engines.registry import ENGINES
from idealcat.extraction.executors.local import Features, extract
from idealcat.extraction.settings import Ray
from idealcat.extraction.spec import EngineSpec
from idealcat.photos.location import locate
from idealcat.photos.read import Photo

BATCHES = 4  # of the engine, in one task of an actor: what a killed worker costs
CONNECT_SECONDS = 5  # after which a cluster's machine does not answer


def extract_on_ray(photos: Sequence[Photo], spec: EngineSpec, model: Path, settings: Ray) -> Features:
    """Features of the photos, in no order, from actors on a cluster; one is started where `settings.address` is null.

    Actors read the photos themselves: from a disk that all machines see at the same path, or from URLs. A worker that
    dies is replaced, and its photos are computed again.

    Raises:
        EngineError: Ray is missing, the cluster can't be reached, has no room for an actor, or an actor can't run; what
            was computed until then is yielded first.
        DataError: a photo vanished or changed; all others are yielded first.
    """
    with _cluster(settings) as ray:
        room = _room(ray, settings)
        actors = settings.actors or room
        task = BATCHES * spec.batch_size
        items = [{"path": _absolute(photo.path), "sha256": photo.sha256} for photo in photos]
        results = ray.data.from_items(items, override_num_blocks=-(-len(items) // task)).map_batches(
            _Actor,
            batch_size=task,
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=actors, initial_size=min(actors, room)),
            num_cpus=settings.cpus_per_actor,
            num_gpus=settings.gpus_per_actor or None,
            fn_constructor_args=(spec, model.suffix, ray.put(model.read_bytes()), settings.cpus_per_actor),
        )
        error = ""
        for row in _failing_clearly(ray, results.iter_rows()):
            error = error or row["error"]
            for names, vectors in zip(row["names"], row["vectors"], strict=True):
                sha256 = names.split()
                flat = np.frombuffer(vectors, "<f4")
                yield sha256, flat.reshape(len(sha256), *row["shape"])
    if error:
        raise DataError(error)


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
        raise EngineError(f"the Ray cluster broke off: {_reason(error)}; what was computed before is kept") from error


def _reason(error: Exception) -> str:
    """What an error says, without the traces of calls that Ray adds."""
    said, trace, rest = str(error).strip().partition("Traceback (most recent call last)")
    lines = [said, rest.strip().splitlines()[-1]] if trace else [said]
    return " ".join(" ".join(lines).split())[-400:]


@contextmanager
def _cluster(settings: Ray) -> Iterator[Any]:
    """Connects, or starts a cluster on this machine; leaves it, or stops it, at the end."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "3")  # tries to speak with a head, seconds each
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # leaves the variables of the actors as they are
    try:
        import ray  # noqa: PLC0415 only where it is asked for
        import ray.data  # noqa: PLC0415
    except ImportError as error:
        raise EngineError(
            "extract_features.engine: ray needs the package ray; pip install -r requirements-ray.txt"
        ) from error
    if settings.address is not None:
        _check_address(settings.address)
    variables = {name: os.environ[name] for name in ("KERAS_BACKEND",) if name in os.environ}
    try:
        with quiet_start():
            ray.init(
                address=settings.address or "local",
                runtime_env={"py_modules": [str(Path(idealcat.__file__).parent)], "env_vars": variables},
                include_dashboard=False if settings.address is None else None,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
    except (ConnectionError, ValueError, RuntimeError, TimeoutError, ray.exceptions.RayError) as error:
        raise _unreachable(settings.address or "this machine", _reason(error)) from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    try:
        yield ray
    finally:
        ray.shutdown()


def _check_address(address: str) -> None:
    """Raises EngineError where no head answers at the address: Ray itself would try for minutes."""
    import grpc  # noqa: PLC0415 only on a cluster

    if address.startswith("ray://"):
        raise EngineError(
            f"extract_features.ray.address: Ray Data can't run through Ray's client, {address}; run the stage on a "
            "machine of the cluster, with the head's own address, for example head:6379, or auto"
        )
    try:
        url = urlsplit(address if "://" in address else f"//{address}")
        if url.scheme or not (url.hostname and url.port):  # Ray's own to understand, like `auto`
            return
        socket.create_connection((url.hostname, url.port), timeout=CONNECT_SECONDS).close()
    except (OSError, ValueError) as error:
        raise _unreachable(address, str(error)) from error
    if os.environ.get("RAY_USE_TLS", "0") == "0":
        with grpc.insecure_channel(address) as channel:
            try:
                grpc.channel_ready_future(channel).result(timeout=CONNECT_SECONDS)
            except grpc.FutureTimeoutError as error:
                raise _unreachable(address, "what listens there is no Ray head") from error


def _unreachable(address: str, reason: str) -> EngineError:
    return EngineError(
        f"extract_features.ray.address: no Ray cluster can be reached at {address} ({reason}); start it, or let the "
        "address be null: a cluster is then started on this machine"
    )


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


def _absolute(path: str) -> str:
    """Workers have other working folders."""
    found = locate(path)
    return found if "://" in found else str(Path(found).absolute())
