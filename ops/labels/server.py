"""A small server for one person on this machine: it shows suspected photos and takes decisions.

It listens on the loopback interface alone and answers to its own name alone: a page elsewhere can't reach it by giving
its own name this address. It takes decisions only with a token that its page holds. The page loads nothing from
elsewhere.
"""

import base64
import json
import secrets
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Lock

from idealcat.base.errors import DataError
from idealcat.report.thumbnails import thumbnail
from ops.labels.queue import Suspect, decide

SIDE = 512  # pixels of a photo, at most
MOST = 4096  # bytes of a decision
PAGE = files("ops.labels").joinpath("page.html")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, suspects: Sequence[Suspect], *, port: int, max_pixels: int) -> None:
        self.suspects = {suspect.sha256: suspect for suspect in suspects}
        self.paths = {photo.sha256: photo.path for suspect in suspects for photo in (suspect, *suspect.neighbours)}
        self.token = secrets.token_urlsafe(16)
        self.thumbnail = partial(thumbnail, side=SIDE, max_pixels=max_pixels, quality=85)
        self.writing = Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def page(self) -> bytes:
        """The page with the photos to decide on; as JSON in it, no label can end the script that holds it."""
        content = json.dumps([suspect.as_json() for suspect in self.suspects.values()]).replace("<", "\\u003c")
        text = PAGE.read_text(encoding="utf-8").replace("TOKEN", self.token)
        return text.replace("SUSPECTS", content).encode()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if not self._own_name():
            return
        if self.path == "/":
            self._answer(self.server.page(), "text/html; charset=utf-8")
            return
        path = self.server.paths.get(self.path.removeprefix("/photo/"))
        uri = self.server.thumbnail(path) if path else None
        if uri is None:
            self._answer(b"no such photo", status=HTTPStatus.NOT_FOUND)
        else:
            self._answer(base64.b64decode(uri.partition(",")[2]), "image/webp")

    def do_POST(self) -> None:
        if not self._own_name():
            return
        if not secrets.compare_digest(self.headers.get("X-Token", "").encode(), self.server.token.encode()):
            self._answer(b"only the page may decide; load it again", status=HTTPStatus.FORBIDDEN)
            return
        try:
            sent = json.loads(self.rfile.read(max(0, min(int(self.headers.get("Content-Length", 0)), MOST))))
            with self.server.writing:
                decide(self.server.suspects[sent["sha256"]], sent["decision"])
        except (ValueError, KeyError, TypeError):
            self._answer(b"expected a suspected photo and a decision", status=HTTPStatus.BAD_REQUEST)
        except (DataError, OSError) as error:
            self._answer(str(error).encode(), status=HTTPStatus.CONFLICT)
        else:
            self._answer(b"written")

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing: the page shows what happens."""

    def _own_name(self) -> bool:
        names = {f"{name}:{self.server.server_port}" for name in ("127.0.0.1", "localhost")}
        if self.headers.get("Host") in names:
            return True
        self._answer(b"this server answers on 127.0.0.1 alone", status=HTTPStatus.FORBIDDEN)
        return False

    def _answer(
        self, content: bytes, kind: str = "text/plain; charset=utf-8", *, status: HTTPStatus = HTTPStatus.OK
    ) -> None:
        own = f"'nonce-{self.server.token}'"
        policy = f"default-src 'none'; img-src 'self' data:; connect-src 'self'; style-src {own}; script-src {own}"
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(content))),
            ("Content-Security-Policy", policy + "; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def serve(suspects: Sequence[Suspect], *, port: int, max_pixels: int) -> ThreadingHTTPServer:
    """A server that listens on 127.0.0.1; port 0 is one that is free. Raises OSError where the port is taken."""
    return _Server(suspects, port=port, max_pixels=max_pixels)
