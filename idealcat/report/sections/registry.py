"""The sections of the report, in order."""

from idealcat.report.sections import (
    adversarial,
    calibration,
    confusion,
    data,
    errors,
    everyday,
    ideal,
    labels,
    lineage,
    metrics,
    training,
)

SECTIONS = (
    metrics.SECTION,
    data.SECTION,
    training.SECTION,
    confusion.SECTION,
    errors.SECTION,
    labels.SECTION,
    calibration.SECTION,
    ideal.SECTION,
    adversarial.SECTION,
    everyday.SECTION,
    lineage.SECTION,
)
