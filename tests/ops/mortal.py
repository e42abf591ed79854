"""A client of the tracking store in a process that dies before one of its writes, as by SIGKILL."""

from collections.abc import Callable
from typing import Any

WRITES = ("set_", "update_", "delete_", "log_", "create_")


class DiedError(BaseException):
    """No `except` of the project's may hold it up."""


class Mortal:
    """Passes everything on to a client until `last` is true of a write: its number from 0, its name and arguments."""

    def __init__(self, client: Any, last: Callable[[int, str, tuple], bool]) -> None:
        self.client, self.last, self.writes = client, last, 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.client, name)
        if not name.startswith(WRITES):
            return found

        def write(*arguments: Any, **named: Any) -> Any:
            if self.last(self.writes, name, arguments):
                raise DiedError
            self.writes += 1
            return found(*arguments, **named)

        return write
