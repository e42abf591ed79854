"""The errors that users meet. Each message says what was expected, what was received, and where."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

TRACE = "IDEALCAT_TRACE"  # 1: show the whole trace, causes included, before the line


class IdealcatError(Exception):
    """Base of all errors that a user can mend; a stage prints its message alone, without a stack trace."""


class ParamsError(IdealcatError):
    """params.yaml has an unknown key or an impossible value; the message lists all of them."""


class SourceError(IdealcatError):
    """The photos' source is missing, empty, or not laid out as expected."""


class DownloadError(IdealcatError):
    """A file could not be downloaded, or is not the file that was expected."""


class ArchiveError(IdealcatError):
    """An archive is corrupt or unsafe to unpack."""


class PhotoError(IdealcatError):
    """One photo can't be used. `reason` is a short word from `decode.REASONS`, `detail` says more."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


class DataError(IdealcatError):
    """The photos that are left can't train or test a classifier, or two artifacts disagree."""


class BackboneError(IdealcatError):
    """A backbone is unknown, can't be had, or its weights do not fit."""


class TrainingError(IdealcatError):
    """Training can't go on; the message names the parameter to look at."""


class EngineError(IdealcatError):
    """An engine can't run here: a package, a cluster or memory is missing."""


class StoreError(IdealcatError):
    """The feature store can't be read or written."""


class AttackError(IdealcatError):
    """The classifier can't be attacked, or the attacks contradict one another: their numbers mean nothing."""


class ClassError(IdealcatError):
    """A class is unknown; the message offers the nearest names."""


@contextmanager
def one_line(name: str, *, code: int = 1) -> Iterator[None]:
    """Ends the process on an error that the user can mend: its message on one line behind `name`, and the exit code.

    With IDEALCAT_TRACE=1 the trace is printed before, causes included.
    """
    try:
        yield
    except IdealcatError as error:
        if os.environ.get(TRACE) == "1":
            traceback.print_exception(error)
        if code == 1:
            sys.exit(f"{name}: {error}")
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(code)
