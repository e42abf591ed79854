"""What differs from run to run: seconds, peak memory and a stage's own counts, in runs/<stage>.json."""

import errno
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from idealcat.base.errors import IdealcatError, one_line
from idealcat.base.files import write_json

FOLDER = Path("runs")
REFUSED = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES)  # no room, or no right, to write
LIVE = FOLDER / "live.jsonl"  # the epochs of a training that still runs
CHECKPOINT = FOLDER / "fine_tuning.npz"  # from which a fine-tuning that was cut off goes on


def run_stage(name: str, main: Callable[[], dict[str, Any]]) -> None:
    """Runs a stage's `main` and writes runs/<name>.json: seconds, peak_memory_bytes and what `main` returned.

    An error that the user can mend (a full disk is one) ends the process with its message on one line and exit code 1.
    """
    start = time.perf_counter()
    with one_line(name), _no_room():
        counts = main()
    seconds = round(time.perf_counter() - start, 3)
    write_json(FOLDER / f"{name}.json", {"seconds": seconds, "peak_memory_bytes": peak_memory_bytes(), **counts})


@contextmanager
def _no_room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in REFUSED:
            raise
        file = error.filename or "a file of this folder or a temporary one"
        raise IdealcatError(
            f"{file}: {os.strerror(error.errno)}; make room, or give the right to write, and run again: "
            "what was finished before is kept"
        ) from error


def peak_memory_bytes() -> int:
    """The largest resident memory, in bytes, that this process has held."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss starts at the parent's peak on Linux
        high_water = next((line for line in status.read_text().splitlines() if line.startswith("VmHWM")), None)
        if high_water:
            return int(high_water.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
