"""Decides whether the newest registered model becomes the champion: `python -m ops.promote [--rollback]`.

Champion and challenger are scored and attacked on test photos that neither learnt from. The challenger takes the alias
`champion` unless it may be worse by more than a margin (params.yaml: review.margins) than the champion, or than the
`anchor`, the best champion so far, or its data is suspect; the old champion stays reachable as `previous`. What was
decided, and on which figures, is written on the model version.
"""

import argparse
import hashlib
import sys
from typing import Any

from idealcat.base.errors import DataError, one_line
from idealcat.base.params import load_params
from idealcat.photos.manifest import PATH as MANIFEST
from idealcat.photos.manifest import read_manifest
from idealcat.statistics.paired import LEVEL
from idealcat.statistics.settings import Margins, Review
from ops.promote.contenders import Contest, class_shares, contender, wrong_labels
from ops.promote.gate import Figure, Verdict, decide, relabelled, suspect_labels, suspect_metrics
from ops.promote.robustness import compare_robustness
from ops.shared.registry import (
    REFUSED,
    attempts,
    finish_moves,
    metrics_of,
    record,
    rollback,
    version_called,
    version_of,
)
from ops.shared.tracking import ANCHOR, CHAMPION, connect, lock


def main() -> None:
    """Decides and prints why; exit code 4 where the challenger is refused, 1 where nothing could be decided."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--version", help="the challenger; default: the newest version")
    parser.add_argument("--rollback", action="store_true", help="make the previous champion the champion again")
    arguments = parser.parse_args()
    with one_line("promote"):
        client = connect()
        with lock("promote"):
            if arguments.rollback:
                print(f"promote: {rollback(client)}")
                return
            verdict = promote(client, arguments.version)
    print("\n".join(verdict.lines))
    sys.exit(0 if verdict.promoted else REFUSED)


def promote(client: Any, number: str | None = None) -> Verdict:
    """Decides on a version (None: the newest), writes the verdict on it and, if promoted, moves the aliases.

    Raises:
        DataError: there is no such model, or its test photos are not here.
        TrackingError: the registry failed.
    """
    margins = load_params().section(Review).margins
    finish_moves(client)
    challenger = version_of(client, number)
    champion = version_called(client, CHAMPION)
    if champion and champion.version == challenger.version:
        return Verdict(True, [f"version {challenger.version} is the champion already"])
    if champion is None and challenger.tags.get("idealcat.decision") == "refused":
        why = "refused before, and there is no champion to hold it against; give it the alias by hand, or train anew"
        return Verdict(False, [f"refused: version {challenger.version}, {why}"])
    check_photos(challenger)
    if champion is None:
        faults = suspect_metrics(metrics_of(client, challenger), None)
        verdict = decide(challenger.version, None, faults=faults, figures=[], notes=[])
        best = challenger if verdict.promoted else None
        record(client, challenger, None, held_against=None, best=best, promoted=verdict.promoted, lines=verdict.lines)
        return verdict
    anchor = version_called(client, ANCHOR) or champion
    attempt = 1 + attempts(client, anchor, but=challenger)
    models = {one.version: contender(client, one) for one in (champion, anchor, challenger)}
    contest = Contest(
        read_manifest(),
        challenger=models[challenger.version],
        champion=models[champion.version],
        anchor=models[anchor.version],
        attempt=attempt,
    )
    verdict, better = compared(client, contest, margins)
    best = challenger if verdict.promoted and better else anchor
    record(
        client,
        challenger,
        champion,
        held_against=anchor,
        best=best,
        promoted=verdict.promoted,
        lines=verdict.lines,
    )
    return verdict


def compared(client: Any, contest: Contest, margins: Margins) -> tuple[Verdict, bool]:
    """The verdict on a challenger, and whether it is surely better than the anchor; errors as of `promote`."""
    challenger, champion, anchor = contest.challenger, contest.champion, contest.anchor
    new, old = (metrics_of(client, one.version) for one in (challenger, champion))
    faults, notes, figures = suspect_metrics(new, old), [], []
    if lost := sorted(set(champion.classifier.labels) - set(challenger.classifier.labels)):
        faults.append(f"the challenger lost the class {', '.join(lost)}")
    if contest.left_out:
        notes.append(
            f"{contest.left_out} test photos are left out: one of the models learnt from them, or from near duplicates"
        )
    if not len(contest.test):
        faults.append("no test photo is left that none of the models learnt from")
        return decide(
            challenger.version.version, champion.version.version, faults=faults, figures=[], notes=notes
        ), False
    if champion.manifest is None:
        notes.append(f"data: the champion was published without its {MANIFEST}, so labels were not compared")
    else:
        known = contest.test["sha256"].isin(champion.manifest["sha256"]).to_numpy()
        before, after = (contest.right[one.version.version] for one in (champion, challenger))
        faults += relabelled(contest.manifest, champion.manifest)
        faults += suspect_labels(known, before, after, contest.groups, margin=margins.accuracy)
        notes.append(class_shares(contest.manifest, champion.manifest))
    beside = contest.beside_anchor
    title = f"accuracy beside the anchor, version {anchor.version.version}, attempt {contest.attempt}"
    figures.append(Figure("accuracy", "accuracy", contest.accuracy(champion, level=LEVEL), margins.accuracy))
    figures.append(Figure("accuracy", title, beside, margins.accuracy))
    robust, said = compare_robustness(client, challenger.version, champion.version, contest.test, margins.robustness)
    way = "below" if beside.difference < 0 else "above"
    notes.append(f"{100 * abs(beside.difference):.1f} points {way} the anchor after {contest.attempt} attempts")
    notes += [told for told in (contest.second_opinion(margins.accuracy), wrong_labels(new, old)) if told] + said
    numbers = challenger.version.version, champion.version.version
    return decide(*numbers, faults=faults, figures=figures + robust, notes=notes), beside.low > 0


def check_photos(challenger: Any) -> None:
    """Raises DataError where the manifest in the work tree is not the one that the challenger was made from."""
    expected = challenger.tags.get("idealcat.manifest")
    try:
        received = hashlib.md5(MANIFEST.read_bytes(), usedforsecurity=False).hexdigest()
    except OSError:
        received = "no file"
    if expected != received:
        commit = challenger.tags.get("idealcat.commit", "")[:12]
        raise DataError(
            f"{MANIFEST} is not that of version {challenger.version} (expected {expected}, received {received}); "
            f"its test photos are needed: git checkout {commit} && dvc checkout"
        )


if __name__ == "__main__":
    main()
