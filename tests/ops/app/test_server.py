"""The server as browsers and attackers meet it: over a socket."""

import hashlib
import io
import json
import os
import socket
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import uvicorn
from PIL import Image

from idealcat.audit.heat_maps.overlay import jpeg, overlay
from idealcat.audit.limits import Limits
from idealcat.photos.decode import decode
from idealcat.photos.pixels import Pixels, photo_pixels
from idealcat.serving.photo_classifier import PhotoClassifier
from idealcat.serving.training_photos import TrainingPhotos
from idealcat.statistics.conformal import Thresholds
from ops.app import server
from ops.app.__main__ import allowed
from ops.app.mistakes import Mistakes
from ops.app.server import FILES, application
from tests.ops.app.hostile import HOSTILE, image

LABELS = ["cat", "<img src=x onerror=alert(1)>"]


class Classifier(PhotoClassifier):
    """Brightness as a probability: decoding is the real one, the network need not be."""

    def __init__(self):
        thresholds = Thresholds(np.array([0.9, 0.9]), np.ones(2, bool), np.array([9, 9]))
        self.labels, self.limits = LABELS, Limits(LABELS, 0.9, 0.95, thresholds)

    def outputs(self, content):
        share = photo_pixels(content, Pixels(4), max_pixels=1_000_000).mean() / 255
        return np.array([share, 1 - share, share, 1 - share])


def training(folder):
    """A white and a black photo, which the classifier has learnt from."""
    rows = []
    for name, colour in (("white", "white"), ("black", "black")):
        path = folder / f"{name}.png"
        Image.new("RGB", (8, 8), colour).save(path)
        rows.append((path.name, name[0] * 64, name))
    return TrainingPhotos(pd.DataFrame(rows, columns=["path", "sha256", "label"]), np.eye(2))


def drawn(content):
    """The overlay of a map that speaks for the class everywhere."""
    return jpeg(overlay(decode(content, max_pixels=1_000_000), np.ones((2, 2)), "squash"))


def mistakes(folder):
    """One photo that is there, and one that has changed."""
    shown = []
    for name in ("grey", "changed"):
        path = folder / f"{name}.png"
        Image.new("RGB", (8, 8), "grey").save(path)
        sha256 = hashlib.sha256(path.read_bytes() if name == "grey" else b"").hexdigest()
        shown.append({"path": path.name, "sha256": sha256, "label": "dog", "predicted": "cat", "probability": 0.9})
    return Mistakes(tested=10, wrong=2, photos=shown)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    app = application(
        Classifier(), hosts=["127.0.0.1"], training=training(folder), explain=drawn, mistakes=mistakes(folder)
    )
    before = Path.cwd()
    os.chdir(folder)
    config = uvicorn.Config(app, port=0, log_level="critical")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join()
    os.chdir(before)


