"""Shows the whole run on one page, and in short for a pull request.

Reads: metrics, data/manifest.csv, data/rejected.csv, data/predictions.parquet, data/model, data/raw (for thumbnails)
Writes: metrics/report.html, metrics/report.md
"""

from pathlib import Path
from typing import Any

from idealcat.base.files import replacing
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.photos.manifest import read_manifest, read_rejected
from idealcat.photos.settings import Preprocess
from idealcat.report import content as report_content
from idealcat.report import figures as report_figures
from idealcat.report.inputs import optional, plot_table, result, sha256
from idealcat.report.page import render_html, render_markdown
from idealcat.report.pictures import page_pictures
from idealcat.statistics.predictions import read_predictions

HTML = Path("metrics/report.html")
MARKDOWN = Path("metrics/report.md")


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/report.json."""
    params = load_params()
    manifest, labels = read_manifest(), result("data/model/labels.json", by="train_classifier")
    photos = report_content.scored_photos(read_predictions(), manifest)
    data = result("metrics/preprocess.json", by="preprocess")
    scores = result("metrics/evaluate.json", by="evaluate")
    ideal, adversarial = (optional(f"metrics/{name}.json") for name in ("generate_ideal", "generate_adversarial"))
    cells = report_content.confusion_cells(photos, labels)
    rejected = report_content.rejections(read_rejected())
    content = {
        "labels": labels,
        "data": data,
        "grouped": int((manifest["group"].value_counts() > 1).sum()),
        "rejected": rejected,
        "training": result("metrics/train_classifier.json", by="train_classifier"),
        "scores": scores,
        "headlines": report_content.headlines(scores),
        "sections": report_content.SECTIONS,
        "methods": report_content.METHODS,
        "cells": cells,
        "worst": report_content.worst_errors(photos),
        "ideal": ideal,
        "ideal_rows": report_content.ideal_rows(ideal) if ideal else [],
        "adversarial": adversarial,
        "robustness": plot_table("robustness").to_dict("records") if adversarial else [],
        "bins": plot_table("calibration").to_dict("records"),
        "params": list(report_content.flattened(params.content(without="review"))),
        "backbone": params.content()["backbone"]["name"],
        "hashes": [(name, sha256(name)) for name in ("data/manifest.csv", "data/model/classifier.keras")],
        "libraries": report_content.libraries(),
    }
    content |= report_content.confusion_views(cells, len(labels)) | report_content.class_views(scores, data)
    figures = report_figures.training_curves(plot_table("history")) | {
        "calibration": report_figures.calibration(plot_table("calibration")),
        "roc": report_figures.roc(plot_table("roc"), area=scores["roc_auc"]["value"]),
        "robustness": report_figures.robustness(plot_table("robustness")) if adversarial else "",
    }
    pictures = page_pictures(content, max_pixels=params.section(Preprocess).max_pixels)
    page = render_html(content | {"figures": figures} | pictures)
    for path, text in ((HTML, page), (MARKDOWN, render_markdown(content))):
        with replacing(path) as beside:
            beside.write_text(text, encoding="utf-8", newline="\n")
    print(f"report: {HTML}, {HTML.stat().st_size / 1e6:.1f} MB, and {MARKDOWN}; open the first in a browser")
    return {"bytes": HTML.stat().st_size, "thumbnails": sum(map(len, pictures.values()))}


if __name__ == "__main__":
    run_stage("report", main)
