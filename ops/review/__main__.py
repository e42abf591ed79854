"""Compares two revisions on one Markdown page: `python -m ops.review [--base REV] [--head REV] [--fail-on worse]`.

The base is by default where the head left the main branch; on the main branch, the commit before. The head is what is
checked out, with what is not committed yet. Results are read through DVC: from the work tree, its cache or a remote.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from idealcat.base.errors import DataError, one_line
from idealcat.base.files import replacing
from idealcat.base.params import load_params
from idealcat.statistics.settings import Margins, Review
from ops.review import comparison, revisions
from ops.review.candidates import candidates
from ops.review.comparison import Verdict
from ops.review.page import render
from ops.review.snapshot import Snapshot, read_snapshot
from ops.shared.repository import require_merged

METRICS = {"accuracy": "metrics/evaluate.json", "robustness": "metrics/generate_adversarial.json"}  # where they stand


def main() -> None:
    """Prints the page; exit code 1 where `--fail-on worse` finds a loss, 2 where something can't be compared."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--base", metavar="REV", help="default: where the head left the main branch")
    parser.add_argument("--head", metavar="REV", help="default: what is checked out")
    parser.add_argument("--output", metavar="FILE", type=Path, help="write the page to a file too")
    parser.add_argument(
        "--fail-on", choices=["worse"], help="exit code 1 where accuracy or robustness lost more than review.margins"
    )
    arguments = parser.parse_args()
    with one_line("review", code=2):
        require_merged()
        margins = load_params().section(Review).margins if arguments.fail_on else None
        base, head, count = snapshots(arguments.base, arguments.head)
        page = render(base, head, count)
        if arguments.output:
            write(page, arguments.output)
    print(page, end="")
    if margins:
        verdicts = [comparison.accuracy(base, head, count), comparison.robustness(base, head, count)]
        lost = list(losses(verdicts, margins))
        unknown = [some.metric for some in verdicts if some.comparison is None]
        new = [metric for metric in unknown if not base.tried(METRICS[metric])]
        told = [f"{metric} can't be compared and fails nothing: the base has none" for metric in new]
        told += [f"{metric} can't be compared, which is no pass" for metric in unknown if metric not in new]
        broken = [*base.broken, *head.broken]
        told += [f"{path} can't be read, which is no pass" for path in broken]
        for line in told + lost:
            print(f"review: {line}", file=sys.stderr)
        sys.exit(1 if lost else 2 if broken or len(new) < len(unknown) else 0)


def write(page: str, file: Path) -> None:
    """Writes the page. Raises DataError where it can't be written."""
    try:
        with replacing(file) as beside:
            beside.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise DataError(f"{file} can't be written: {error.strerror}") from error


def snapshots(base: str | None, head: str | None) -> tuple[Snapshot, Snapshot, int]:
    """Both revisions as DVC has them, and how many results on the head's test split there are.

    Raises:
        RevisionError: a revision is unknown or none can be found to compare with.
        DataError: neither has results.
    """
    revisions.require_repository()
    changes = head is None and revisions.uncommitted()
    commit = revisions.commit_of(head or "HEAD")
    base = revisions.commit_of(base) if base else revisions.default_base(commit, with_changes=changes)
    name = revisions.title_of(commit)
    if changes:
        name = f"{name}, with changes that are not committed"
    found = read_snapshot(base, revisions.title_of(base)), read_snapshot(None if changes else commit, name)
    if not any(snapshot.metrics for snapshot in found):
        raise DataError("neither revision has results to compare: run `dvc repro` and commit dvc.lock and metrics/")
    before, after = found
    return before, after, candidates(base, commit, lock=after.lock, base_lock=before.lock)


def losses(verdicts: list[Verdict], margins: Margins) -> Iterator[str]:
    """A sentence for each metric that is worse, surely, and by more than its margin.

    Both must hold: a sure loss of less than the margin is let through, and so is a large one that may be chance.
    """
    for verdict in verdicts:
        found, margin = verdict.comparison, getattr(margins, verdict.metric)
        if found is not None and found.verdict == "worse" and -found.difference > margin:
            loss = f"{-100 * found.difference:.1f} points, more than the {100 * margin:g}"
            yield f"{verdict.metric} is worse by {loss} that review.margins.{verdict.metric} lets through"


if __name__ == "__main__":
    main()
