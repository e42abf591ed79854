"""Shows where on a photo the classifier found its reasons: for the surest mistakes and the suspected labels.

Reads: data/model/{classifier.keras,labels.json}, data/predictions.parquet, data/label_issues.csv, data/manifest.csv,
       data/raw
Writes: metrics/explain/*.jpg, metrics/explain.json
"""

from typing import Any

from idealcat.audit.heat_maps.evidence import without_maps
from idealcat.audit.heat_maps.questions import answers, questions, save_answers
from idealcat.audit.issues import read_issues
from idealcat.base.runs import run_stage
from idealcat.networks.backend import make_deterministic
from idealcat.networks.classifier import load_classifier
from idealcat.photos.manifest import read_manifest
from idealcat.statistics.predictions import read_predictions
from idealcat.statistics.scored_photos import scored_photos, surest_mistakes


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/explain.json."""
    make_deterministic(0)  # nothing is drawn at random
    classifier, labels = load_classifier()
    manifest = read_manifest()
    mistakes = surest_mistakes(scored_photos(read_predictions(), manifest))
    asked = questions(mistakes, read_issues())
    reason = without_maps(classifier)
    answered = [] if reason else list(answers(classifier, labels, asked))
    save_answers(answered)
    print(f"explain: {len(answered)} heat maps{f' ({reason})' if reason else ''}")
    return {"photos": len(answered)}


if __name__ == "__main__":
    run_stage("explain", main)
