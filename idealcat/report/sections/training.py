"""How the head learnt."""

import matplotlib as mpl
import pandas as pd

from idealcat.base.artifacts import HISTORY, metrics_of
from idealcat.report.drawing import ACCENT, MUTED, STYLE, axes_of, direct_labels, svg
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section

TRAINING = metrics_of("train_classifier")


def content(results: Results) -> Content:
    """What was kept, and the curves of loss and accuracy."""
    return Content({"training": results.json(TRAINING), "figures": training_curves(results.table(HISTORY))})


def training_curves(history: pd.DataFrame) -> dict[str, str]:
    """Loss and accuracy by epoch, of training and validation, from the columns of metrics/plots/history.csv."""
    return {
        "loss": _training_curve(history, "loss", "Log loss, in nats"),
        "accuracy": _training_curve(history, "accuracy", "Accuracy"),
    }


def _training_curve(history: pd.DataFrame, name: str, title: str) -> str:
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(title, right=0.8)
        lines = (("training", name, MUTED), ("validation", f"validation_{name}", ACCENT))
        for _, column, colour in lines:
            axes.plot(history["epoch"], history[column], color=colour)
        axes.set_xlabel("epoch")
        axes.locator_params(axis="x", integer=True, nbins=8)
        axes.locator_params(axis="y", nbins=5)
        axes.margins(x=0.02, y=0.08)
        ends = [(history[column].iloc[-1], label, colour) for label, column, colour in lines]
        direct_labels(axes, float(history["epoch"].iloc[-1]), ends)
        return svg(figure, name)


SECTION = Section("training", "Training", "Training", (TRAINING, HISTORY), content)
