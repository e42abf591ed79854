"""What one photo may cost the process that reads it. Files from outside can be made to cost anything."""

import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

SECONDS = 30.0  # of processor time; 12 megapixels take 0.1
BYTES = 2**32  # of memory, beside what the process holds at its start; 100 megapixels with alpha take 1.6 GB

Answer = TypeVar("Answer")
Item = TypeVar("Item")


def limit_process() -> None:
    """Makes a process that reads photos end by itself at the limit of time, and fail to allocate beyond that of memory.

    Ctrl-C is for its parent alone.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = Path("/proc/self/status")
    if status.exists():  # elsewhere the system does not heed the limit
        held = next(line for line in status.read_text().splitlines() if line.startswith("VmData"))
        most = int(held.split()[1]) * 1024 + BYTES
        resource.setrlimit(resource.RLIMIT_DATA, (most, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def in_time(read: Callable[[Item], Answer], path: Item) -> Answer:
    """`read(path)`; where it takes longer than SECONDS, SIGPROF ends the process, whatever library is at work."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        return read(path)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def ended_by(seconds: float) -> str:
    """Why a photo can't be used whose process ended after so many seconds, a word of `decode.REASONS`."""
    return "too_costly" if seconds >= SECONDS else "unreadable"
