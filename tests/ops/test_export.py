import json
import re
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ops import export


@pytest.fixture(autouse=True)
def exported(workspace):
    for name in ("README.md", "labels.json", "golden.json", "golden/a.jpg", "onnx/classifier.onnx"):
        path = Path("data/export", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def pushed(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["export", "--push", *arguments])
    export.main()


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_folder_gets_all_but_the_photos(monkeypatch, tmp_path):
    pushed(monkeypatch, str(tmp_path / "new"))
    assert files(tmp_path / "new") == ["README.md", "labels.json", "onnx/classifier.onnx"]
    pushed(monkeypatch, str(tmp_path / "new"), "--with-photos")
    assert "golden/a.jpg" in files(tmp_path / "new")


def test_folder_of_other_files_is_left_alone(monkeypatch, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(SystemExit, match="found other files"):
        pushed(monkeypatch, str(tmp_path / "mine"))
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "mine"


def test_without_an_export_the_stage_is_named(monkeypatch, tmp_path):
    Path("data/export/README.md").unlink()
    with pytest.raises(SystemExit, match="which the stage export writes"):
        pushed(monkeypatch, str(tmp_path / "new"))


@pytest.mark.parametrize("target", ["data/export", "data/export/sub", "data", "file", "file/sub"])
def test_folder_that_can_not_be_one_is_refused_in_a_line(monkeypatch, target):
    Path("file").touch()
    before = files(Path("data"))
    with pytest.raises(SystemExit, match=r"^export: [^\n]*$"):
        pushed(monkeypatch, target)
    assert files(Path("data")) == before


def test_export_without_a_model_is_not_handed_on(monkeypatch, tmp_path):
    shutil.rmtree("data/export/onnx")
    with pytest.raises(SystemExit, match=r"has no model: name some in export\.formats"):
        pushed(monkeypatch, str(tmp_path / "new"))


class Hub(BaseHTTPRequestHandler):
    """Takes a commit of files, as Hugging Face's hub does."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, body))
        if self.path.endswith("/preupload/main"):
            named = [{"path": file["path"], "uploadMode": "regular"} for file in json.loads(body)["files"]]
            answer = {"files": [file | {"shouldIgnore": False} for file in named]}
        else:
            url = f"http://127.0.0.1:{self.server.server_port}/ann/cats"
            answer = {"url": url, "commitUrl": f"{url}/commit/{'0' * 40}", "commitOid": "0" * 40}
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub(monkeypatch):
    """A server in the place of the hub, with all that it was `asked`."""
    pytest.importorskip("huggingface_hub", reason="requirements-export.txt is not installed")
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("HF_TOKEN", "hf_stand_in")
        yield server
        server.shutdown()
        thread.join()


def test_hub_gets_all_but_the_photos(monkeypatch, hub, capsys):
    pushed(monkeypatch, "hf:ann/cats")
    commit = next(body for path, body in hub.asked if "/commit/" in path)
    sent = [json.loads(line)["value"]["path"] for line in commit.splitlines() if b'"file"' in line]
    assert sorted(sent) == ["README.md", "labels.json", "onnx/classifier.onnx"]
    assert json.loads(hub.asked[0][1])["visibility"] == "private"
    assert re.search(r"export: http://127.*/ann/cats, without the golden photos", capsys.readouterr().out)


def test_hub_that_can_not_be_reached_ends_in_one_line(monkeypatch):
    pytest.importorskip("huggingface_hub", reason="requirements-export.txt is not installed")
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("HF_TOKEN", "hf_stand_in")
    with pytest.raises(SystemExit, match=r"^export: hf:ann/cats: [^\n]*$"):
        pushed(monkeypatch, "hf:ann/cats")


def test_hub_that_refuses_ends_in_one_line(monkeypatch):
    pytest.importorskip("huggingface_hub", reason="requirements-export.txt is not installed")
    with pytest.raises(SystemExit, match=r"^export: hf:not/a/name: ") as ended:
        pushed(monkeypatch, "hf:not/a/name")
    assert "\n" not in str(ended.value)
