"""Photos read, checked and hashed on a Ray cluster."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from idealcat.base.cluster import Ray, connected, words_of
from idealcat.base.errors import DataError
from idealcat.photos.in_processes import Item, in_processes
from idealcat.photos.limits import in_time, limit_process
from idealcat.photos.photo import Photo

TASK = 64  # files that a worker reads at a time: what its loss costs
AHEAD = 4  # tasks a core that are handed out


def on_cluster(read: Callable[[Item], Photo], files: list[Item], cluster: Ray) -> Iterator[Photo | str]:
    """As `in_processes`, in order, on the cores of a cluster; what a worker that dies was reading is read again.

    All machines see this folder and the photos at the same paths, or the photos have addresses.

    Raises:
        EngineError: Ray is missing, or the cluster can't be reached.
        DataError: the cluster broke off.
    """
    rest = (files[start : start + TASK] for start in range(0, len(files), TASK))
    folder = str(Path.cwd())
    with connected(cluster) as ray:
        remote = ray.remote(num_cpus=cluster.cpus_per_actor, max_retries=2)
        together, apart = remote(_together), remote(_apart)
        ahead = AHEAD * max(int(ray.cluster_resources().get("CPU", 1)), 1)
        begun: deque[tuple[list[Item], object]] = deque()
        try:
            while True:
                while len(begun) < ahead and (task := next(rest, None)):
                    begun.append((task, together.remote(read, task, folder)))
                if not begun:
                    break
                task, result = begun.popleft()
                try:
                    photos = ray.get(result)
                except ray.exceptions.RayError:  # one of the photos may have ended its worker, whoever read it
                    photos = ray.get(apart.remote(read, task, folder))
                yield from photos
        except ray.exceptions.RayError as error:
            raise DataError(
                f"the Ray cluster broke off: {words_of(error)}; run again: what was read is kept"
            ) from error


def _together(read: Callable[[Item], Photo], files: list[Item], folder: str) -> list[Photo | str]:
    """Reads in the worker itself."""
    _enter(folder)
    limit_process()
    return [in_time(read, file) for file in files]


def _apart(read: Callable[[Item], Photo], files: list[Item], folder: str) -> list[Photo | str]:
    """Reads in a process of its own, so that the photo that ends it is known."""
    _enter(folder)
    return list(in_processes(read, files, workers=1))


def _enter(folder: str) -> None:
    if Path(folder).is_dir():
        os.chdir(folder)
