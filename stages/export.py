"""Exports the classifier for other runtimes, checked on the test split, with golden photos and a model card.

Reads: data/model (limits.json, too), data/backbone, data/raw, data/manifest.csv, data/predictions.parquet,
    metrics/preprocess.json, metrics/evaluate.json
Writes: data/export, metrics/export.json
"""

from typing import Any

from idealcat.base.artifacts import EXPORT, metrics_of
from idealcat.base.files import replacing_folder, write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.export.delivery import deliver


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/export.json."""
    params = load_params()
    with replacing_folder(EXPORT.path) as beside:
        delivery = deliver(params, beside)
    write_json(metrics_of("export").path, delivery.metrics)
    formats = delivery.metrics["formats"]
    written = [name for name, entry in formats.items() if entry["written"]]
    print(
        f"export: {EXPORT.path}, {', '.join(written) or 'no format (export.formats)'}, golden photos and a model card"
    )
    for name, entry in formats.items():
        if not entry["written"]:
            print(f"export: {name} is left out: {entry['reason']}")
    return {"photos_per_second": delivery.speeds}


if __name__ == "__main__":
    run_stage("export", main)
