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


def test_json_round_trips(tmp_path):
    write_json(tmp_path / "a.json", {"b": [1, "ü"], "a": None})
    assert (tmp_path / "a.json").read_text(encoding="utf-8").endswith("}\n")
    assert read_json(tmp_path / "a.json") == {"b": [1, "ü"], "a": None}


def test_nan_is_refused(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", float("nan"))
