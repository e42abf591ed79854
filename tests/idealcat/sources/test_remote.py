import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest
from fsspec import AbstractFileSystem

from idealcat.base.errors import DownloadError, SourceError
from idealcat.sources import remote
from idealcat.sources.remote import read_bytes
from tests.idealcat.sources.albums import fetched, read, write


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(source: Path) -> Iterator[str]:
    """The address of a server of the folder `source`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(source))) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_table_at_an_address_and_its_photos(source: Path, site: str) -> None:
    table = f"image,label\nphotos/1.jpg,cat\n{site}/photos/2.jpg?key=secret,dog\nphotos/3.jpg,dog\n"
    write(source, {"photos/1.jpg": "one", "photos/2.jpg": "two", "table.csv": table})
    result = fetched("table", f"{site}/table.csv")
    assert result.classes == {"cat": 1, "dog": 1}
    assert result.left_out == [f"{site}/photos/3.jpg (no such file)"]
    assert sorted(read().values())[-2:] == ["one", "two"]


def test_a_table_here_and_photos_elsewhere(source: Path, site: str) -> None:
    write(source, {"1.jpg": "one"})
    write(Path("tables"), {"t.csv": f"url,label\n{site}/1.jpg,cat\n{site}/1.jpg?a,dog\n"})
    assert fetched("table", "tables/t.csv").classes == {"cat": 1, "dog": 1}


def test_a_server_that_is_away_ends_the_run(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "BACKOFF", 0)
    monkeypatch.setattr(remote, "_session", remote._session.__wrapped__)  # not the one that other tests made
    write(
        workspace, {"t.csv": "url,label\nhttp://user:secret@127.0.0.1:9/1.jpg?key=secret,cat\n1.jpg,dog\n", "1.jpg": ""}
    )
    with pytest.raises((DownloadError, SourceError)) as caught:
        fetched("table", "t.csv")
    assert "http://127.0.0.1:9/1.jpg" in str(caught.value) and "secret" not in str(caught.value)
    assert not Path("data/raw").exists()


class Refusing(AbstractFileSystem):
    """A bucket whose package raises an error of its own, as botocore does without credentials."""

    def open(self, *_: object, **__: object) -> None:
        raise RuntimeError("no credentials")


def test_an_error_of_a_protocols_package_is_one_line() -> None:
    fsspec.register_implementation("refusing", Refusing, clobber=True)
    with pytest.raises(DownloadError, match=r"can.t read refusing://bucket/t\.csv: no credentials"):
        read_bytes("refusing://bucket/t.csv")


@pytest.mark.parametrize("url", ["nothing://bucket/t.csv", "memory://nowhere/t.csv"])
def test_an_address_that_cannot_be_read_is_named(url: str) -> None:
    with pytest.raises(SourceError, match=url):
        read_bytes(url)
