import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.predict import explain, row
from tests.small_classifier import write_photos, write_small_classifier

ROOT = Path(__file__).parents[2]


def test_broken_photo_has_a_row():
    assert row({"photo": "a.jpg", "error": "empty"}, 6) == "a.jpg   error: empty"


def test_row_says_where_a_set_has_several_classes_or_the_photo_is_unlike_anything_known():
    answer = {"photo": "a.jpg", "label": "cat", "probabilities": {"cat": 0.6, "dog": 0.4}}
    assert row(answer, 6) == "a.jpg   cat                  0.600"
    assert row(answer | {"set": ["cat"], "unknown": False}, 6).endswith("0.600")
    assert row(answer | {"set": ["cat", "dog"], "unknown": False}, 6).endswith("0.600  may be cat, dog")
    assert row(answer | {"set": [], "unknown": False}, 6).endswith("0.600  unsure")
    assert row(answer | {"set": ["cat"], "unknown": True}, 6).endswith("0.600  unlike anything known")


@pytest.mark.usefixtures("workspace")
def test_photos_are_explained_under_their_numbers_but_for_those_that_are_none(capsys):
    write_small_classifier()
    Path("broken.jpg").write_text("no photo")
    explain([*write_photos(Path("photos"), 2), "broken.jpg", "none.jpg"], Path("why"), max_pixels=10_000)
    assert sorted(path.name for path in Path("why").iterdir()) == ["00000_0000.jpg", "00001_0001.jpg"]
    assert "why, 2 heat maps" in capsys.readouterr().err


@pytest.mark.slow
def test_killed_run_goes_on_without_a_lost_or_doubled_row(workspace):
    write_small_classifier()
    names = [*write_photos(Path("many"), 800), "none.jpg"]
    Path("list.csv").write_text("\n".join(["path", *names]) + "\n")
    command = [sys.executable, "-m", "ops.predict", "list.csv", "--output", "out.jsonl"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(command, env=environment)
    part = Path("out.jsonl.part")
    while not part.exists() or part.read_bytes().count(b"\n") < 20:
        assert child.poll() is None
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait()
    before = part.read_bytes().count(b"\n") - 1
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert f"goes on after {before} of 801" in done.stderr
    answers = [json.loads(line) for line in Path("out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [answer["photo"] for answer in answers] == names
    assert answers[-1]["error"] == "No such file or directory"
    assert not part.exists()
