"""The page and its static copy as their users open them: in Chromium."""

import hashlib
import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.chromium import go_offline, handed_out
from idealcat.audit.limits import Limits, write_limits
from idealcat.audit.unknowns import fit_unknowns
from idealcat.statistics.conformal import Thresholds
from ops.app.mistakes import Mistakes
from tests.small_classifier import small_classifier, write_photos, write_small_classifier

pytestmark = pytest.mark.slow


@pytest.fixture
def served(workspace):
    """The address of the page of `make app`, with a small classifier behind it."""
    import uvicorn

    from idealcat.serving.conversion import local_classifier
    from idealcat.serving.photo_classifier import PhotoClassifier
    from ops.app.__main__ import heat_maps
    from ops.app.champion import Champion
    from ops.app.server import application

    labels = write_small_classifier()
    classifier = local_classifier()
    other = PhotoClassifier(classifier.model, labels[1:] + labels[:1])  # the same probabilities of other classes
    other.model = b"another"
    app = application(
        classifier,
        hosts=["127.0.0.1"],
        explain=heat_maps(max_pixels=10_000),
        champion=Champion(classifier, lambda: ("7", other)),
        mistakes=small_mistakes(),
    )
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = True
    thread.join()


def small_mistakes():
    """Two photos, the second of which is gone."""
    paths = write_photos(Path("wrong"), 2)
    digests = [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in paths]
    Path(paths[1]).unlink()
    said = {"label": "cat", "predicted": "<i>hen", "probability": 0.97}
    return Mistakes(
        40, 2, [{"path": path, "sha256": sha256, **said} for path, sha256 in zip(paths, digests, strict=True)]
    )


@pytest.fixture
def bundle(tmp_path):
    """The address of the static folder, and the classifier that it was exported from."""
    from idealcat.base.errors import EngineError
    from idealcat.base.files import write_json
    from idealcat.export.formats.browser import FORMAT, runtime

    pytest.importorskip("onnxruntime", reason="requirements-export.txt is not installed")
    try:
        runtime()
    except EngineError as error:
        pytest.skip(f"no onnxruntime-web: {error}")
    write_json(tmp_path / "labels.json", ["cat", "dog", "<i>hen"])
    classifier = small_classifier()
    limits = small_limits(classifier, tmp_path)
    write_limits(limits, "", tmp_path / "limits.json")
    FORMAT.convert(classifier, tmp_path / "browser", np.empty((0, 16, 16, 3)))

    with handed_out(tmp_path / "browser") as address:
        yield address, classifier, limits


def small_limits(classifier, folder):
    """Limits under which some photos are unknown to the small classifier, and some sets hold several classes."""
    outputs = answers_and_features(classifier, write_photos(folder / "known", 40))
    unknowns = fit_unknowns(outputs[:, 3:], np.arange(40) % 3, np.arange(40) % 5, known=0.5)
    thresholds = Thresholds(np.quantile(outputs[:, :3], 0.4, axis=0), np.ones(3, bool), np.full(3, 13))
    return Limits(["cat", "dog", "<i>hen"], 0.9, 0.5, thresholds, unknowns)


def answers_and_features(classifier, paths):
    from idealcat.networks.classifier import run_on_photos
    from idealcat.networks.joined import with_features

    return run_on_photos(with_features(classifier), paths, description="test")


def opened(browser, address):
    browser.get(address)
    until(browser, lambda: browser.find_element("tag name", "body").get_attribute("data-ready") == "true")


def until(browser, met, seconds=60):
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, browser.find_element("tag name", "body").text
        time.sleep(0.05)


def send(browser, paths):
    """Chooses files, and waits for an answer to each."""
    before = len(cards(browser))
    browser.find_element("id", "files").send_keys("\n".join(str(Path(path).absolute()) for path in paths))
    until(browser, lambda: len(cards(browser)) == before + len(paths))


def cards(browser):
    return browser.find_elements("css selector", "#answers > li")


def test_photos_and_wrong_files_are_answered(browser, served, tmp_path):
    opened(browser, served)
    (tmp_path / "wrong.jpg").write_text("no photo")
    send(browser, [*write_photos(tmp_path, 1), tmp_path / "wrong.jpg"])
    wrong, right = cards(browser)
    assert "no photo that can be read" in wrong.text
    until(browser, lambda: not wrong.find_elements("tag name", "img"))
    assert "0000.png" in right.text
    assert not browser.find_elements("tag name", "i")  # of the label <i>hen
    assert "<i>hen" in right.text


def test_why_shows_where_the_photo_speaks_for_the_answer(browser, served, tmp_path):
    opened(browser, served)
    send(browser, write_photos(tmp_path, 1))
    (card,) = cards(browser)
    label = card.find_element("tag name", "h2").text.rsplit(",", 1)[0]
    card.find_element("css selector", ".plain").click()
    until(browser, lambda: "Orange speaks for" in card.text)
    shown = card.find_element("tag name", "img")
    until(browser, lambda: browser.execute_script("return arguments[0].naturalWidth", shown) == 20)
    assert shown.get_attribute("alt") == f"Heat map: where the photo speaks for {label}"
    assert browser.switch_to.active_element.text == f"Orange speaks for {label}, blue against it."


