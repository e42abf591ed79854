"""Every artifact of the pipeline: where it lies, and which stage writes it."""

from pathlib import Path
from typing import NamedTuple

from idealcat.base.errors import DataError


class Artifact(NamedTuple):
    """A file or folder that a stage writes, relative to the project's root."""

    path: Path
    stage: str

    def absent(self, reason: object = "", *, found: Path | str | None = None) -> DataError:
        """The error that says that it can't be read: where it was expected, and which stage writes it."""
        place = self.path if found is None else found
        return DataError(f"expected {place}, which the stage {self.stage} writes{f' ({reason})' if reason else ''}")


RAW = Artifact(Path("data/raw"), "fetch_data")
MANIFEST = Artifact(Path("data/manifest.csv"), "preprocess")
REJECTED = Artifact(Path("data/rejected.csv"), "preprocess")
BACKBONE = Artifact(Path("data/backbone/backbone.keras"), "fetch_backbone")
BACKBONE_DESCRIPTION = Artifact(Path("data/backbone/backbone.json"), "fetch_backbone")
FEATURES = Artifact(Path("data/features/features.parquet"), "extract_features")
CLASSIFIER = Artifact(Path("data/model/classifier.keras"), "train_classifier")
LABELS = Artifact(Path("data/model/labels.json"), "train_classifier")
PLAIN_HEAD = Artifact(Path("data/model/head.npz"), "train_classifier")
HISTORY = Artifact(Path("metrics/plots/history.csv"), "train_classifier")
OUT_OF_FOLD = Artifact(Path("data/out_of_fold.parquet"), "cross_validate")
PHOTO_MAP = Artifact(Path("data/photo_map.csv"), "audit_labels")
LABEL_ISSUES = Artifact(Path("data/label_issues.csv"), "audit_labels")
PREDICTIONS = Artifact(Path("data/predictions.parquet"), "evaluate")
LIMITS = Artifact(Path("data/model/limits.json"), "learn_limits")
CONFUSION = Artifact(Path("metrics/plots/confusion.csv"), "evaluate")
ROC = Artifact(Path("metrics/plots/roc.csv"), "evaluate")
CALIBRATION = Artifact(Path("metrics/plots/calibration.csv"), "evaluate")
IMAGENET = Artifact(Path("metrics/imagenet"), "draw_imagenet")
IDEAL = Artifact(Path("metrics/ideal"), "generate_ideal")
EXPLAIN = Artifact(Path("metrics/explain"), "explain")
ADVERSARIAL = Artifact(Path("metrics/adversarial"), "generate_adversarial")
ROBUSTNESS = Artifact(Path("data/robustness.parquet"), "generate_adversarial")
ROBUSTNESS_CURVE = Artifact(Path("metrics/plots/robustness.csv"), "generate_adversarial")
CORRUPTED = Artifact(Path("data/corrupted.parquet"), "corrupt")
CORRUPTION_CURVE = Artifact(Path("metrics/plots/corruptions.csv"), "corrupt")
EXPORT = Artifact(Path("data/export"), "export")
REPORT = Artifact(Path("metrics/report.html"), "report")
REPORT_SUMMARY = Artifact(Path("metrics/report.md"), "report")


def metrics_of(stage: str) -> Artifact:
    """The metrics file of a stage."""
    return Artifact(Path("metrics") / f"{stage}.json", stage)
