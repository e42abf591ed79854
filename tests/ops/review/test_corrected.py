import pandas as pd

from idealcat.photos.corrections import COLUMNS
from ops.review.corrected import Corrected, corrected
from ops.review.page import render
from ops.review.snapshot import Snapshot


def revision(listed, *rows):
    table = pd.DataFrame(rows, columns=COLUMNS)
    photos = pd.DataFrame({"path": [f"photo {name}" for name in listed], "sha256": list(listed), "label": "cat"})
    return Snapshot("revision", manifest=photos.assign(split="test", group=list(listed)), corrections=table)


def test_corrections_are_told_by_photo():
    base = revision("ab", ("a", "dog", "old"), ("b", "dog", "same"))
    head = revision("b", ("b", "dog", "same"), ("c", "exclude", "a | drawing"))
    assert corrected(base, head) == [
        Corrected("c", None, "exclude", "a | drawing"),
        Corrected("photo a", "dog", None, "old"),
    ]
    assert "**2 corrections of labels changed**" in render(base, head)
    assert "| `photo a` | `dog` | – | `old` |" in render(base, head)


def test_a_revision_before_there_were_corrections_has_none():
    assert corrected(Snapshot("old"), revision("a", ("a", "dog", "")))[0].head == "dog"
