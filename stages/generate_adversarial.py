"""Attacks the saved classifier on test photos: how little must a dog change to become a cat?

Reads: data/model, data/manifest.csv, data/raw, the second classifier where one is named
Writes: data/robustness.parquet, metrics/adversarial/*.png, metrics/generate_adversarial.json,
        metrics/plots/robustness.csv
"""

from typing import Any

from idealcat.adversarial.findings import attack_classifier, save_findings
from idealcat.adversarial.sample import attacked_photos
from idealcat.adversarial.settings import GenerateAdversarial
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.networks.backend import make_deterministic
from idealcat.networks.classifier import load_classifier, load_second_classifier
from idealcat.photos.manifest import read_manifest


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/generate_adversarial.json."""
    params = load_params()
    settings = params.section(GenerateAdversarial)
    make_deterministic(params.seed)
    classifier, labels = load_classifier()
    second = load_second_classifier(settings.transfer, labels) if settings.transfer else None
    test = attacked_photos(read_manifest(), settings.images)
    findings = attack_classifier(classifier, labels, test, settings=settings, seed=params.seed, second=second)
    save_findings(findings, settings.epsilons)
    flipped = findings.metrics["after_png"]["share"].value
    print(f"generate_adversarial: {flipped:.1%} of {len(findings.paths)} photos flip and stay flipped as PNG")
    return findings.counts


if __name__ == "__main__":
    run_stage("generate_adversarial", main)
