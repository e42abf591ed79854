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
    limits,
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
    limits.SECTION,
    ideal.SECTION,
    adversarial.SECTION,
    everyday.SECTION,
    lineage.SECTION,
)
