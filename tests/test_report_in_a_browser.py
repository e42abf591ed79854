"""The report as its readers open it: in Chromium, from a file."""

import json
from pathlib import Path

import pytest

from stages import report
from tests.report_results import write_pictures, write_results

pytestmark = pytest.mark.slow


@pytest.fixture
def page(workspace, browser):
    """The report of two classes, with what the browser logged of its console and its network."""
    write_results(["cat", "<b onclick=alert(1)>dog"])
    write_pictures(["cat", "<b onclick=alert(1)>dog"])
    report.main()
    browser.get(Path("metrics/report.html").absolute().as_uri())
    return browser


def shown(browser):
    """The widths of the pictures in the open dialogue, once the browser has decoded them; 0 where it can't."""
    return browser.execute_async_script(
        """
        const pictures = [...document.querySelectorAll(':popover-open img')];
        pictures.forEach(picture => picture.loading = 'eager');
        Promise.allSettled(pictures.map(picture => picture.decode()))
            .then(() => arguments[0](pictures.map(picture => picture.naturalWidth)));
        """
    )


def cells(browser):
    return browser.find_elements("css selector", "button.cell")


def test_click_on_a_cell_shows_its_photos(page):
    cells(page)[0].click()
    assert shown(page) == [32, 32, 32]
    dialogue = page.find_element("css selector", ":popover-open")
    assert dialogue.accessible_name == "cat recognised"
    assert "data/raw/0/2.png" in dialogue.text


def test_keys_open_and_close_a_cell(page):
    from selenium.webdriver.common.keys import Keys

    cell = cells(page)[1]
    cell.send_keys(Keys.ENTER)
    assert page.find_element("css selector", ":popover-open").text.startswith("cat taken for <b onclick")
    assert page.switch_to.active_element.accessible_name == "Close"
    page.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not page.find_elements("css selector", ":popover-open")
    assert page.switch_to.active_element == cell


def test_no_error_on_the_console_and_no_request_leaves_the_page(page):
    cells(page)[0].click()
    shown(page)
    assert page.get_log("browser") == []
    sent = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    addresses = {
        message["params"]["request"]["url"] for message in sent if message["method"] == "Network.requestWillBeSent"
    }
    assert {address.split(":")[0] for address in addresses} <= {"file", "data"}
    assert len([address for address in addresses if address.startswith("file:")]) == 1


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_screen(page, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    assert page.execute_script("return document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_lies_over_what_follows_it(page, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    over = page.execute_script(
        """
        const blocks = [...document.querySelectorAll('section, section div, section ul, section p')];
        return blocks.filter(block => block.scrollHeight > block.clientHeight + 3
            && getComputedStyle(block).display != 'inline' && getComputedStyle(block).overflowY == 'visible'
            && block.clientHeight > 0).map(block => block.className || block.id || block.textContent.slice(0, 40));
        """
    )
    assert over == []


@pytest.mark.parametrize(("scheme", "lighter"), [("light", True), ("dark", False)])
def test_page_follows_the_readers_choice_of_light_or_dark(page, scheme, lighter):
    page.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    paper = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    label = page.execute_script("return getComputedStyle(document.querySelector('figure svg text')).fill")
    brightness = [sum(map(int, colour.strip("rgb()").split(","))) for colour in (paper, label)]
    assert (brightness[0] > brightness[1]) == lighter
