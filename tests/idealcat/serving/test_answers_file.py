import json
from pathlib import Path

import pandas as pd
import pytest

from idealcat.base.errors import DataError
from idealcat.serving.answers_file import AnswersFile

ANSWERS = [
    {"photo": "a", "label": "cat", "probabilities": {"cat": 1.0, "photo": 0.0}, "set": ["cat"], "unknown": False},
    {"photo": "b", "error": "empty"},
]

LIMITS = ["set", "unknown", "unknown_score"]


def opened(folder, name="out.jsonl", model=b"model", photos=("a", "b")):
    return AnswersFile(folder / name, photos, model, ["cat", "photo"])


def test_part_is_gone_on_with_and_a_broken_line_goes(tmp_path):
    assert opened(tmp_path).begin() == 0
    opened(tmp_path).add(ANSWERS[:1])
    with open(tmp_path / "out.jsonl.part", "ab") as part:
        part.write(b'{"photo": "b", "er')
    file = opened(tmp_path)
    assert file.begin() == 1
    assert file.add(ANSWERS[1:]) == 1
    file.finish()
    assert [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()] == ANSWERS
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


@pytest.mark.parametrize("other", [{"model": b"another"}, {"photos": ("b", "a")}])
def test_part_of_another_model_or_of_other_photos_is_begun_anew(tmp_path, other):
    opened(tmp_path).begin()
    opened(tmp_path).add(ANSWERS[:1])
    assert opened(tmp_path, **other).begin() == 0


def test_parquet_has_a_column_a_label_and_the_errors(tmp_path):
    file = opened(tmp_path, "out.parquet")
    file.begin()
    file.add(ANSWERS)
    file.finish()
    table = pd.read_parquet(tmp_path / "out.parquet")
    assert list(table) == ["photo", "predicted", "error", *LIMITS, "cat", "probability:photo"]
    assert table["predicted"][0] == "cat"
    assert table["error"][1] == "empty"
    assert list(table["set"][0]) == ["cat"]
    assert table["unknown"].tolist() == [False, None]


def test_parquet_names_the_nearest_photos_where_they_were_asked_for(tmp_path):
    file = opened(tmp_path, "out.parquet")
    file.begin()
    file.add([{"photo": "b", "error": "empty"}, ANSWERS[0] | {"nearest": [{"path": "c.jpg"}]}])
    file.finish()
    assert [list(paths) for paths in pd.read_parquet(tmp_path / "out.parquet")["nearest"]] == [[], ["c.jpg"]]


def test_missing_answers_make_no_file(tmp_path):
    file = opened(tmp_path)
    file.begin()
    with pytest.raises(DataError, match="expected 2 answers, found 0"):
        file.finish()
    assert not Path(tmp_path / "out.jsonl").exists()


def test_other_suffix_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"\.jsonl or \.parquet"):
        opened(tmp_path, "out.csv")
