"""Attacks the saved classifier on test photos: how little must a dog change to become a cat?

Reads: data/model, data/manifest.csv, data/raw, the second classifier where one is named
Writes: data/robustness.parquet, metrics/adversarial/*.png, metrics/generate_adversarial.json,
        metrics/plots/robustness.csv
"""

from typing import Any

from idealcat.adversarial import checks as attack_checks
from idealcat.adversarial import flips, robustness
from idealcat.adversarial import metrics as attack_metrics
from idealcat.adversarial.pictures import save_pictures
from idealcat.adversarial.sample import attacked_photos
from idealcat.adversarial.settings import GenerateAdversarial
from idealcat.adversarial.table import robustness_table, write_robustness
from idealcat.adversarial.target_model import Victim
from idealcat.base.errors import AttackError
from idealcat.base.files import replacing, write_json
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.networks.backend import make_deterministic
from idealcat.networks.classifier import (
    class_numbers,
    load_classifier,
    load_second_classifier,
    run_on_images,
    run_on_photos,
)
from idealcat.networks.joined import logits_of
from idealcat.photos.manifest import read_manifest
from idealcat.photos.read import read_photos


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/generate_adversarial.json."""
    params = load_params()
    settings = params.section(GenerateAdversarial)
    make_deterministic(params.seed)
    classifier, labels = load_classifier()
    second = load_second_classifier(settings.transfer, labels) if settings.transfer else None
    victim = Victim(logits_of(classifier))
    test = attacked_photos(read_manifest(), settings.images)
    truth = class_numbers(test["label"], labels)
    right = run_on_photos(classifier, test["path"].tolist(), description="score").argmax(axis=1) == truth
    if not right.any():
        raise AttackError(f"the classifier gets none of {len(test)} test photos right: there is nothing to fool")
    paths, truth = test["path"][right].tolist(), truth[right]
    photos = read_photos(paths, size=victim.size)

    attacked = robustness.attack(victim, photos, truth, settings=settings, seed=params.seed)
    attack_checks.check(attacked.sieges, images=len(test), clean=len(photos), black_box=attacked.black_box)
    robust = robustness.over_all(right, attacked.robust)
    smallest = flips.smallest(victim, photos, truth, steps=settings.minimal_steps)
    shown = flips.most_convincing(victim, photos, truth, count=settings.pictures, steps=settings.steps)
    metrics = attack_metrics.describe(
        attacked, smallest, photos, right=right, robust=robust, queries=settings.black_box.queries
    )
    metrics["minimal"]["l2_to"] = flips.to_each_class(
        victim, photos, truth, labels, steps=settings.minimal_steps, untargeted=(smallest.examples, smallest.found)
    )
    metrics["transfer"] = None
    if second is not None:
        taken = run_on_images(second, smallest.files[smallest.survive]).argmax(axis=1)
        metrics["transfer"] = {"share": flips.success(taken != truth[smallest.survive])}
    metrics["pictures"] = save_pictures(shown, paths, labels, truth)

    write_robustness(robustness_table(test["sha256"], test["label"], robust, settings.epsilons))
    write_json("metrics/generate_adversarial.json", metrics)
    curve = attack_metrics.robustness_curve(settings.epsilons, metrics["robust_accuracy"])
    with replacing("metrics/plots/robustness.csv") as beside:
        curve.to_csv(beside, index=False, lineterminator="\n")
    share = metrics["after_png"]["share"].value
    print(f"generate_adversarial: {share:.1%} of {len(photos)} photos flip and stay flipped as PNG")
    return {"photos": len(test), "forward_passes": victim.forward_passes, "gradients": victim.gradients}


if __name__ == "__main__":
    run_stage("generate_adversarial", main)
