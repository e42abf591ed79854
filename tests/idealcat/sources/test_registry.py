"""What holds of every source."""

from pathlib import Path
from typing import get_args

import pytest

from idealcat.base.errors import SourceError
from idealcat.sources.registry import SOURCES, finder
from idealcat.sources.settings import FetchData
from tests.idealcat.sources.albums import fetched, read, write

FROM_PATH = sorted(set(SOURCES) - {"sketches"})


def test_params_take_the_names_of_the_registry() -> None:
    assert get_args(FetchData.model_fields["source"].annotation) == tuple(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_says_what_it_finds(name: str) -> None:
    assert finder(name).__doc__


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("name", FROM_PATH)
def test_a_path_of_nothing_is_named_and_what_was_there_stays(name: str, workspace: Path) -> None:
    write(Path("data/raw"), {"mouse/1.jpg": "m"})
    with pytest.raises(SourceError, match=r"no such file or folder: missing; .* holds data/"):
        fetched(name, "missing")
    assert read() == {"mouse/1.jpg": "m"}
    assert [child.name for child in Path("data").iterdir()] == ["raw"]


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("name", FROM_PATH)
def test_an_unreadable_folder_is_named(name: str, workspace: Path) -> None:
    write(workspace / "album", {"notes.txt": "no photos"})
    with pytest.raises(SourceError, match="album"):
        fetched(name, "album")
