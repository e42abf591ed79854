import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from idealcat.base.errors import DownloadError
from idealcat.sources import download as downloads
from idealcat.sources.download import download, public

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves CONTENT; `faults` are taken one a request: an HTTP status, or `break` after half of what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.ranges, self.etag = CONTENT, True, '"one"'
        self.faults: list[int | str] = []
        self.asked: list[str | None] = []
        self.url = f"http://127.0.0.1:{self.server_port}/files/cats.zip"

    def handle_error(self, *_: object) -> None:
        pass  # a client may hang up


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        server, wanted = self.server, self.headers["Range"]
        server.asked.append(wanted)
        fault = server.faults.pop(0) if server.faults else None
        if isinstance(fault, int):
            self.send_error(fault)
            return
        resumed = wanted and server.ranges and self.headers["If-Range"] == server.etag
        start = int(wanted[6:-1]) if resumed else 0
        body = server.content[start:]
        self.send_response(206 if resumed else 200)
        if resumed:
            self.send_header("Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Encoding", "gzip")  # as some servers say of a .tar.gz
        self.send_header("ETag", server.etag)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault == "break" else body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(downloads, "BACKOFF", 0.0)
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield server
        server.shutdown()


def fetch(server: Server, folder: Path, *, sha256: str | None = SHA256, size: int | None = len(CONTENT)) -> Path:
    return download(server.url, name="cats.zip", size=size, sha256=sha256, folder=folder)


def test_brings_the_bytes_as_they_are(server: Server, tmp_path: Path) -> None:
    assert fetch(server, tmp_path).read_bytes() == CONTENT


def test_never_fetches_twice(server: Server, tmp_path: Path) -> None:
    first = fetch(server, tmp_path)
    assert fetch(server, tmp_path) == first
    assert len(server.asked) == 1


def test_resumes_where_it_broke_off(server: Server, tmp_path: Path) -> None:
    server.faults = ["break"]
    assert fetch(server, tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, f"bytes={len(CONTENT) // 2}-"]


def test_a_later_call_resumes(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "ATTEMPTS", 1)
    server.faults = ["break"]
    with pytest.raises(DownloadError, match=r"ended|broke off"):
        fetch(server, tmp_path)
    assert fetch(server, tmp_path).read_bytes() == CONTENT
    assert server.asked[1] == f"bytes={len(CONTENT) // 2}-"


def test_starts_again_when_the_server_ignores_ranges(server: Server, tmp_path: Path) -> None:
    server.faults, server.ranges = ["break"], False
    assert fetch(server, tmp_path).read_bytes() == CONTENT


def test_starts_again_when_the_file_changed_meanwhile(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "ATTEMPTS", 1)
    server.faults = ["break"]
    with pytest.raises(DownloadError):
        fetch(server, tmp_path, sha256=None, size=None)
    server.etag, server.content = '"two"', CONTENT[::-1]
    assert fetch(server, tmp_path, sha256=None, size=None).read_bytes() == CONTENT[::-1]


def test_a_part_that_is_too_long_is_started_again(server: Server, tmp_path: Path) -> None:
    part = tmp_path / f"{SHA256[:16]}-cats.zip.part"
    part.write_bytes(CONTENT + b"more")
    downloads._validator(part).write_text("stale")
    assert fetch(server, tmp_path).read_bytes() == CONTENT


def test_tries_again_on_server_errors(server: Server, tmp_path: Path) -> None:
    server.faults = [500, 503, 429]
    assert fetch(server, tmp_path).read_bytes() == CONTENT


def test_gives_up_after_a_few_attempts(server: Server, tmp_path: Path) -> None:
    server.faults = [500] * 10
    with pytest.raises(DownloadError, match=r"after 4 attempts: .*HTTP 500.*fetch_data\.path"):
        fetch(server, tmp_path)
    assert len(server.asked) == 4


def test_a_missing_file_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    server.faults = [404]
    with pytest.raises(DownloadError, match="HTTP 404"):
        fetch(server, tmp_path)
    assert len(server.asked) == 1


def test_wrong_bytes_are_removed(server: Server, tmp_path: Path) -> None:
    server.content = CONTENT[::-1]
    received = hashlib.sha256(server.content).hexdigest()
    with pytest.raises(DownloadError, match=rf"cats\.zip .*expected sha256 {SHA256}, received {received}"):
        fetch(server, tmp_path)
    assert not list(tmp_path.glob("*.part*")) and not list(tmp_path.glob("*cats.zip"))


def test_wrong_size_is_refused_before_the_bytes_come(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=f"expected 7 bytes, the server has {len(CONTENT)}"):
        fetch(server, tmp_path, size=7)


def test_without_a_checksum_the_url_is_the_key(server: Server, tmp_path: Path) -> None:
    first = fetch(server, tmp_path, sha256=None, size=None)
    server.url += "?version=2"
    assert fetch(server, tmp_path, sha256=None, size=None) != first
    assert len(server.asked) == 2


def test_two_at_once_fetch_once(server: Server, tmp_path: Path) -> None:
    threads = [threading.Thread(target=fetch, args=[server, tmp_path]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked) == 1


def test_offline_says_what_to_do_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "BACKOFF", 0.0)
    url = "http://user:secret@127.0.0.1:9/cats.zip?token=secret"
    with pytest.raises(DownloadError, match=r"http://127\.0\.0\.1:9/cats\.zip .*fetch_data\.path") as caught:
        download(url, name="cats.zip", size=None, sha256=None, folder=tmp_path)
    assert "secret" not in str(caught.value)


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match="IDEALCAT_CACHE"):
        download("http://127.0.0.1:9/x", name="x", size=None, sha256=None, folder=tmp_path / "file" / "downloads")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.org/b.zip?sig=1#x", "https://a.org/b.zip"),
        ("https://me:p@ss@a.org:8080/b.zip", "https://a.org:8080/b.zip"),
        ("https://a.org/@scope/b.zip", "https://a.org/@scope/b.zip"),
    ],
)
def test_public_shows_no_secret(url: str, shown: str) -> None:
    assert public(url) == shown
