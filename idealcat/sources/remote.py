"""Files at addresses: https, and whatever fsspec has a package for (s3, gs, ...)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from tqdm import tqdm
from urllib3.util import Retry

from idealcat.base.errors import DownloadError, SourceError
from idealcat.sources.download import TIMEOUT, public
from idealcat.sources.layout import Found, Listed

THREADS = 16  # downloads at a time
BACKOFF = 0.5  # seconds before the second try again, twice as long before each further one


class _Missing(Exception):
    """There is no such file."""


def read_bytes(path: str) -> bytes:
    """The content of a file or an address. Raises SourceError or DownloadError."""
    try:
        return _fetch(path) if "://" in path else Path(path).read_bytes()
    except _Missing as error:
        raise SourceError(f"no such file: {public(path)}") from error
    except OSError as error:
        raise SourceError(f"can't read {path}: {error.strerror or error}") from error


def brought(found: Found, scratch: Path) -> Found:
    """`found` with what lies at addresses downloaded into `scratch`; files that no server has are left out.

    Raises:
        DownloadError: a server can't be reached or refuses: the photos would be fewer without a reason of their own.
    """
    far = [photo for photo in found.photos if "://" in str(photo.file)]
    if not far:
        return found
    folder = scratch / "downloaded"
    folder.mkdir()

    def fetch(item: tuple[int, Listed]) -> Path | None:
        number, photo = item
        try:
            content = _fetch(str(photo.file))
        except _Missing:
            return None
        (folder / str(number)).write_bytes(content)
        return folder / str(number)

    with ThreadPoolExecutor(THREADS) as pool:
        try:
            bar = tqdm(pool.map(fetch, enumerate(far)), total=len(far), desc="downloads", unit="photo", disable=None)
            local = dict(zip(far, bar, strict=True))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    photos = [photo if photo not in local else photo._replace(file=local[photo] or "") for photo in found.photos]
    lost = [f"{public(str(photo.file))} (no such file)" for photo in far if local[photo] is None]
    return replace(found, photos=[photo for photo in photos if photo.file], left_out=found.left_out + lost)


def _fetch(url: str) -> bytes:
    """The content at an address. Raises _Missing or DownloadError."""
    if url.startswith(("http://", "https://")):
        try:
            with _session().get(url, timeout=TIMEOUT) as response:
                if response.status_code in (404, 410):
                    raise _Missing
                if response.status_code != 200:
                    raise DownloadError(f"can't download {public(url)}: HTTP {response.status_code} {response.reason}")
                return response.content
        except requests.RequestException as error:  # without its cause, which shows the query
            raise DownloadError(f"can't download {public(url)}: {type(error).__name__}") from None
    import fsspec  # noqa: PLC0415 most addresses are https

    try:
        with fsspec.open(url) as file:
            return file.read()
    except FileNotFoundError as error:
        raise _Missing from error
    except (ImportError, ValueError) as error:  # the protocol's package is missing, or the protocol is unknown
        raise SourceError(f"can't read {public(url)}: {error}") from error
    except Exception as error:
        raise DownloadError(f"can't read {public(url)}: {error}") from error


@cache
def _session() -> requests.Session:
    """One session for all threads, which tries again where a server is busy."""
    session = requests.Session()
    busy = (408, 429, 500, 502, 503, 504)
    again = Retry(total=4, backoff_factor=BACKOFF, status_forcelist=busy, raise_on_status=False)
    adapter = HTTPAdapter(max_retries=again, pool_maxsize=THREADS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
