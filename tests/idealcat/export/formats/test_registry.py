"""Every format: its file answers as Keras does, and a missing package is named."""

import sys

import numpy as np
import pytest

from idealcat.base.errors import EngineError
from idealcat.base.files import write_json
from idealcat.export.formats.registry import FORMATS
from idealcat.photos.pixels import Pixels
from tests.small_classifier import small_classifier, write_photos


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_format_answers_as_keras_does(name, tmp_path):
    from idealcat.networks.classifier import run_on_photos
    from idealcat.photos.read import decoded_photo, read_photos

    format, pixels = FORMATS[name], Pixels(16, "pad")
    for package in format.packages:
        pytest.importorskip(package, reason="requirements-export.txt is not installed")
    paths, classifier = write_photos(tmp_path / "photos", 30), small_classifier(pixels)
    expected = run_on_photos(classifier, paths, description="test")
    write_json(tmp_path / "labels.json", ["cat", "dog", "hen"])
    format.convert(classifier, tmp_path / name, read_photos(paths, pixels=pixels))
    run = format.load(tmp_path / name, pixels=pixels)
    answers = np.stack([run(np.asarray(decoded_photo(path, pixels=pixels))) for path in paths])
    assert len(set(expected.argmax(axis=1))) > 1
    assert np.abs(answers - expected).max() < (1e-5 if format.exact else 0.1)


@pytest.mark.parametrize("name", FORMATS)
def test_missing_package_is_named_with_what_to_install(name, monkeypatch):
    package = FORMATS[name].packages[-1]
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EngineError, match=rf"{name} needs the package .*{package}.*requirements-export"):
        FORMATS[name].require()
