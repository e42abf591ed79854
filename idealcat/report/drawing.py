"""The report's curves as SVG that takes its colours and its type from the page: one drawing for light and dark."""

import re
from collections.abc import Sequence
from io import StringIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Drawn in colours that nothing else has, then replaced by the page's.
INK, MUTED, LINE, ACCENT, WARM = "#010101", "#020202", "#030303", "#040404", "#050505"
_PAGE = {INK: "var(--ink)", MUTED: "var(--muted)", LINE: "var(--line)", ACCENT: "var(--accent)", WARM: "var(--warm)"}

STYLE: dict[Any, Any] = {  # the keys of the stubs change with each release of Matplotlib
    "svg.fonttype": "none",
    "svg.hashsalt": "idealcat",  # the same ids in every run
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "axes.titlepad": 10,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.8,
}
SIZE = (4.7, 3.1)  # inches
TALL = (4.7, 3.9)


def axes_of(title: str, *, right: float) -> tuple[Figure, Axes]:
    """A figure with one plot of this title; `right` is where the plot ends, as a share of the width."""
    figure = Figure(figsize=SIZE)
    figure.subplots_adjust(left=0.11, right=right, top=0.87, bottom=0.17)
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes


def direct_labels(axes: Axes, x: float, ends: Sequence[tuple[float, str, str]]) -> None:
    """Names each line at its end, `(y, label, colour)`, the names at least a line of type apart."""
    low, high = axes.get_ylim()
    gap = (high - low) * 0.075
    above = -np.inf
    for y, label, colour in sorted(end for end in ends if np.isfinite(end[0])):
        above = max(float(y), above + gap)
        axes.annotate(
            label, (x, above), (6, 0), textcoords="offset points", va="center", color=colour, annotation_clip=False
        )


def svg(figure: Figure, name: str) -> str:
    """The drawing as an <svg> to put into a page, in which `name` is unique; no date, no ids that another one has."""
    stream = StringIO()
    figure.savefig(
        stream, format="svg", transparent=True, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
    )
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r'^<svg [^>]*viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true">', text)
    used = set(re.findall(r"#(\w+)(?=[\")])", text))
    text = re.sub(r' id="([\w.]+)"', lambda match: f' id="{name}-{match[1]}"' if match[1] in used else "", text)
    text = re.sub(r"(url\(#|xlink:href=\"#)", rf"\g<1>{name}-", text).replace("xlink:href", "href")
    text = re.sub(r"font-family: [^;\"]*; ?", "", text)
    for drawn, shown in _PAGE.items():
        text = text.replace(drawn, shown)
    return re.sub(r"\n\s*", "\n", text)
