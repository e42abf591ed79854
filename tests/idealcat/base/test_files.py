import subprocess
import sys
from pathlib import Path

import pytest

from idealcat.base.files import read_json, replacing, replacing_folder, write_json


def test_replacing_writes_the_file_and_its_folder(tmp_path):
    with replacing(tmp_path / "new" / "a.txt") as beside:
        beside.write_text("a")
    assert (tmp_path / "new" / "a.txt").read_text() == "a"


def test_failure_leaves_the_old_file_alone(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(RuntimeError), replacing(tmp_path / "a.txt") as beside:
        beside.write_text("new")
        raise RuntimeError
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_failure_leaves_the_old_folder_alone(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "old").touch()
    with pytest.raises(RuntimeError), replacing_folder(tmp_path / "raw") as beside:
        (beside / "new").touch()
        raise RuntimeError
    assert [file.name for file in tmp_path.rglob("*")] == ["raw", "old"]


def test_folder_is_replaced_as_a_whole(tmp_path):
    for name in ("first", "second"):
        with replacing_folder(tmp_path / "raw") as beside:
            (beside / name).touch()
    assert [file.name for file in tmp_path.rglob("*")] == ["raw", "second"]


KILLED = """
import os, sys
from pathlib import Path
from idealcat.base.files import replacing, replacing_folder

kind, path, moment = sys.argv[1:]
with (replacing if kind == "file" else replacing_folder)(path) as beside:
    (beside if kind == "file" else beside / "new").write_text("new")
    if moment == "swap":
        Path.replace = lambda here, there, move=Path.replace: move(here, there) and os.kill(os.getpid(), 9)
    else:
        print("written", flush=True)
        sys.stdin.readline()
        os.kill(os.getpid(), 9)
"""


def writer(kind, path, moment="writing"):
    command = [sys.executable, "-c", KILLED, kind, str(path), moment]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def replace(kind, path):
    if kind == "file":
        with replacing(path) as beside:
            beside.write_text("later")
    else:
        with replacing_folder(path):
            pass


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), [("file", "a.txt"), ("folder", "raw")])
def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(kind, name, tmp_path):
    killed, living = writer(kind, tmp_path / name), writer(kind, tmp_path / name)
    for process in (killed, living):
        assert process.stdout.readline() == "written\n"
    killed.communicate("now")
    assert len(list(tmp_path.iterdir())) == 2
    replace(kind, tmp_path / name)
    (beside,) = {path.name for path in tmp_path.iterdir()} - {name}
    assert beside.startswith(f".{Path(name).stem}-")
    living.communicate("now")
    replace(kind, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.slow
def test_a_folder_that_was_away_when_a_process_was_killed_comes_back(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "photo").touch()
    writer("folder", tmp_path / "raw", "swap").communicate()
    assert not (tmp_path / "raw").exists()
    with pytest.raises(RuntimeError), replacing_folder(tmp_path / "raw"):
        raise RuntimeError
    assert [path.name for path in tmp_path.rglob("*")] == ["raw", "photo"]


def test_json_round_trips(tmp_path):
    write_json(tmp_path / "a.json", {"b": [1, "ü"], "a": None})
    assert (tmp_path / "a.json").read_text(encoding="utf-8").endswith("}\n")
    assert read_json(tmp_path / "a.json") == {"b": [1, "ü"], "a": None}


def test_nan_is_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", float("nan"))
