"""The sections of the report, in order."""

from idealcat.report.sections import (
    adversarial,
    calibration,
    confusion,
    data,
    errors,
    ideal,
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
    calibration.SECTION,
    ideal.SECTION,
    adversarial.SECTION,
    lineage.SECTION,
)
