import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from idealcat.sources.sketches.drawing import LABELS, draw_sketch, write_sketches


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sketches")
    write_sketches(path, per_class=3, seed=7)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.jpg")}


@pytest.mark.parametrize("label", LABELS)
def test_a_sketch_is_rgb_and_of_the_size_that_was_asked_for(label):
    assert (draw_sketch(label, seed=0, index=1).mode, draw_sketch(label, seed=0, index=1).size) == ("RGB", (200, 200))
    assert draw_sketch(label, seed=0, index=1, size=64).size == (64, 64)


@pytest.mark.parametrize("other", [{"index": 2}, {"seed": 1}, {"label": "dog"}])
def test_another_index_seed_or_label_gives_another_drawing(other):
    same = {"label": "cat", "seed": 0, "index": 1}
    first, second = (np.asarray(draw_sketch(**arguments), dtype=float) for arguments in (same, same | other))
    assert np.abs(first - second).mean() > 5


def test_drawings_are_no_near_duplicates():
    small = [draw_sketch(label, seed=3, index=i).convert("L").resize((17, 16)) for label in LABELS for i in range(40)]
    hashes = [(np.diff(np.asarray(image, dtype=int), axis=1) > 0).ravel() for image in small]
    distances = [(a != b).sum() for i, a in enumerate(hashes) for b in hashes[:i]]
    assert min(distances) > 20


def test_the_animal_shows_in_every_drawing():
    deviations = [np.asarray(draw_sketch(label, seed=3, index=i)).std() for label in LABELS for i in range(40)]
    assert min(deviations) > 5


@pytest.mark.slow
def test_another_process_writes_the_same_bytes(folder, tmp_path):
    call = (
        "import sys, pathlib; from idealcat.sources.sketches.drawing import write_sketches\n"
        "write_sketches(pathlib.Path(sys.argv[1]), per_class=3, seed=7)"
    )
    subprocess.run([sys.executable, "-c", call, str(tmp_path)], check=True)
    assert contents(tmp_path) == contents(folder)


def test_more_drawings_leave_the_others_as_they_are(folder, tmp_path):
    write_sketches(tmp_path, per_class=4, seed=7)
    more = contents(tmp_path)
    assert more.keys() - contents(folder).keys() == {"cat/cat_0004.jpg", "dog/dog_0004.jpg"}
    assert {name: more[name] for name in contents(folder)} == contents(folder)


def test_files_are_the_drawings_and_the_flaws(folder):
    good = {f"{label}/{label}_{number:04d}.jpg" for label in LABELS for number in (1, 2, 3)}
    flaws = {f"{label}/{label}_{flaw}.jpg" for label in LABELS for flaw in ("truncated", "copy", "png")}
    assert contents(folder).keys() == good | flaws | {"dog/dog_notes.jpg"}


@pytest.mark.parametrize("label", LABELS)
def test_the_truncated_file_starts_well_and_does_not_decode(folder, label):
    with Image.open(folder / label / f"{label}_truncated.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (200, 200))
        with pytest.raises(OSError, match="truncated"):
            image.load()


@pytest.mark.parametrize("label", LABELS)
def test_the_copy_is_the_first_drawing(folder, label):
    assert (folder / label / f"{label}_copy.jpg").read_bytes() == (folder / label / f"{label}_0001.jpg").read_bytes()


@pytest.mark.parametrize("label", LABELS)
def test_the_png_with_a_wrong_name_can_be_used(folder, label):
    with Image.open(folder / label / f"{label}_png.jpg") as image:
        image.load()
        assert (image.format, image.mode) == ("PNG", "RGB")


def test_the_note_is_no_image(folder):
    with pytest.raises(Image.UnidentifiedImageError):
        Image.open(io.BytesIO((folder / "dog" / "dog_notes.jpg").read_bytes()))


@pytest.mark.parametrize("label", LABELS)
def test_good_files_are_jpegs_of_their_drawings(folder, label):
    sketch = draw_sketch(label, seed=7, index=2)
    with Image.open(folder / label / f"{label}_0002.jpg") as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (200, 200))
        # JPEG loses fine noise, but no means of 10 x 10 pixels.
        difference = np.asarray(image.reduce(10), dtype=float) - np.asarray(sketch.reduce(10), dtype=float)
    assert np.abs(difference).mean() < 3
