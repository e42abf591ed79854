"""The files of the page, by the names under which a browser asks for them."""

from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).parent
SHARED = ("index.html", "style.css", "page.js", "card.js", "gallery.js")


def page_files(answers: Literal["server", "browser"]) -> dict[str, Path]:
    """The page whose questions a server answers, or the browser that shows it: ask.js knows who."""
    return {name: FOLDER / name for name in SHARED} | {"ask.js": FOLDER / f"ask_{answers}.js"}
