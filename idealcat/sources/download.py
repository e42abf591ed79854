"""Downloads that survive a break: resumed, verified before they get their name, and fetched once."""

import hashlib
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
import urllib3
from filelock import FileLock, Timeout
from tqdm import tqdm

from idealcat.base.errors import DownloadError
from idealcat.base.files import sha256_of

ATTEMPTS = 4
BACKOFF = 1.0  # seconds before the second attempt; doubles after each
TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two pieces of the answer
CHUNK = 1 << 20  # bytes
BUSY = (408, 429)  # HTTP statuses, beside 5xx, that say: later


class _BrokenOff(Exception):
    """The connection failed in a way that another attempt may mend; the message is the reason."""


def download(url: str, *, name: str, size: int | None, sha256: str | None, folder: Path) -> Path:
    """The file at `url`, in `folder`, as `<key>-<name>`; fetched only if it isn't there.

    The key is the checksum where it is known (any mirror will do), else the URL's. A file has its name only once
    `size` (bytes) and `sha256` are verified, so a file that is there is not hashed again. What a break leaves is
    resumed by the next attempt, or by the next call.

    Raises:
        DownloadError: out of reach, refused by the server, or not the expected file (which is then removed).
    """
    key = sha256.lower() if sha256 else hashlib.sha256(url.encode()).hexdigest()
    path = folder / f"{key[:16]}-{name}"
    try:
        if _is_here(path, size):
            return path
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(path):
            if not _is_here(path, size):
                part = Path(f"{path}.part")
                _fetch(url, part, name=name, size=size)
                _verify(part, url, size=size, sha256=sha256)
                part.replace(path)
                _validator(part).unlink(missing_ok=True)
    except OSError as error:
        raise DownloadError(
            f"can't write to the cache folder {folder}: {error.strerror or error}; set IDEALCAT_CACHE to another one"
        ) from error
    return path


def public(url: str) -> str:
    """`url` without what may be secret: user, password, query."""
    return re.split(r"[?#]", re.sub(r"^(\w+://)[^/?#]*@", r"\1", url))[0]


def _is_here(path: Path, size: int | None) -> bool:
    return path.is_file() and size in (None, path.stat().st_size)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    lock = FileLock(f"{path}.lock")
    try:
        lock.acquire(timeout=0.2)
    except Timeout:
        _say(f"waiting for another process that downloads {path.name}")
        lock.acquire()  # without limit: the system frees it when that process ends
    try:
        yield
    finally:
        lock.release()


def _fetch(url: str, part: Path, *, name: str, size: int | None) -> None:
    """Brings `part` to its full length, in at most ATTEMPTS attempts."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _attempt(url, part, name=name, size=size)
        except _BrokenOff as broken:
            if attempt == ATTEMPTS:
                raise DownloadError(
                    f"can't download {public(url)} after {ATTEMPTS} attempts: {broken}. Run again to go on where it "
                    "broke off; or fetch the file elsewhere and set fetch_data.path to it"
                ) from broken
            wait = BACKOFF * 2 ** (attempt - 1)
            _say(f"{name}: {broken}; trying again in {wait:g} s")
            time.sleep(wait)


def _attempt(url: str, part: Path, *, name: str, size: int | None) -> None:
    start = part.stat().st_size if part.exists() and _validator(part).exists() else 0
    if start and start == size:
        return
    headers = {"Accept-Encoding": "identity", "User-Agent": "idealcat"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": _validator(part).read_text()}
    try:
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
            _receive(response, part, name=name, size=size, start=start)
    # Without their causes: a message of requests shows the query, which may be a secret.
    except requests.exceptions.SSLError as error:
        raise DownloadError(f"can't download {public(url)}: no trusted connection ({_reason(error)})") from None
    except (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError) as error:
        raise _BrokenOff(_reason(error)) from None
    except requests.RequestException as error:
        raise DownloadError(f"can't download {public(url)}: {type(error).__name__}") from None


def _receive(response: requests.Response, part: Path, *, name: str, size: int | None, start: int) -> None:
    """Writes the answer to `part`, after the `start` bytes that are there if the server goes on from them."""
    url, status = public(response.url), response.status_code
    if status == 416:
        part.unlink()
        raise _BrokenOff("the server has no such range")
    if status >= 500 or status in BUSY:
        raise _BrokenOff(f"the server answered HTTP {status} {response.reason}")
    if status not in (200, 206):
        raise DownloadError(f"can't download {url}: the server answered HTTP {status} {response.reason}")
    if status == 206 and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        part.unlink(missing_ok=True)
        raise _BrokenOff("the server sent another range than was asked for")
    start = start if status == 206 else 0
    length = response.headers.get("Content-Length", "")
    total = start + int(length) if length.isdigit() else size
    if size not in (None, total):
        _discard(part)
        raise DownloadError(f"{url} is not the expected file: expected {size} bytes, the server has {total}")
    if not start:
        part.write_bytes(b"")  # emptied before it gets a new validator: the two never disagree
        _remember_validator(response, part)
    _write(response, part, name=name, total=total, start=start)
    if total is not None and part.stat().st_size < total:
        raise _BrokenOff(f"the connection ended after {part.stat().st_size} of {total} bytes")


def _write(response: requests.Response, part: Path, *, name: str, total: int | None, start: int) -> None:
    if not sys.stderr.isatty():
        _say(f"downloading {name}, {total if total is not None else 'unknown'} bytes, from {public(response.url)}")
    written = start
    bar = tqdm(total=total, initial=start, desc=name, unit="B", unit_scale=True, unit_divisor=1024, disable=None)
    with bar, open(part, "ab") as file:
        # The bytes as they are on the server: requests would undo a Content-Encoding of gzip on a .tar.gz.
        for piece in response.raw.stream(CHUNK, decode_content=False):
            file.write(piece)
            bar.update(len(piece))
            written += len(piece)
            if total is not None and written > total:
                break  # _verify tells


def _verify(part: Path, url: str, *, size: int | None, sha256: str | None) -> None:
    length = part.stat().st_size
    if size not in (None, length):
        expected, received = f"{size} bytes", f"{length} bytes"
    elif sha256 and (found := sha256_of(part)) != sha256.lower():
        expected, received = f"sha256 {sha256.lower()}", found
    else:
        return
    _discard(part)
    raise DownloadError(
        f"{public(url)} is not the expected file: expected {expected}, received {received}; it was removed"
    )


def _validator(part: Path) -> Path:
    """The file that keeps what If-Range needs to tell whether the server's file is still the same."""
    return Path(f"{part}.validator")


def _remember_validator(response: requests.Response, part: Path) -> None:
    tag = response.headers.get("ETag", "")
    value = tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")
    if value:
        _validator(part).write_text(value)
    else:
        _validator(part).unlink(missing_ok=True)  # without it, a break means to start again


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _validator(part).unlink(missing_ok=True)


def _reason(error: BaseException) -> str:
    """What went wrong, in the system's words: a message of requests would show the query."""
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return f"no answer within {TIMEOUT[0]:g} s (to connect) or {TIMEOUT[1]:g} s (to go on)"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return "the connection broke off"


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
