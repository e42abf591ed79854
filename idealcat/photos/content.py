"""The bytes of a photo, at a path or a URL."""

from pathlib import Path

from idealcat.base.errors import DataError, PhotoError


def fetch(path: str) -> bytes:
    """The bytes at a path or at a URL that fsspec reads.

    Raises:
        OSError: there is no such file, or it can't be read.
        DataError: the URL's protocol is unknown, or its package is missing.
    """
    if "://" not in path:
        return Path(path).read_bytes()
    import fsspec  # noqa: PLC0415 most photos lie on a disk

    try:
        with fsspec.open(path) as file:
            return file.read()
    except (ImportError, ValueError) as error:
        raise DataError(f"{path} can't be read: {error}") from error


def file_content(location: str, *, most: int) -> bytes:
    """The bytes at a path or URL. Raises PhotoError where they can't be read or are more than `most`."""
    try:
        if "://" in location:
            content = fetch(location)
            if len(content) > most:
                raise PhotoError("too_large", f"more than {most} bytes")
            return content
        path = Path(location)
        if not path.is_file():  # a pipe or a device might never end
            raise PhotoError("unreadable", "not a file")
        if path.stat().st_size > most:
            raise PhotoError("too_large", f"more than {most} bytes")
        return path.read_bytes()
    except (OSError, DataError) as error:
        raise PhotoError("unreadable", str(error)) from error
