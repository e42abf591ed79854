import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from idealcat.base.errors import DataError
from idealcat.base.files import read_json, sha256_of, write_json
from idealcat.photos.manifest import read_manifest
from idealcat.statistics.predictions import read_predictions
from idealcat.statistics.scored_photos import scored_photos, surest_mistakes
from stages import report
from tests.report_results import write_pictures, write_results

HOSTILE = ["<script>alert(1)</script>", "../x", "a|b`c`\nd", "\"' onload=x", "$x^2$ {{ 7*7 }} %s"]
HTML, MARKDOWN = Path("metrics/report.html"), Path("metrics/report.md")


class Page(HTMLParser):
    """All start tags of a page with their attributes, its ids, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(HTML.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def ids(self):
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]


@pytest.fixture
def results(workspace):
    write_results(["cat", "dog"])


@pytest.mark.usefixtures("results")
def test_page_stands_alone_and_shows_every_section_that_there_is():
    report.main()
    page = Page()
    headings = {attributes.get("id") for tag, attributes in page.tags if tag == "h2"}
    assert {"metrics-title", "data-title", "confusion-title", "calibration-title", "lineage-title"} <= headings
    assert "generate_ideal hasn't run" in page.text
    assert "generate_adversarial hasn't run" in page.text
    links = [value for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "href")]
    assert links
    assert all(value.startswith(("data:", "#")) for value in links)
    assert HTML.stat().st_size < 5_000_000


@pytest.mark.usefixtures("results")
def test_a_classifier_that_always_saying_the_largest_class_equals_says_so_first():
    scores = read_json("metrics/evaluate.json")
    write_json("metrics/evaluate.json", scores | {"majority_accuracy": scores["accuracy"]["value"]})
    report.main()
    assert MARKDOWN.read_text(encoding="utf-8").startswith("## No better than always saying the largest class: ")
    assert "No better than always saying the largest class, which gives" in Page().text


@pytest.mark.usefixtures("results")
def test_ids_are_unique_and_every_reference_finds_its_own():
    write_pictures(["cat", "dog"])
    report.main()
    page = Page()
    ids = page.ids()
    assert len(ids) == len(set(ids))
    named = ("popovertarget", "aria-labelledby")
    references = [attributes[name] for _, attributes in page.tags for name in named if name in attributes]
    references += [value[1:] for _, at in page.tags if (value := at.get("href") or "").startswith("#")]
    assert set(references) <= set(ids)


@pytest.mark.usefixtures("results")
def test_every_picture_has_a_text_in_its_place():
    write_pictures(["cat", "dog"])
    report.main()
    pictures = [attributes for tag, attributes in Page().tags if tag == "img"]
    assert len(pictures) > 10
    assert all(attributes["alt"] for attributes in pictures)


@pytest.mark.usefixtures("results")
def test_ideal_and_adversarial_images_are_shown_with_their_figures():
    write_pictures(["cat", "dog"])
    report.main()
    text = " ".join(Page().text.split())
    assert "generate_ideal hasn't run" not in text and "generate_adversarial hasn't run" not in text
    assert "a note" in text
    assert "first for 1 of 2 images of the full method" in text
    assert "zebra: the more its variation costs" in text
    assert "Training photos whose features" in text
    assert "50.0 % of 10 photos that were classified right fool the classifier" in text
    assert "Adversarial: 50.0 % of 10 photos" in " ".join(MARKDOWN.read_text(encoding="utf-8").split())


@pytest.mark.usefixtures("results")
def test_pictures_that_may_be_of_another_classifier_can_be_left_out(monkeypatch):
    write_pictures(["cat", "dog"])
    monkeypatch.setattr("sys.argv", ["report", "--without-pictures"])
    report.main()
    text = Page().text
    for stage in ("generate_ideal", "generate_adversarial", "audit_labels", "learn_limits", "corrupt"):
        assert f"{stage} hasn't run" in text
    assert "by a head that did not learn from it" not in text  # cross_validate has not run, either


@pytest.mark.usefixtures("results")
def test_attacks_that_never_succeed_have_no_median():
    write_pictures(["cat", "dog"])
    results = read_json("metrics/generate_adversarial.json")
    results["after_png"] |= {"l2": None, "linf": None, "smallest_linf": None, "psnr": None}
    results["minimal"]["l2_to"]["dog"] |= {"median": None, "psnr": None}
    results["pictures"] = []
    write_json("metrics/generate_adversarial.json", results)
    report.main()
    assert "–" in Page().text
    assert "median smallest change –/255" in MARKDOWN.read_text(encoding="utf-8")


@pytest.mark.usefixtures("results")
def test_attacks_on_what_does_not_look_at_photos_say_nothing():
    write_pictures(["cat", "dog"])
    results = read_json("metrics/generate_adversarial.json")
    results["minimal"]["l2_to"] = {}
    write_json("metrics/generate_adversarial.json", results | {"pictures": [], "doubts": ["check failed: nearly all"]})
    report.main()
    assert "These figures say nothing about robustness" in Page().text
    assert "check failed: nearly all" in Page().text
    assert "the figures say nothing about robustness" in MARKDOWN.read_text(encoding="utf-8")


@pytest.mark.usefixtures("workspace")
def test_names_are_text_wherever_they_come():
    write_results(HOSTILE, name="<img src=x onerror=alert(1)>{}|`.png")
    write_pictures(HOSTILE)
    report.main()
    page = Page()
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "object", "base", "form"}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert not [at for tag, at in page.tags if tag == "img" and not at["src"].startswith("data:")]
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text


@pytest.mark.usefixtures("workspace")
def test_names_break_no_markdown():
    write_results(HOSTILE)
    report.main()
    markdown = MARKDOWN.read_text(encoding="utf-8")
    assert "`<script>alert(1)</script>`" in markdown
    rows = [line for line in markdown.splitlines() if line.startswith("| `")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4, 5}
    assert re.sub(r"(`+).*?[^`]\1(?!`)", "", markdown).find("<") == -1


@pytest.mark.usefixtures("results")
def test_two_runs_give_the_same_bytes_and_tell_nothing_of_the_machine():
    write_pictures(["cat", "dog"])
    report.main()
    first = HTML.read_bytes(), MARKDOWN.read_bytes()
    report.main()
    assert (HTML.read_bytes(), MARKDOWN.read_bytes()) == first
    assert str(Path.cwd()).encode() not in first[0]


@pytest.mark.usefixtures("workspace")
def test_many_classes_stay_small():
    labels = [f"breed {number}" for number in range(60)]
    write_results(labels, photos=4)
    report.main()
    assert HTML.stat().st_size < 5_000_000
    assert MARKDOWN.stat().st_size < 4_000
    page = Page()
    assert not [at for _, at in page.tags if "matrix" in (at.get("class") or "").split()]
    assert [at for _, at in page.tags if at.get("popovertarget")]


@pytest.mark.usefixtures("results")
def test_missing_result_names_its_stage():
    Path("metrics/evaluate.json").unlink()
    with pytest.raises(DataError, match=r"metrics/evaluate\.json, which the stage evaluate writes"):
        report.main()


@pytest.mark.parametrize(("asked", "shown"), [(sha256_of, 2), (str, 0)])
@pytest.mark.usefixtures("results")
def test_mistakes_lie_beside_the_heat_maps_of_this_classifier_alone(asked, shown):
    worst = surest_mistakes(scored_photos(read_predictions(), read_manifest()))
    pictures = [{"path": path, "file": path, "kind": "mistake"} for path in worst["path"]]
    write_json("metrics/explain.json", {"classifier": asked("data/model/classifier.keras"), "pictures": pictures})
    report.main()
    alternatives = [attributes.get("alt", "") for tag, attributes in Page().tags if tag == "img"]
    assert sum(text.startswith("Where it found") for text in alternatives) == shown
