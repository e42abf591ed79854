"""How little must a photo change until it is taken for another class?"""

import matplotlib as mpl
import numpy as np
import pandas as pd

from idealcat.base.artifacts import ADVERSARIAL, ROBUSTNESS_CURVE, metrics_of
from idealcat.report.drawing import STYLE, WARM, axes_of, svg
from idealcat.report.pictures import FLIPS
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section

FIGURES = metrics_of("generate_adversarial")


def content(results: Results) -> Content:
    """The flips with their pictures, and the curve of robust accuracy."""
    adversarial, curve = results.json(FIGURES), results.table(ROBUSTNESS_CURVE)
    figures = {"robustness": robustness(curve)}
    values = {"adversarial": adversarial, "robustness": curve.to_dict("records"), "figures": figures}
    parts = ("original", "perturbation", "result")
    return Content(values, FLIPS, [[flip[part] for flip in adversarial["pictures"] for part in parts]])


def robustness(curve: pd.DataFrame) -> str:
    """Robust accuracy against epsilon with its 95 % interval, from metrics/plots/robustness.csv."""
    with mpl.rc_context(STYLE):
        figure, axes = axes_of("Photos still classified right under attack", right=0.97)
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
        return svg(figure, "robustness")


SECTION = Section(
    "adversarial",
    "Adversarial",
    "How little must change?",
    (FIGURES, ADVERSARIAL, ROBUSTNESS_CURVE),
    content,
    optional=True,
)
