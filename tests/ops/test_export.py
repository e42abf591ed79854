import sys
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
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(SystemExit, match="found other files"):
        pushed(monkeypatch, str(tmp_path))
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_without_an_export_the_stage_is_named(monkeypatch, tmp_path):
    Path("data/export/README.md").unlink()
    with pytest.raises(SystemExit, match="which the stage export writes"):
        pushed(monkeypatch, str(tmp_path / "new"))


def test_hub_that_refuses_ends_in_one_line(monkeypatch):
    pytest.importorskip("huggingface_hub", reason="requirements-export.txt is not installed")
    with pytest.raises(SystemExit, match=r"^export: hf:not/a/name: ") as ended:
        pushed(monkeypatch, "hf:not/a/name")
    assert "\n" not in str(ended.value)
