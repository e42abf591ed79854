from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from idealcat.base.errors import EngineError
from idealcat.base.files import read_json
from stages import evaluate, export

pytestmark = pytest.mark.usefixtures("scored")


@pytest.fixture
def scored(trained, choose):
    """The trained classifier with its scores and what the card tells of the data."""
    from idealcat.base.files import write_json

    splits = trained["split"].value_counts().to_dict()
    write_json("metrics/preprocess.json", {"splits": splits})
    evaluate.main()
    write_json("data/model/limits.json", {"labels": ["cat", "dog"], "reason": "too few photos"})


@pytest.mark.slow
def test_without_a_format_there_are_golden_photos_and_a_card():
    export.main()
    assert read_json("metrics/export.json") == {"formats": {}}
    assert read_json("data/export/labels.json") == ["cat", "dog"]
    entries = read_json("data/export/golden.json")
    assert all(Path("data/export", entry["file"]).exists() for entry in entries)
    assert {entry["label"] for entry in entries} == {"cat", "dog"}
    assert "No format was asked for" in Path("data/export/README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_format_is_checked_and_its_code_in_the_card_runs(choose, monkeypatch, capsys):
    choose("export", formats=["litert", "litert_int8"])
    export.main()
    formats = read_json("metrics/export.json")["formats"]
    assert formats["litert"]["written"]
    assert formats["litert"]["top1_agreement"]["value"] == 1
    # Four test photos can't show that int8 is no worse.
    assert "95 % interval, 4 photos" in formats["litert_int8"]["reason"]
    assert not Path("data/export/litert_int8").exists()
    card = Path("data/export/README.md").read_text(encoding="utf-8")
    monkeypatch.chdir("data/export")
    golden = read_json("golden.json")[0]
    Image.open(golden["file"]).save("photo.jpg", quality=100, subsampling=0)
    exec(card.split("```python\n")[1].split("```")[0], {})
    assert golden["predicted"] in capsys.readouterr().out


@pytest.mark.slow
def test_format_that_answers_otherwise_is_not_written(choose, monkeypatch):
    from idealcat.export.formats.registry import FORMATS

    choose("export", formats=["litert"])
    monkeypatch.setattr(type(FORMATS["litert"]), "load", lambda *_, **__: lambda photo: np.array([0.5, 0.5], "float32"))
    export.main()
    assert not read_json("metrics/export.json")["formats"]["litert"]["written"]
    assert not Path("data/export/litert").exists()
    assert "was left out" in Path("data/export/README.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_missing_package_stops_before_any_work(choose, monkeypatch):
    import sys

    choose("export", formats=["onnx"])
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EngineError, match="requirements-export"):
        export.main()
    assert not Path("data/export").exists()