def called(address, path="/classify", body=None, **headers):
    """Status and body of an answer."""
    request = urllib.request.Request(
        address + path, data=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def sent(address, content):
    """What the server says to bytes on a socket until it closes; in the end the sender hangs up in any case."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def post(address, body=b"", *headers):
    """A request as bytes."""
    lines = ["POST /classify HTTP/1.1", f"Host: {address.removeprefix('http://')}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def still_answers(address):
    status, body = called(address, body=image())
    return status == 200 and json.loads(body)["probabilities"][0] == {"label": "cat", "probability": 1.0}


# What is wrong with the request itself, whatever it brings.
REQUESTS = {
    "hung up midway": (image()[:20], "Content-Length: 1000"),
    "length that is none": (image(), "Content-Length: much"),
    "two lengths": (image(), "Content-Length: 3", "Content-Length: 99"),
    "chunks that are none": (b"zz\r\nhello\r\n", "Transfer-Encoding: chunked"),
    "chunk without end": (b"ffffffff\r\nhello", "Transfer-Encoding: chunked"),
    "headers without end": (b"", *(f"A{number}: {'a' * 1000}" for number in range(100))),
    "nothing but noise in a header": (image(), "Content-Length: 3", "A: \x00\x01\xff"),
}


def test_there_are_thirty_kinds_of_uploads():
    assert len({name.split(":")[0] for name in HOSTILE}) + len(REQUESTS) >= 30


@pytest.mark.parametrize("name", REQUESTS)
def test_hostile_request_is_refused_without_a_trace_and_ends_nothing(address, name):
    answer = sent(address, post(address, *REQUESTS[name]))
    assert answer[:13] in (b"", b"HTTP/1.1 400 ", b"HTTP/1.1 422 ", b"HTTP/1.1 200 ")
    assert b"Traceback" not in answer
    assert still_answers(address)


def test_slow_upload_is_given_up(address, monkeypatch):
    monkeypatch.setattr(server, "UPLOAD", 0.1)
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(post(address, b"a", "Content-Length: 1000"))
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")
    assert still_answers(address)


def test_uploads_at_once_beyond_what_is_held_are_told_to_wait(address):
    host, port = address.removeprefix("http://").split(":")
    begun = [socket.create_connection((host, int(port)), timeout=10) for _ in range(server.WAITING)]
    for connection in begun:
        connection.sendall(post(address, b"a", "Content-Length: 1000"))
    while (status := called(address, body=image())[0]) == 200:
        pass  # not all have been taken in yet
    assert status == 503
    for connection in begun:
        connection.close()
    while not still_answers(address):
        pass


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_upload_is_answered_in_a_line_and_ends_nothing(address, name):
    status, body = called(address, body=HOSTILE[name])
    answer = json.loads(body)
    assert status in (200, 413, 422)  # some broken files have pixels all the same
    assert "probabilities" in answer or ("Traceback" not in answer["error"] and "\n" not in answer["error"])
    assert still_answers(address)


def test_page_of_another_origin_or_name_is_refused(address):
    assert called(address, body=image(), Origin="https://evil.example")[0] == 403
    assert called(address, "/about", Host="evil.example")[0] == 400
    assert called(address, body=image(), Origin=address)[0] == 200


def test_answer_has_the_set_and_the_nearest_training_photos(address):
    answer = json.loads(called(address, body=image())[1])
    assert (answer["set"], answer["coverage"], answer["unknown"]) == (["cat"], 0.9, None)
    assert [near["label"] for near in answer["nearest"]] == ["white", "black"]
    status, body = called(address, "/" + answer["nearest"][0]["photo"])
    assert (status, Image.open(io.BytesIO(body)).getpixel((4, 4))) == (200, (255, 255, 255))
    assert called(address, "/photo/" + "0" * 64)[0] == 404


def test_a_mistake_is_given_out_as_it_is_and_no_other_photo(address):
    listed = json.loads(called(address, "/mistakes")[1])
    assert (listed["tested"], listed["wrong"]) == (10, 2)
    grey, changed = listed["photos"]
    status, body = called(address, "/" + grey["original"])
    assert (status, hashlib.sha256(body).hexdigest()) == (200, grey["sha256"])
    assert called(address, "/" + grey["photo"])[0] == 200
    status, body = called(address, "/" + changed["original"])
    assert (status, "has changed" in json.loads(body)["error"]) == (404, True)
    assert called(address, "/original/" + "w" * 64)[0] == 404  # a training photo


def test_nothing_but_the_page_is_served(address):
    for name in FILES:
        assert called(address, f"/{name}")[0] == 200
    for name in ("params.yaml", "../params.yaml", "%2e%2e/params.yaml", "ask_browser.js", "docs", "openapi.json"):
        assert called(address, f"/{name}")[0] == 404


def test_page_forbids_what_it_does_not_need(address):
    with urllib.request.urlopen(address) as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_only_an_open_address_may_be_called_by_any_name(capsys):
    assert "*" not in allowed("127.0.0.1") + allowed("localhost") + allowed("::1")
    assert allowed("0.0.0.0") == ["*"]
    assert "anyone" in capsys.readouterr().err


def test_a_heat_map_is_a_picture_and_what_is_no_photo_has_none(address):
    status, content = called(address, "/explain", image())
    assert status == 200
    assert Image.open(io.BytesIO(content)).size == (8, 8)
    status, content = called(address, "/explain", b"hello")
    assert (status, "no photo" in json.loads(content)["error"]) == (422, True)
