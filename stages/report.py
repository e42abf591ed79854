"""Shows the whole run on one page, and in short for a pull request.

Reads: the results that the sections of idealcat/report/sections need, and data/raw for thumbnails
Writes: metrics/report.html, metrics/report.md

With --without-pictures it shows what `make metrics` has just made, and nothing of other stages: no pictures, no audit.
"""

import sys
from typing import Any

from idealcat.base.artifacts import REPORT, REPORT_SUMMARY
from idealcat.base.files import replacing
from idealcat.base.params import load_params
from idealcat.base.runs import run_stage
from idealcat.report.build import build

# What `make metrics` does not run: what these stages wrote may be of another classifier.
LATER = (
    *("cross_validate", "audit_labels", "learn_limits", "draw_imagenet", "generate_ideal", "generate_adversarial"),
    "corrupt",
)


def main() -> dict[str, Any]:
    """Runs the stage; returns its counts for runs/report.json."""
    report = build(load_params(), without=LATER if "--without-pictures" in sys.argv[1:] else ())
    for artifact, text in ((REPORT, report.html), (REPORT_SUMMARY, report.markdown)):
        with replacing(artifact.path) as beside:
            beside.write_text(text, encoding="utf-8", newline="\n")
    size = REPORT.path.stat().st_size
    print(f"report: {REPORT.path}, {size / 1e6:.1f} MB, and {REPORT_SUMMARY.path}; open the first in a browser")
    return {"bytes": size, "thumbnails": report.pictures}


if __name__ == "__main__":
    run_stage("report", main)