def test_the_champion_answers_beside_the_classifier(browser, served, tmp_path):
    opened(browser, served)
    until(browser, lambda: "champion, version 7" in browser.find_element("id", "champion").text)
    send(browser, write_photos(tmp_path, 1))
    (card,) = cards(browser)
    best = card.find_element("tag name", "h2").text.rsplit(",", 1)[0]
    other = {"cat": "dog", "dog": "<i>hen", "<i>hen": "cat"}[best]
    assert f"The champion (version 7) says {other}" in card.text
    assert [head.text for head in card.find_elements("css selector", "thead th")] == ["class", "here", "champion"]
    rows = [row.text.rsplit(" ", 4) for row in card.find_elements("css selector", "tbody tr")]
    here = {name: share for name, share, *_ in rows}
    champion = {name: share for name, _, _, share, _ in rows}
    assert champion[other] == here[best]


def test_a_mistake_is_opened_by_keys_as_a_dropped_photo(browser, served):
    from selenium.webdriver.common.keys import Keys

    opened(browser, served)
    summary = browser.find_element("css selector", "#mistakes summary")
    until(browser, lambda: summary.text == "Mistakes: 2 of 40 test photos")
    summary.send_keys(Keys.ENTER)
    there, gone = browser.find_elements("css selector", "#mistakes button")
    assert there.text == "cat, taken for <i>hen, 97.0 %"
    there.send_keys(Keys.ENTER)
    until(browser, lambda: len(cards(browser)) == 1)
    assert browser.switch_to.active_element == cards(browser)[0]
    assert "0000.png, labelled cat" in cards(browser)[0].text
    gone.send_keys(Keys.ENTER)
    until(browser, lambda: "can't be read" in gone.text)


def test_fifty_files_at_once_are_each_answered(browser, served, tmp_path):
    opened(browser, served)
    send(browser, write_photos(tmp_path, 50))
    assert browser.find_element("id", "status").text == "50 answered"


def test_camera_takes_a_photo_by_keys(browser, served):
    from selenium.webdriver.common.keys import Keys

    opened(browser, served)
    browser.find_element("id", "camera").send_keys(Keys.ENTER)
    until(browser, lambda: browser.execute_script("return document.querySelector('#video').videoWidth") > 0)
    assert browser.switch_to.active_element.get_attribute("id") == "shoot"
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    until(browser, lambda: len(cards(browser)) == 1)
    assert "from the camera" in cards(browser)[0].text
    browser.find_element("id", "stop").click()
    assert not browser.find_element("id", "video").is_displayed()


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(browser, served, tmp_path, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    opened(browser, served)
    long = tmp_path / f"{'a' * 200}.png"
    Path(write_photos(tmp_path, 1)[0]).rename(long)
    send(browser, [long])
    until(browser, lambda: browser.find_elements("css selector", "#mistakes button"))
    browser.find_element("css selector", "#mistakes summary").click()
    assert browser.execute_script("return document.documentElement.scrollWidth") == width


def test_static_page_answers_as_keras_does_with_the_network_off(browser, bundle, tmp_path):
    address, classifier, limits = bundle
    opened(browser, address)
    go_offline(browser)
    paths = write_photos(tmp_path / "photos", 49)
    turned = tmp_path / "photos" / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(paths[0]).save(turned, exif=exif, quality=95)
    size = {"width": 390, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    send(browser, [*paths, turned])
    assert browser.execute_script("return document.documentElement.scrollWidth") == 390
    assert not browser.find_element("id", "mistakes").is_displayed()  # nor a champion: both need the server
    names = ["cat", "dog", "<i>hen"]
    judged = []
    for card, outputs in zip(
        reversed(cards(browser)), answers_and_features(classifier, [*paths, str(turned)]), strict=True
    ):
        answer = limits.judge(outputs[:3], outputs[3:])
        told = f"{names[outputs[:3].argmax()]}, {100 * outputs[:3].max():.1f} %"
        title = card.find_element("tag name", "h2").text
        assert title == ("Unlike anything known" if answer["unknown"] else told)
        assert told in card.text
        promise = f"90 % set: {', '.join(answer['set']) or 'no class is sure enough'}"
        assert (promise in card.text) is not answer["unknown"]
        judged.append((answer["unknown"], len(answer["set"])))
    assert len(set(judged)) > 2  # known and unknown, sets of several sizes
    (tmp_path / "wrong.jpg").write_text("no photo")
    send(browser, [tmp_path / "wrong.jpg"])
    assert "no photo that can be read" in cards(browser)[0].text
    browser.find_element("id", "camera").click()
    until(browser, lambda: browser.execute_script("return document.querySelector('#video').videoWidth") > 0)
    browser.find_element("id", "shoot").click()
    until(browser, lambda: "from the camera" in cards(browser)[0].text)
    sent = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    addresses = [item["params"]["request"]["url"] for item in sent if item["method"] == "Network.requestWillBeSent"]
    assert address in addresses
    assert all(url.startswith((address, "data:", "blob:")) for url in addresses)
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
