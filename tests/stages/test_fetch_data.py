import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from idealcat.base.errors import IdealcatError
from idealcat.base.runs import run_stage
from stages import fetch_data


def choose(**values: object) -> None:
    """Sets keys of the section fetch_data in the workspace's params.yaml."""
    params = yaml.safe_load(Path("params.yaml").read_text())
    params["fetch_data"] |= values
    Path("params.yaml").write_text(yaml.safe_dump(params))


def write_photos(folder: Path, names: list[str]) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def album(workspace: Path) -> Path:
    return write_photos(workspace / "album", ["cat/1.jpg", "cat/2.jpg", "dog/1.jpg"])


def raw() -> list[str]:
    return sorted(file.relative_to("data/raw").as_posix() for file in Path("data/raw").glob("*/*") if file.is_file())


def test_fills_data_raw_and_counts(album: Path, capsys: pytest.CaptureFixture[str]) -> None:
    choose(source="directory", path=str(album))
    counts = fetch_data.main()
    assert raw() == ["cat/1.jpg", "cat/2.jpg", "dog/1.jpg"]
    assert counts == {"photos": 3, "classes": {"cat": 2, "dog": 1}, "left_out": 0}
    assert capsys.readouterr().out == "fetch_data: 3 photos: cat 2, dog 1\n"


def test_replaces_what_was_there_as_a_whole(album: Path) -> None:
    write_photos(Path("data/raw"), ["mouse/1.jpg"])
    choose(source="directory", path="album")
    fetch_data.main()
    assert raw() == ["cat/1.jpg", "cat/2.jpg", "dog/1.jpg"]
    assert [child.name for child in Path("data").iterdir()] == ["raw"]


def test_a_failed_fetch_leaves_what_was_there(workspace: Path) -> None:
    write_photos(Path("data/raw"), ["mouse/1.jpg"])
    (workspace / "bad.zip").write_bytes(b"PK\x03\x04 cut off")
    choose(source="archive", path="bad.zip")
    with pytest.raises(IdealcatError, match=r"bad\.zip"):
        fetch_data.main()
    assert raw() == ["mouse/1.jpg"]
    assert [child.name for child in Path("data").iterdir()] == ["raw"]


def test_says_what_was_left_out(album: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (album / "cat" / "3.jpg").symlink_to("nowhere")
    choose(source="directory", path="album")
    assert fetch_data.main()["left_out"] == 1
    assert "left out 1 of the source's files:\n  cat/3.jpg (a link" in capsys.readouterr().err


def test_sketches_are_the_default(workspace: Path) -> None:
    choose(sketches={"per_class": 4})
    counts = fetch_data.main()
    assert sorted(counts["classes"]) == ["cat", "dog"]
    assert len(raw()) == counts["photos"] >= 8


def test_pets_carry_stray_files_along(workspace: Path) -> None:
    write_photos(workspace / "pets", ["images/Bengal_1.mat", "images/Bengal_2.jpg", "images/pug_1.jpg"])
    (workspace / "pets" / "annotations").mkdir()
    (workspace / "pets" / "annotations" / "list.txt").write_text("Bengal_2 6 1 2\npug_1 1 2 1\n")
    choose(source="oxford_pets", path="pets", oxford_pets={"labels": "species"})
    assert fetch_data.main()["classes"] == {"cat": 2, "dog": 1}


def test_writes_its_run(album: Path) -> None:
    choose(source="cats_and_dogs", path="album")
    run_stage("fetch_data", fetch_data.main)
    run = json.loads(Path("runs/fetch_data.json").read_text())
    assert run["photos"] == 3 and run["seconds"] >= 0


def test_many_classes_are_summed_up(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    write_photos(workspace / "album", [f"{number}/{photo}.jpg" for number in range(20) for photo in range(number + 1)])
    choose(source="directory", path="album")
    fetch_data.main()
    assert capsys.readouterr().out == "fetch_data: 210 photos: 20 classes of 1 to 20\n"


@pytest.mark.slow
def test_never_imports_a_deep_learning_framework() -> None:
    code = "import stages.fetch_data, sys; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
