"""Where members of an archive are written: inside one folder, under safe names, within limits."""

import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from idealcat.base.errors import ArchiveError

MAX_RATIO = 100  # unpacked bytes per byte of the archive
CHUNK = 1 << 20  # bytes

# What zipfile, tarfile and the decompressors raise on damage.
DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,  # a compression method that zipfile doesn't know
    OverflowError,
    ValueError,
    OSError,
)


class SafeWriter:
    """Writes members into a folder, as long as they are safe and within the limits."""

    def __init__(self, archive: Path, folder: Path, *, max_bytes: int, max_files: int) -> None:
        self.archive, self.folder = archive, folder
        self.max_bytes, self.max_files = max_bytes, max_files
        self.bytes = 0
        self.names: set[PurePosixPath] = set()

    def refuse(self, fault: str, member: str) -> ArchiveError:
        """The error that names the archive, the fault and the member."""
        return ArchiveError(f"{self.archive}: {fault}: {member!r}")

    def too_large(self) -> ArchiveError:
        """The error of an archive that unpacks to more than the limit."""
        return ArchiveError(
            f"{self.archive} unpacks to more than {self.max_bytes} bytes: expected at most {MAX_RATIO} times its own "
            "size; if it can be trusted, unpack it yourself and set fetch_data.source: directory"
        )

    def check(self, member: str, *, is_folder: bool) -> PurePosixPath:
        """The member's path inside the folder; folders may come twice, files not."""
        path = PurePosixPath(readable(member))
        if not member or "\\" in member or "\0" in member or re.match("[A-Za-z]:", member):
            raise self.refuse("unsafe name", member)
        if path.is_absolute() or ".." in path.parts:
            raise self.refuse("a name that climbs out of the archive", member)
        if path in self.names:
            if not is_folder:
                raise self.refuse("two members of the same name", member)
        elif len(self.names) == self.max_files:
            raise ArchiveError(f"{self.archive} has too many members: expected at most {self.max_files}")
        self.names.add(path)
        return path

    @contextmanager
    def named(self, member: str) -> Iterator[None]:
        """Names the archive and the member in the errors of reading and writing it."""
        try:
            yield
        except FileExistsError as error:
            raise self.refuse("two members that are one file on this file system", member) from error
        except DAMAGE as error:
            raise self.refuse(f"can't be unpacked ({words(error)})", member) from error

    def write(self, content: IO[bytes], path: PurePosixPath) -> None:
        """Writes a member's content to its path. Raises ArchiveError past the limit."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "xb") as file:
            while piece := content.read(CHUNK):
                self.bytes += len(piece)
                if self.bytes > self.max_bytes:
                    raise self.too_large()
                file.write(piece)


def readable(name: str) -> str:
    """`name` if it is UTF-8, else its bytes read as Latin-1: nothing after this could store it otherwise."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return name.encode(errors="surrogateescape").decode("latin-1")
    return name


def words(error: BaseException) -> str:
    """What went wrong, in the system's words where it has some."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
