"""Hides what the C++ code of libraries writes to the terminal at its start: nothing that a user could act on."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STREAMS = (1, 2)  # standard output and standard error


@contextmanager
def quiet_start() -> Iterator[None]:
    """Standard output and standard error lead nowhere meanwhile, for native code too."""
    _flush()
    kept = [os.dup(stream) for stream in STREAMS]
    with open(os.devnull, "w") as nowhere:
        for stream in STREAMS:
            os.dup2(nowhere.fileno(), stream)
    try:
        yield
    finally:
        _flush()
        for stream, copy in zip(STREAMS, kept, strict=True):
            os.dup2(copy, stream)
            os.close(copy)


def _flush() -> None:
    """Writes out what Python, and on Unix what C, still holds back."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)
