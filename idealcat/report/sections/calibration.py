"""Is the classifier as sure as it is right? Accuracy against confidence, and the ROC curve."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from idealcat.base.artifacts import CALIBRATION, ROC, metrics_of
from idealcat.report.drawing import ACCENT, MUTED, STYLE, TALL, svg
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section
from idealcat.statistics import intervals

SCORES = metrics_of("evaluate")


def content(results: Results) -> Content:
    """Both curves, and the bins of the first as a table."""
    bins, scores = results.table(CALIBRATION), results.json(SCORES)
    area = scores["roc_auc"]["value"]
    figures = {"calibration": calibration(bins), "roc": roc(results.table(ROC), area=area)}
    return Content({"area": area, "scores": scores, "bins": bins.to_dict("records"), "figures": figures})


def calibration(bins: pd.DataFrame) -> str:
    """Accuracy against confidence with 95 % intervals, and the photos of each bin below."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=TALL)
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
        return svg(figure, "calibration")


def roc(curve: pd.DataFrame, *, area: float) -> str:
    """The classes' mean ROC curve, with its area."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=TALL)
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
        return svg(figure, "roc")


SECTION = Section("calibration", "Calibration", "Is it as sure as it is right?", (SCORES, CALIBRATION, ROC), content)
