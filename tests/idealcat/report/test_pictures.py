from pathlib import Path

from PIL import Image

from idealcat.report.pictures import Album, by_turns, filled


def test_turns_give_each_list_its_first():
    assert by_turns([["a", "b", "c"], ["d"], []]) == ["a", "d", "b", "c"]


def test_sections_that_name_the_same_album_fill_it_together(workspace):
    for name in ("a", "b", "c"):
        Image.new("RGB", (8, 8)).save(f"{name}.png")
    size = len(filled([(Album(8, 10_000), [["a.png"]])], max_pixels=64)[Album(8, 10_000)]["a.png"])
    small = Album(8, 2 * size)
    albums = filled([(small, [["a.png", "b.png"]]), (small, [["c.png"]])], max_pixels=64)
    assert list(albums[small]) == ["a.png", "c.png"]
    assert Path("b.png").exists()
