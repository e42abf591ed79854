import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from idealcat.base.tables import write_table
from idealcat.networks.feature_table import read_features
from idealcat.networks.plain_head import read_plain_head
from idealcat.statistics.predictions import out_of_fold_table
from ops import drift
from ops import next as label_next

pytestmark = pytest.mark.slow  # a network reads photos


def draw(folder, numbers):
    """Photos as those of the pipeline: noise, every second one bright."""
    Path(folder).mkdir()
    for number in numbers:
        pixels = np.random.default_rng(number).integers(0, 128, (32, 32, 3)) + 127 * (number % 2)
        Image.fromarray(pixels.astype("uint8")).save(f"{folder}/{number}.png")


@pytest.fixture
def judged(trained):
    """The trained pipeline, with what heads say of each photo."""
    photos = trained.sort_values("sha256")
    probabilities = read_plain_head()(read_features().of(photos["sha256"]))
    write_table(out_of_fold_table(photos.assign(fold=0), probabilities, ["cat", "dog"]), "data/out_of_fold.parquet")
    return trained


def run(command, monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["command", *arguments])
    command.main()
    return capsys.readouterr().out


def test_photos_from_elsewhere_are_told_from_others_and_named(judged, monkeypatch, capsys):
    draw("same", range(100, 130))
    told = run(drift, monkeypatch, capsys, "same")
    assert "drift: 30 photos; 30 of them held against 16 known ones" in told
    assert "nothing tells them from the known ones" in told
    assert re.search(r"predicted (cat|dog) \d+% \(known 50%\)", told)
    assert re.search(r"expected accuracy, as far as confidence tells: [01]\.\d+ \(.*\)", told)
    assert re.search(r"on known photos confidence tells [01]\.\d+, and [01]\.\d+ are right", told)
    for path in Path("same").iterdir():
        image = Image.open(path)
        image.point(lambda value: 255 - value // 8).save(path)
    Path("same/broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    told = run(drift, monkeypatch, capsys, "same", "--output", "far.csv")
    assert "30 photos, 1 corrupt left out" in told
    assert "they come from elsewhere (p = 0.002; 2% of batches" in told
    assert len(pd.read_csv("far.csv")) == 30


def test_photos_of_the_manifest_are_held_against_the_rest_and_too_few_are_an_error(judged, monkeypatch, capsys):
    shutil.copytree("data/raw/cat", "cats")
    with pytest.raises(SystemExit, match=r"drift: expected at least 10 new photos .* received 8 and 8"):
        run(drift, monkeypatch, capsys, "cats")


def test_altered_copies_of_known_photos_are_held_against_the_others(judged, monkeypatch, capsys):
    Path("copies").mkdir()
    for path in judged["path"].iloc[:5]:
        image = Image.open(path)
        image.point(lambda value: value * 9 // 10).save(Path("copies", f"{Path(path).stem}.png"))
    draw("new", range(300, 320))
    told = run(drift, monkeypatch, capsys, "new", "copies")
    assert "25 of them held against 11 known ones" in told
    assert "can't be read" not in told


def test_known_photos_that_are_gone_are_counted(judged, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("IDEALCAT_CACHE", str(tmp_path / "another"))  # a ledger that knows none
    Path(judged["path"].iloc[0]).unlink()
    draw("new", range(300, 320))
    told = run(drift, monkeypatch, capsys, "new")
    assert "20 of them held against 16 known ones" in told
    assert "1 photos of the manifest can't be read" in told


def test_the_photos_to_label_are_named_once_and_none_that_is_labelled(judged, monkeypatch, capsys):
    draw("new", range(200, 220))
    shutil.copy("new/200.png", "new/again.png")
    shutil.copy("data/raw/cat/00.png", "new/known.png")
    told = run(label_next, monkeypatch, capsys, "new", "--count", "5")
    table = [line.split(",") for line in told.splitlines()]
    assert table[0] == ["path", "score"]
    assert len(table) == 6
    scores = [float(row[1]) for row in table[1:]]
    assert scores == sorted(scores, reverse=True)
    run(label_next, monkeypatch, capsys, "new", "--count", "99", "--output", "next.csv")
    paths = pd.read_csv("next.csv")["path"]
    assert len(paths) == 20
    assert "new/known.png" not in set(paths)
    with pytest.raises(SystemExit, match="next: expected photos without a label"):
        run(label_next, monkeypatch, capsys, "data/raw/cat")
