"""The server as browsers and attackers meet it: over a socket."""

import io
import json
import os
import struct
import threading
import time
import urllib.error
import urllib.request
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import uvicorn
from PIL import Image

from idealcat.audit.limits import Limits
from idealcat.explain.overlay import jpeg, overlay
from idealcat.photos.decode import decode
from idealcat.photos.pixels import Pixels, photo_pixels
from idealcat.serving.photo_classifier import PhotoClassifier
from idealcat.serving.training_photos import TrainingPhotos
from idealcat.statistics.conformal import Thresholds
from ops.app.__main__ import allowed
from ops.app.server import FILES, LARGEST, application

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


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    app = application(Classifier(), hosts=["127.0.0.1"], training=training(folder), explain=drawn)
    before = Path.cwd()
    os.chdir(folder)
    config = uvicorn.Config(app, port=0, log_level="critical")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
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


def image(kind="PNG", size=(8, 8), mode="RGB", **options):
    stream = io.BytesIO()
    Image.new(mode, size, **({"color": 255} if mode == "L" else {"color": "white"} if mode == "RGB" else {})).save(
        stream, kind, **options
    )
    return stream.getvalue()


def png(width, height, data=b""):
    """A PNG that claims a size."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def hostile():
    """Uploads that are no photos, by name."""
    yield "empty", b""
    yield "zeros", bytes(1000)
    yield "text", b"hello"
    yield "html", b"<!doctype html><script>alert(1)</script>"
    yield "svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    yield "zip", b"PK\x03\x04" + bytes(100)
    yield "pickle", b"\x80\x04cos\nsystem\n(S'id'\ntR."
    yield "pdf", b"%PDF-1.7\n" + bytes(100)
    yield "elf", b"\x7fELF" + bytes(100)
    yield "bomb", png(60_000, 60_000)
    yield "negative", png(2**32 - 1, 2**32 - 1)
    yield "no width", png(0, 5)
    yield "no pixels", png(8, 8)
    yield "deflate bomb", png(8, 8, bytes(50_000_000))
    yield "heic", b"\x00\x00\x00\x18ftypheic" + bytes(64)
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"):
        whole = image(kind, (64, 64))
        yield f"{kind} cut", whole[: len(whole) // 2]
        yield f"{kind} magic alone", whole[:4]
        noise = bytearray(whole)
        noise[len(noise) // 3 :] = np.random.default_rng(0).bytes(len(noise) - len(noise) // 3)
        yield f"{kind} then noise", bytes(noise)
    yield "too many bytes", bytes(LARGEST + 1)


HOSTILE = dict(hostile())


def test_there_are_uploads_enough_to_try():
    assert len(HOSTILE) >= 30


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_upload_is_answered_in_a_line_and_ends_nothing(address, name):
    status, body = called(address, body=HOSTILE[name])
    answer = json.loads(body)
    assert status in (200, 413, 422)  # some broken files have pixels all the same
    assert "probabilities" in answer or ("Traceback" not in answer["error"] and "\n" not in answer["error"])
    status, body = called(address, body=image())
    assert json.loads(body)["probabilities"][0] == {"label": "cat", "probability": 1.0}


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
