import multiprocessing
import resource
import signal
import time
from pathlib import Path

import pytest

from idealcat.photos import limits
from idealcat.photos.limits import ended_by, in_time, limit_process


def busy(path: Path) -> None:
    while True:
        pass


def read_for_ever() -> None:
    limits.SECONDS = 0.2
    in_time(busy, Path("x"))


def take_memory() -> None:
    limits.BYTES = 2**26
    limit_process()
    try:
        bytearray(2**28)
    except MemoryError:
        return
    raise SystemExit(3)


@pytest.mark.slow
@pytest.mark.parametrize(("target", "code"), [(read_for_ever, -signal.SIGPROF), (take_memory, 0)])
def test_a_limit_ends_the_process_or_the_allocation(target: object, code: int) -> None:
    process = multiprocessing.get_context("spawn").Process(target=target)
    process.start()
    process.join(30)
    assert process.exitcode == code


def test_what_is_in_time_leaves_no_timer() -> None:
    assert in_time(str, Path("x")) == "x"
    time.sleep(0.01)
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] == resource.RLIM_INFINITY


def test_a_process_that_ended_late_was_too_costly() -> None:
    assert [ended_by(seconds) for seconds in (1, limits.SECONDS)] == ["unreadable", "too_costly"]
