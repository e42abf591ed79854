"""Would more photos help? Accuracy against the number of photos, and what 2, 5 and 10 times as many would bring.

python -m ops.curve [--out FOLDER]
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, PercentFormatter, ScalarFormatter

from idealcat.base.errors import one_line
from idealcat.base.files import replacing, write_json
from idealcat.base.params import load_params
from idealcat.networks.feature_table import read_features
from idealcat.photos.manifest import read_manifest
from idealcat.statistics.folds import assign_folds
from idealcat.statistics.groups import Groups
from idealcat.statistics.learning_curve import WORTH, LearningCurve, learning_curve
from idealcat.training.learning_curve import walk
from idealcat.training.settings import CrossValidate

TIMES = (2, 5, 10)  # as many photos
WORDS = {
    "yes": f"worth it: surely at least {100 * WORTH:.0f} % of the errors less",
    "hardly": f"hardly: surely less than {100 * WORTH:.0f} % of the errors less",
    "can't tell": "can't tell from these photos",
}


def main(arguments: list[str] | None = None) -> None:
    """Prints the curve, and writes it as JSON, Markdown and PNG; one line and exit code 1 where it can't."""
    parser = argparse.ArgumentParser(prog="python -m ops.curve", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--out", type=Path, default=Path("runs/curve"), metavar="FOLDER", help="runs/curve")
    out = parser.parse_args(arguments).out
    with one_line("curve"):
        curve = measured()
        text = "\n".join(lines(curve)) + "\n"
        print(text, end="")
        write_json(out / "curve.json", as_json(curve))
        with replacing(out / "curve.md") as beside:
            beside.write_text(text, encoding="utf-8")
        draw(curve, out / "curve.png")
        print(f"\ncurve: {out}/curve.md, curve.json, curve.png")


def measured() -> LearningCurve:
    """The curve of the project's photos and features. Raises DataError where they are missing or too few."""
    params = load_params()
    manifest = read_manifest()
    vectors = read_features().of(manifest["sha256"])
    labels = np.unique(manifest["label"], return_inverse=True)[1]
    groups = manifest["group"].to_numpy()
    folds = assign_folds(manifest["label"], manifest["group"], count=params.section(CrossValidate).folds)
    found = walk(vectors, labels, groups, folds, seed=params.seed)
    return learning_curve(found.sizes, found.wrong, Groups.named(groups))


def lines(curve: LearningCurve) -> Iterator[str]:
    """A table of what was measured and of what is to be expected, in Markdown."""
    yield f"Linear heads, judged by cross-validation on {curve.photos} photos; bands of 95 %."
    yield ""
    yield "| photos to learn from | accuracy measured | accuracy to expect | worth it? |"
    yield "|---:|---:|---|---|"
    for size, error, found in zip(curve.sizes, curve.errors, curve.at(curve.sizes.tolist()), strict=True):
        yield f"| {size:,} | {1 - error:.3f} | {band(found)} | |"
    for times in TIMES:
        size = times * curve.sizes[-1]
        yield f"| {size:,} ({times} times) | – | {band(curve.at([size])[0])} | {WORDS[curve.verdict(size)]} |"


def band(found: Any) -> str:
    """An accuracy and its band."""
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def as_json(curve: LearningCurve) -> dict[str, Any]:
    """What was measured, and what is to be expected."""
    more = {
        f"{times} times": {
            "photos": int(times * curve.sizes[-1]),
            "accuracy": curve.at([times * curve.sizes[-1]])[0],
            "errors_saved": curve.saved(times * curve.sizes[-1]),
            "verdict": curve.verdict(times * curve.sizes[-1]),
        }
        for times in TIMES
    }
    accuracy = [round(float(1 - error), 6) for error in curve.errors]
    return {"photos": curve.sizes.tolist(), "accuracy": accuracy, "more": more}


def draw(curve: LearningCurve, path: Path) -> None:
    """Writes the curve with its band as PNG, photos on a logarithmic scale."""
    sizes = np.geomspace(curve.sizes[0], max(TIMES) * curve.sizes[-1], 60)
    found = curve.at(sizes.tolist())
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    axes.fill_between(
        sizes, [e.low or 0 for e in found], [e.high or 1 for e in found], color="#0b6e99", alpha=0.15, lw=0
    )
    axes.plot(sizes, [estimate.value for estimate in found], color="#0b6e99", lw=1.5)
    axes.plot(curve.sizes, 1 - curve.errors, "o", color="#23313f")
    axes.axvline(curve.sizes[-1], color="#7a8793", lw=0.8, ls=":")
    axes.annotate(
        "what you have", (curve.sizes[-1], axes.get_ylim()[0]), (5, 5), textcoords="offset points", fontsize=9
    )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("photos that the head learnt from")
    axes.set_title("Accuracy, cross-validated, and its 95 % band", loc="left", fontsize=11)
    with replacing(path) as beside:
        figure.savefig(beside, dpi=130, metadata={"Software": None})


if __name__ == "__main__":
    main()
