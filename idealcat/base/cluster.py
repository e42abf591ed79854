"""A Ray cluster: the settings that name it, and the way there."""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field

import idealcat
from idealcat.base.errors import EngineError
from idealcat.base.params import load_params
from idealcat.base.quiet import quiet_start
from idealcat.base.sections import Count, Section

FEW = 256  # photos that this machine reads, whatever there is
CONNECT_SECONDS = 5  # after which a cluster's machine does not answer


class Ray(Section):
    """extract_features.ray."""

    address: Annotated[str, Field(min_length=1)] | None
    actors: Count | None
    cpus_per_actor: Count
    gpus_per_actor: Annotated[float, Field(ge=0, allow_inf_nan=False)]


def wanted_cluster(count: int) -> Ray | None:
    """The cluster of other machines that params.yaml names, for `count` photos: FEW of them are not worth the way.

    It says where photos are read, never what becomes of them.
    """
    if count < FEW:
        return None
    wanted = load_params().content()["extract_features"]
    return Ray(**wanted["ray"]) if wanted["engine"] == "ray" and wanted["ray"]["address"] else None


@contextmanager
def connected(settings: Ray) -> Iterator[Any]:
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
        raise _unreachable(settings.address or "this machine", words_of(error)) from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    try:
        yield ray
    finally:
        ray.shutdown()


def words_of(error: Exception) -> str:
    """What an error says, without the traces of calls that Ray adds."""
    said, trace, rest = str(error).strip().partition("Traceback (most recent call last)")
    lines = [said, rest.strip().splitlines()[-1]] if trace else [said]
    return " ".join(" ".join(lines).split())[-400:]


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
