"""The report's curves as SVG that takes its colours and its type from the page: one drawing for light and dark."""

import re
from collections.abc import Sequence
from io import StringIO
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from idealcat.statistics import intervals

# Drawn in colours that nothing else has, then replaced by the page's.
INK, MUTED, LINE, ACCENT, WARM = "#010101", "#020202", "#030303", "#040404", "#050505"
_PAGE = {INK: "var(--ink)", MUTED: "var(--muted)", LINE: "var(--line)", ACCENT: "var(--accent)", WARM: "var(--warm)"}

_STYLE: dict[Any, Any] = {  # the keys of the stubs change with each release of Matplotlib
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
_SIZE = (4.7, 3.1)  # inches
_TALL = (4.7, 3.9)


def training_curves(history: pd.DataFrame) -> dict[str, str]:
    """Loss and accuracy by epoch, of training and validation, from the columns of metrics/plots/history.csv."""
    return {
        "loss": _training_curve(history, "loss", "Log loss, in nats"),
        "accuracy": _training_curve(history, "accuracy", "Accuracy"),
    }


def _training_curve(history: pd.DataFrame, name: str, title: str) -> str:
    with mpl.rc_context(_STYLE):
        figure, axes = _axes(title, right=0.8)
        lines = (("training", name, MUTED), ("validation", f"validation_{name}", ACCENT))
        for _, column, colour in lines:
            axes.plot(history["epoch"], history[column], color=colour)
        axes.set_xlabel("epoch")
        axes.locator_params(axis="x", integer=True, nbins=8)
        axes.locator_params(axis="y", nbins=5)
        axes.margins(x=0.02, y=0.08)
        ends = [(history[column].iloc[-1], label, colour) for label, column, colour in lines]
        _direct_labels(axes, float(history["epoch"].iloc[-1]), ends)
        return _svg(figure, name)


def calibration(bins: pd.DataFrame) -> str:
    """Accuracy against confidence with 95 % intervals, and the photos of each bin below."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=_TALL)
        axes, counts = figure.subplots(2, 1, sharex=True, height_ratios=[3.4, 1])
        figure.subplots_adjust(left=0.11, right=0.97, top=0.9, bottom=0.13, hspace=0.16)
        axes.set_title("Accuracy against confidence")
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (3, 3)))
        x, y, photos = (bins[column].to_numpy(float) for column in ("confidence", "accuracy", "photos"))
        shares = [intervals.share(round(share * count), int(count)) for share, count in zip(y, photos, strict=True)]
        low, high = ([share.as_json()[end] for share in shares] for end in ("low", "high"))
        axes.vlines(x, low, high, color=ACCENT, linewidth=5, alpha=0.3)
        axes.plot(x, y, "o", color=ACCENT, markersize=6)
        start = max(0.0, np.floor(x.min() * 10) / 10 - 0.02)
        axes.set(xlim=(start, 1.02), ylim=(-0.03, 1.05))
        middle = (start + 1) / 2
        axes.annotate(
            "as sure as right", (middle, middle), (8, -16), textcoords="offset points", color=MUTED, fontsize=9
        )
        counts.bar(x, photos, width=(1.02 - start) / 26, color=ACCENT, alpha=0.45)
        for place, count in zip(x, photos, strict=True):
            counts.annotate(
                f"{count:.0f}", (place, count), (0, 2), textcoords="offset points", ha="center", fontsize=8.5
            )
        counts.set(xlabel="confidence", ylim=(0, photos.max() * 1.35), yticks=[])
        counts.spines["left"].set_visible(False)
        counts.set_title("photos in each bin", fontsize=9, color=MUTED, pad=4)
        return _svg(figure, "calibration")


def roc(curve: pd.DataFrame, *, area: float) -> str:
    """The classes' mean ROC curve, with its area."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=_TALL)
        axes = figure.subplots()
        figure.subplots_adjust(left=0.11, right=0.97, top=0.9, bottom=0.13)
        axes.set_title("True positive rate")
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (3, 3)))
        axes.annotate("chance", (0.5, 0.5), (5, -12), textcoords="offset points", color=MUTED, fontsize=9)
        false, true = curve["false_positive_rate"], curve["true_positive_rate"]
        axes.plot([0, *false], [0, *true], color=ACCENT)
        axes.fill_between(false, true, color=ACCENT, alpha=0.08, linewidth=0)
        axes.annotate(f"area {area:.4f}", (0.06, 0.9), color=ACCENT)
        axes.set(xlabel="false positive rate", xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))
        return _svg(figure, "roc")


def robustness(curve: pd.DataFrame) -> str:
    """Robust accuracy against epsilon with its 95 % interval, from metrics/plots/robustness.csv."""
    with mpl.rc_context(_STYLE):
        figure, axes = _axes("Photos still classified right under attack", right=0.97)
        epsilon = curve["epsilon"].to_numpy(float)
        axes.fill_between(epsilon, curve["low"], curve["high"], color=WARM, alpha=0.16, linewidth=0)
        axes.plot(epsilon, curve["robust_accuracy"], "o-", color=WARM, markersize=4.5)
        axes.set_xscale("symlog", base=2, linthresh=epsilon[epsilon > 0].min() if epsilon.max() > 0 else 1)
        axes.set_xticks(epsilon, [f"{value:g}" for value in epsilon])
        axes.set_xticks([], minor=True)
        axes.set(ylim=(-0.03, 1.05), xlabel="largest change of a pixel, in 1/255")
        axes.set_yticks(np.linspace(0, 1, 5), [f"{value:.0%}" for value in np.linspace(0, 1, 5)])
        for x, y in zip(epsilon, curve["robust_accuracy"], strict=True):
            axes.annotate(f"{100 * y:.0f}", (x, y), (6, 5), textcoords="offset points", color=WARM, fontsize=9)
        return _svg(figure, "robustness")


def _axes(title: str, *, right: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=_SIZE)
    figure.subplots_adjust(left=0.11, right=right, top=0.87, bottom=0.17)
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes


def _direct_labels(axes: Axes, x: float, ends: Sequence[tuple[float, str, str]]) -> None:
    """Names each line at its end, `(y, label, colour)`, the names at least a line of type apart."""
    low, high = axes.get_ylim()
    gap = (high - low) * 0.075
    above = -np.inf
    for y, label, colour in sorted(end for end in ends if np.isfinite(end[0])):
        above = max(float(y), above + gap)
        axes.annotate(
            label, (x, above), (6, 0), textcoords="offset points", va="center", color=colour, annotation_clip=False
        )


def _svg(figure: Figure, name: str) -> str:
    """The drawing as an <svg> to put into a page, in which `name` is unique; no date, no ids that another one has."""
    stream = StringIO()
    figure.savefig(
        stream, format="svg", transparent=True, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
    )
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'^<svg [^>]*viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true">', svg)
    used = set(re.findall(r"#(\w+)(?=[\")])", svg))
    svg = re.sub(r' id="([\w.]+)"', lambda match: f' id="{name}-{match[1]}"' if match[1] in used else "", svg)
    svg = re.sub(r"(url\(#|xlink:href=\"#)", rf"\g<1>{name}-", svg).replace("xlink:href", "href")
    svg = re.sub(r"font-family: [^;\"]*; ?", "", svg)
    for drawn, shown in _PAGE.items():
        svg = svg.replace(drawn, shown)
    return re.sub(r"\n\s*", "\n", svg)
