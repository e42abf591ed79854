import http.client
import json
import threading

import pytest

from idealcat.photos.corrections import read_corrections
from ops.labels.queue import waiting
from ops.labels.server import serve
from tests.ops.labels.audited import audited

HOSTILE = "</script><img src=x onerror=document.title='taken'>"


@pytest.fixture
def server(workspace):
    audited(["cat", HOSTILE])
    found = serve(waiting(), port=0, max_pixels=10**6)
    thread = threading.Thread(target=found.serve_forever, args=[0.01])
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


def ask(server, method, path, *, body=None, host=None, token=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    headers = {"Host": host or f"127.0.0.1:{server.server_port}"} | ({"X-Token": token} if token else {})
    connection.request(method, path, body=body and json.dumps(body), headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def test_only_this_machine_is_listened_to(server):
    assert server.server_address[0] == "127.0.0.1"


def test_photos_of_the_page_are_served_and_no_other_file(server):
    answer, content = ask(server, "GET", f"/photo/{next(iter(server.paths))}")
    assert (answer.status, content[:4]) == (200, b"RIFF")
    for path in ("/photo/../params.yaml", "/params.yaml", "/photo/" + "0" * 64):
        assert ask(server, "GET", path)[0].status == 404


def test_another_name_and_a_decision_without_the_token_are_refused(server):
    body = {"sha256": next(iter(server.suspects)), "decision": "exclude"}
    for token in (None, "guessed"):
        assert ask(server, "POST", "/", body=body, token=token)[0].status == 403
    assert ask(server, "POST", "/", body=body, token=server.token, host="evil.example")[0].status == 403
    assert ask(server, "GET", "/", host="evil.example")[0].status == 403
    assert read_corrections().empty


@pytest.mark.parametrize("body", [None, [], {"sha256": "0"}, {"sha256": ["0"], "decision": "exclude"}])
def test_a_decision_that_is_none_is_refused(server, body):
    assert ask(server, "POST", "/", body=body, token=server.token)[0].status == 400


def test_a_broken_file_is_told_and_kept(server, workspace):
    (workspace / "corrections.csv").write_text("mine")
    body = {"sha256": next(iter(server.suspects)), "decision": "exclude"}
    answer, content = ask(server, "POST", "/", body=body, token=server.token)
    assert answer.status == 409
    assert b"expected the columns sha256,label,reason" in content
    assert (workspace / "corrections.csv").read_text() == "mine"


@pytest.mark.slow
def test_keys_decide_in_a_browser(server, workspace, browser):
    from selenium.webdriver.support.wait import WebDriverWait

    browser.get(f"http://127.0.0.1:{server.server_port}/")
    body = browser.find_element("css selector", "body")
    assert f"labelled cat, suggested {HOSTILE}" in body.text
    loaded = "return [...document.images].every(picture => picture.complete && picture.naturalWidth)"
    WebDriverWait(browser, 20).until(lambda _: browser.execute_script(loaded))
    for key, count in (("a", 1), ("e", 2)):
        body.send_keys(key)
        WebDriverWait(browser, 20).until(lambda _, count=count: f"{count} decided" in body.text)
    assert "All are decided on" in body.text
    assert browser.title == "Suspected labels"
    assert browser.get_log("browser") == []
    assert sorted(read_corrections()["label"]) == sorted([HOSTILE, "exclude"])
