"""Stand-ins for github.com with its API and for a GitLab, on this machine, for the real git, gh and curl.

Programs reach them through a proxy, which is what ends their TLS: no address of a workflow has to be changed.
"""

import base64
import gzip
import json
import os
import re
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

GITHUB, GITLAB = "github.com", "gitlab.example.com"
REPOSITORY, TOKEN = "ann/cats", "s3cret"
HOSTS = (GITHUB, f"api.{GITHUB}", GITLAB)
BOT = {"login": "github-actions[bot]", "type": "Bot"}


class Hosting(ThreadingHTTPServer):
    """One repository, a bare folder, with its comments, notes and pull requests, each as its API shows it."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bare, self.certificate = folder / "remote.git", folder / "hosting.pem"
        names = ",".join(f"DNS:{host}" for host in HOSTS)
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=hosting"]
        command += ["-keyout", str(self.certificate) + ".key", "-out", str(self.certificate)]
        subprocess.run([*command, "-addext", f"subjectAltName={names}"], check=True, capture_output=True)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self.certificate, str(self.certificate) + ".key")
        self.comments: list[dict] = []
        self.notes: list[dict] = []
        self.pull_requests: list[dict] = []

    @property
    def environment(self) -> dict[str, str]:
        """What programs need to come here."""
        proxy = f"http://127.0.0.1:{self.server_port}"
        trust = dict.fromkeys(("SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"), str(self.certificate))
        return {"HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": "127.0.0.1,localhost", **trust}


@contextmanager
def hosting(folder: Path) -> Iterator[Hosting]:
    """The stand-ins while the block runs, of the bare repository `remote.git` in `folder`."""
    with Hosting(folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class Handler(BaseHTTPRequestHandler):
    """A proxy that answers for the hosts itself, by the documented parts of their APIs that the workflows use."""

    protocol_version = "HTTP/1.1"
    server: Hosting

    def log_message(self, *words: object) -> None:
        """No log."""

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def answer(self) -> None:
        """Answers any method."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        host, address = self.headers["Host"].partition(":")[0], urlsplit(self.path)
        if host not in HOSTS:
            self.reply(502, f"no such host here: {host}")
        elif host == f"api.{GITHUB}":
            self.reply(*github(self, address.path, parse_qs(address.query), body))
        elif address.path.startswith("/api/v4/"):
            self.reply(*gitlab(self, address.path, body))
        else:
            self.git(address.path, address.query, body)

    do_GET = do_POST = do_PATCH = do_PUT = answer

    @property
    def trusted(self) -> bool:
        """Whether the request bears the token, in whatever form."""
        kind, _, word = self.headers.get("Authorization", "").partition(" ")
        shown = base64.b64decode(word).decode().partition(":")[2] if kind.lower() == "basic" else word
        return TOKEN in (shown, self.headers.get("PRIVATE-TOKEN"))

    def git(self, path: str, query: str, body: bytes) -> None:
        """What git's own server says; a push needs the token."""
        if "git-receive-pack" in path + query and not self.trusted:
            self.reply(401, "who are you?", {"WWW-Authenticate": "Basic realm=git"})
            return
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        variables = {"GIT_HTTP_EXPORT_ALL": "1", "GIT_PROJECT_ROOT": str(self.server.bare), "REMOTE_USER": "ann"}
        variables |= {"PATH_INFO": re.sub(rf"^/{REPOSITORY}(\.git)?(?=/)", "", path), "QUERY_STRING": query}
        variables |= {"REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", "")}
        variables |= {"GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "REMOTE_ADDR": "127.0.0.1"}
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=os.environ | variables, capture_output=True, check=True
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.reply(int(headers.pop("Status", "200").split()[0]), content, headers)

    def reply(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        """Sends bytes as they are, all else as JSON."""
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def github(request: Handler, path: str, query: dict[str, list[str]], body: bytes) -> tuple[int, object]:
    """docs.github.com/rest: issue comments (list, create, update) and pull requests (list, create)."""
    server, start = request.server, f"/repos/{REPOSITORY}"
    sent = json.loads(body) if body else {}
    asked = request.command, re.sub(r"\d+", "N", path) if request.trusted else ""
    status, told = 404, {"message": f"Not Found: {request.command} {path}"}
    if not request.trusted:
        status, told = 401, {"message": "Bad credentials"}
    elif asked == ("GET", f"{start}/pulls"):
        heads = query["head"] if query["state"] == ["all"] else []
        status, told = 200, [some for some in server.pull_requests if f"ann:{some['head']}" in heads]
    elif asked == ("POST", f"{start}/pulls"):
        told = sent | {"html_url": f"https://{GITHUB}/{REPOSITORY}/pull/{len(server.pull_requests) + 1}"}
        status = 201
        server.pull_requests.append(told)
    elif asked == ("GET", f"{start}/issues/N/comments"):
        status, told = 200, server.comments
    elif asked == ("POST", f"{start}/issues/N/comments"):
        status, told = 201, sent | {"id": len(server.comments) + 1, "user": BOT}
        server.comments.append(told)
    elif asked == ("PATCH", f"{start}/issues/comments/N"):
        status, told = 200, server.comments[int(path.rpartition("/")[2]) - 1]
        told |= sent
    return status, told


def gitlab(request: Handler, path: str, body: bytes) -> tuple[int, object]:
    """docs.gitlab.com/api/notes: of a merge request (list, create, update)."""
    notes = request.server.notes
    if not request.trusted:
        return 401, {"message": "401 Unauthorized"}
    found = re.fullmatch(r"/api/v4/projects/1/merge_requests/1/notes(?:/(\d+))?", path)
    if not found:
        return 404, {"message": f"404 Not found: {request.command} {path}"}
    if request.command == "GET":
        return 200, notes
    text = parse_qs(body.decode())["body"][0]
    if request.command == "POST":
        notes.append({"id": len(notes) + 1, "body": text})
        return 201, notes[-1]
    notes[int(found[1]) - 1]["body"] = text
    return 200, notes[int(found[1]) - 1]
