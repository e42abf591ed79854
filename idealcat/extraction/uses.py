"""How many vectors were reused and how many computed, over all runs with one extractor."""

import re
from pathlib import Path

FILE = "uses.csv"


def note_use(folder: Path, *, reused: int, computed: int) -> None:
    """Adds a run to the counts behind the hit rate; a store that can't be written does without."""
    try:
        with open(folder / FILE, "a", encoding="utf-8") as file:
            file.write(f"{reused},{computed}\n")  # one short append: lines of several processes do not mix
    except OSError:
        return


def read_uses(folder: Path) -> tuple[int, int]:
    """How many vectors were reused and how many computed."""
    try:
        lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0, 0
    counts = [tuple(map(int, line.split(","))) for line in lines if re.fullmatch(r"\d+,\d+", line)]
    return sum(count[0] for count in counts), sum(count[1] for count in counts)
