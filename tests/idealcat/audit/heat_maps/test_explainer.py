import io

import pytest
from PIL import Image

from idealcat.audit.heat_maps.explainer import Explainer
from idealcat.base.errors import PhotoError
from tests.small_classifier import write_photos, write_small_classifier


@pytest.fixture
def explainer(workspace):
    write_small_classifier()
    return Explainer.local(max_pixels=10_000)


def test_the_most_probable_class_is_explained_or_the_one_that_is_named(explainer, tmp_path):
    (path,) = write_photos(tmp_path, 1)
    with open(path, "rb") as file:
        content = file.read()
    pictures = {label: explainer(content, label) for label in (None, *explainer.labels)}
    with Image.open(path) as photo:
        assert Image.open(io.BytesIO(pictures[None])).size == photo.size
    assert pictures[None] in [pictures[label] for label in explainer.labels]
    assert len(set(pictures.values())) == 3
    with pytest.raises(ValueError, match="horse"):
        explainer(content, "horse")


def test_what_is_no_photo_is_refused(explainer):
    with pytest.raises(PhotoError):
        explainer(b"hello")
