"""The metrics' names, titles and directions: one table for all that compares, prints or draws them."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

UP, DOWN = 1, -1


@dataclass(frozen=True)
class Metric:
    """A number of a metrics file, or all whose dotted name, the stage first, fits the pattern `name`."""

    name: str
    better: int  # UP where more is better, DOWN where less is
    headline: bool = False  # one of those that everyone looks at
    title: str = ""  # of a headline of the test split, as a reader is told it, within a sentence
    share: bool = False  # shown in per cent

    @property
    def key(self) -> str:
        """Its key in the file."""
        return self.name.partition(".")[2]


# Numbers that are not here have no better way; medians of minimal changes are among these, being of the photos alone
# that the search could fool.
METRICS = (
    Metric("evaluate.accuracy", UP, headline=True, title="accuracy", share=True),
    Metric("evaluate.balanced_accuracy", UP, headline=True, title="balanced accuracy", share=True),
    Metric("evaluate.macro_f1", UP, headline=True, title="macro F1", share=True),
    Metric("evaluate.roc_auc", UP, headline=True, title="ROC AUC"),
    Metric("evaluate.log_loss", DOWN, headline=True, title="log loss"),
    Metric("evaluate.brier_score", DOWN, headline=True, title="Brier score"),
    Metric("evaluate.expected_calibration_error", DOWN, headline=True, title="calibration error", share=True),
    Metric("cross_validate.accuracy", UP, headline=True),
    Metric("cross_validate.log_loss", DOWN, headline=True),
    Metric("cross_validate.balanced_accuracy", UP),
    Metric("cross_validate.macro_f1", UP),
    Metric("cross_validate.roc_auc", UP),
    Metric("cross_validate.brier_score", DOWN),
    Metric("cross_validate.expected_calibration_error", DOWN),
    Metric("cross_validate.classes.*.precision", UP),
    Metric("cross_validate.classes.*.recall", UP),
    Metric("evaluate.classes.*.precision", UP),
    Metric("evaluate.classes.*.recall", UP),
    Metric("preprocess.leakage", DOWN, headline=True),
    Metric("train_classifier.validation_accuracy", UP, headline=True),
    Metric("generate_adversarial.clean_accuracy", UP, headline=True),
    Metric("generate_adversarial.robust_accuracy.*", UP, headline=True),
    Metric("generate_adversarial.robust_accuracy_after_png.*", UP),
    Metric("generate_adversarial.black_box.robust_accuracy", UP),
    Metric("generate_adversarial.success_rate.*", DOWN),
    Metric("corrupt.clean_accuracy", UP),
    Metric("corrupt.mean_accuracy", UP, headline=True),
    Metric("corrupt.accuracy.*", UP),
    Metric("evaluate.slices.*.accuracy", UP),
    Metric("generate_ideal.*.probability_transformed", UP),
    Metric("draw_imagenet.*.probability_transformed", UP),
)
TEST_SPLIT = tuple(metric for metric in METRICS if metric.title)  # the headlines of the test split, in order


def metric_called(name: str) -> Metric | None:
    """The metric that a dotted name belongs to; None where it has no better way."""
    return next((metric for metric in METRICS if fnmatchcase(name, metric.name)), None)
