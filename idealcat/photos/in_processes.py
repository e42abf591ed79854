"""Photos read in processes of their own; one that ends its process costs that photo alone."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TypeVar

from idealcat.base.devices import cores
from idealcat.photos.limits import ended_by, in_time, limit_process
from idealcat.photos.photo import Photo

Item = TypeVar("Item")

CHUNK = 16  # photos that a process is given at a time
BATCH = 32  # chunks a process between two waits: what is read again, one by one, where a photo ends a process


def in_processes(
    read: Callable[[Item], Photo], paths: list[Item], *, workers: int | None = None
) -> Iterator[Photo | str]:
    """`read(path)` for each, in order, on all cores or `workers`; the reason for a photo that ends its process."""
    if not paths:
        return
    enough = -(-len(paths) // (4 * CHUNK))  # a few photos are read before a second process has started
    workers = min(workers or cores(), enough)
    batch = workers * BATCH * CHUNK
    pool = _pool(workers)
    try:
        for begin in range(0, len(paths), batch):
            done = 0
            try:
                for photo in pool.map(partial(in_time, read), paths[begin : begin + batch], chunksize=CHUNK):
                    yield photo
                    done += 1
            except BrokenProcessPool:
                yield from _one_by_one(read, paths[begin + done : begin + batch])
                pool.shutdown()
                pool = _pool(workers)
    finally:
        pool.shutdown(cancel_futures=True)


def _one_by_one(read: Callable[[Item], Photo], paths: list[Item]) -> Iterator[Photo | str]:
    """As `in_processes`, in one process, so that the photo that ends it is known."""
    pool = _pool(1)
    for path in paths:
        start = time.monotonic()
        try:
            yield pool.submit(in_time, read, path).result()
        except BrokenProcessPool:
            yield ended_by(time.monotonic() - start)
            pool.shutdown()
            pool = _pool(1)
    pool.shutdown()


def _pool(workers: int) -> ProcessPoolExecutor:
    """Fresh processes: a fork would copy locks that a thread of ours may hold."""
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=limit_process)
