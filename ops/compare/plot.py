"""The Pareto plot: accuracy against photos a second, a panel a data set."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, PercentFormatter, ScalarFormatter

from idealcat.base.files import replacing
from ops.compare.results import Compared

INK, MUTED, ACCENT = "#23313f", "#7a8793", "#0b6e99"
COLUMNS = 3  # panels in a row
PANEL = (4.4, 3.8)  # inches


def draw(found: Sequence[Compared], path: Path) -> None:
    """Writes the plot as PNG. Networks without a speed are left out; the front is joined."""
    columns = min(COLUMNS, len(found))
    rows = -(-len(found) // columns)
    figure = Figure(figsize=(PANEL[0] * columns, PANEL[1] * rows), layout="constrained")
    for axes, one in zip(figure.subplots(rows, columns, squeeze=False).flat, found, strict=False):
        timed = [(cell, standing) for cell, standing in one.rows if cell.photos_per_second is not None]
        for cell, standing in timed:
            value, speed = standing.accuracy.value, cell.photos_per_second
            low, high = standing.accuracy.interval or (value, value)
            colour = ACCENT if cell in one.front else MUTED
            axes.errorbar(speed, value, [[value - low], [high - value]], fmt="o", color=colour, capsize=2, elinewidth=1)
            # Slanted, so that the names of networks side by side do not lie over one another.
            place: dict[str, Any] = {"xytext": (2, 6), "textcoords": "offset points", "rotation": 35}
            axes.annotate(cell.network.title, (speed, high), color=INK, fontsize=8, **place)
        front = one.front
        axes.plot(
            [cell.photos_per_second for cell in front], [cell.scored.right.mean() for cell in front], color=ACCENT, lw=1
        )
        axes.set_title(f"{one.data.name}, {len(one.data.truth)} photos", loc="left", fontsize=10, color=INK, pad=58)
        axes.set_xscale("log")
        axes.margins(x=0.35, y=0.05)
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlabel("photos a second", fontsize=9)
        axes.set_ylabel("accuracy, cross-validated", fontsize=9)
    for axes in figure.axes[len(found) :]:
        axes.set_visible(False)
    with replacing(path) as beside:
        figure.savefig(beside, dpi=130, metadata={"Software": None})
