"""How much accuracy is left on spoilt photos, and which kinds of photos are surely harder than the rest."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import PercentFormatter

from idealcat.audit.corruptions import CORRUPTIONS, LEVELS
from idealcat.base.artifacts import metrics_of
from idealcat.report.drawing import ACCENT, MUTED, STYLE, axes_of, direct_labels, svg
from idealcat.report.results import Results
from idealcat.report.sections.interface import Content, Section
from idealcat.statistics.paired import SIGNIFICANT

FIGURES, SCORES = metrics_of("corrupt"), metrics_of("evaluate")
NAMED = 3  # corruptions that the figure names: those that cost most
KINDS = 12  # kinds of photos that are listed


def content(results: Results) -> Content:
    """Accuracy by corruption and strength, as a curve and a table, and by kind of photo."""
    found = results.json(FIGURES)
    rows = [
        {
            "name": name,
            "unit": CORRUPTIONS[name].unit,
            "strengths": CORRUPTIONS[name].strengths,
            "accuracies": list(levels.values()),
        }
        for name, levels in found["accuracy"].items()
    ]
    kinds, left = hardest(results.json(SCORES).get("slices", {}))
    values = {"found": found, "rows": rows, "kinds": kinds, "left": left, "figures": {"everyday": curves(found)}}
    return Content(values)


def hardest(slices: dict[str, dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """The kinds of photos with the lowest accuracy, the surely worse first, and how many are not listed."""
    kinds = [
        {"property": name, "value": value, "accuracy": some["accuracy"], "worse": some["p"] < SIGNIFICANT}
        for name, values in slices.items()
        for value, some in values.items()
    ]
    kinds.sort(key=lambda kind: (not kind["worse"], kind["accuracy"]["value"]))
    return kinds[:KINDS], max(len(kinds) - KINDS, 0)


def curves(found: dict[str, Any]) -> str:
    """Accuracy against strength, a line a corruption, from metrics/corrupt.json; those that cost most are named."""
    lines = {
        name: [found["clean_accuracy"]["value"], *(level["value"] for level in levels.values())]
        for name, levels in found["accuracy"].items()
    }
    worst = sorted(lines, key=lambda name: (lines[name][-1], name))[:NAMED]
    with mpl.rc_context(STYLE):
        figure, axes = axes_of("Photos still classified right when spoilt", right=0.8)
        for name, line in sorted(lines.items(), key=lambda item: item[0] in worst):
            colour, width = (ACCENT, 1.8) if name in worst else (MUTED, 0.8)
            axes.plot(range(len(line)), line, "o-", color=colour, linewidth=width, markersize=2 * width)
        axes.set_xticks([0, *LEVELS], ["as it is", *map(str, LEVELS)])
        lowest = np.floor(10 * min(0.99, *map(min, lines.values()))) / 10
        axes.set(xlabel="strength", ylim=(lowest - 0.03 * (1 - lowest), 1 + 0.05 * (1 - lowest)))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        direct_labels(axes, LEVELS[-1], [(lines[name][-1], name, ACCENT) for name in worst])
        return svg(figure, "everyday")


SECTION = Section(
    "everyday", "Everyday", "Everyday changes, and kinds of photos", (FIGURES, SCORES), content, optional=True
)
