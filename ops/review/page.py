"""The review as a Markdown page. Labels, names and parameters are untrusted: each is shown as a code span."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from idealcat.report.page import code_span
from idealcat.statistics.estimate import Estimate
from idealcat.statistics.paired import Comparison
from ops.review import comparison
from ops.review.comparison import Verdict
from ops.review.corrected import Corrected, corrected
from ops.review.metric_changes import Number, numbers, value_of
from ops.review.snapshot import Snapshot

FLIPS = 20  # rows of a list of photos
ROWS = 40  # of the other tables: a comment on GitHub holds 65,536 characters


def render(base: Snapshot, head: Snapshot, candidates: int = 1) -> str:
    """The whole page; `candidates` are the results on this test split."""
    sections = (
        title(base, head),
        verdicts(
            some(base, head, candidates) for some in (comparison.accuracy, comparison.robustness, comparison.everyday)
        ),
        lacks(base, head),
        metrics(numbers(base.metrics, head.metrics)),
        test_split(comparison.test_split(base, head)),
        flips("to right", comparison.flipped(base, head, to_right=True)),
        flips("to wrong", comparison.flipped(base, head, to_right=False)),
        parameters(comparison.changed_parameters(base, head)),
        data(comparison.classes(base, head)),
        corrections(corrected(base, head)),
        other_metrics(numbers(base.metrics, head.metrics)),
    )
    return "\n\n".join("\n".join(section) for section in map(list, sections) if section) + "\n"


def title(base: Snapshot, head: Snapshot) -> Iterator[str]:
    """What is compared with what."""
    yield "## What changed"
    yield ""
    yield f"Base: {code_span(base.name)}  "
    yield f"Head: {code_span(head.name)}"
    if comparison.same_results(base, head):
        yield ""
        yield "**No change**: parameters, metrics, photos and predictions are the same."


def verdicts(some: Iterable[Verdict | None]) -> Iterator[str]:
    """A sentence each, the word first."""
    for verdict in filter(None, some):
        found = verdict.comparison
        if found is None:
            yield f"- **{verdict.title}: can't be compared**: {verdict.reason}."
            continue
        told = f"- **{verdict.title}: {found.words}.** {_figures(found)}"
        if found.p is not None:
            adjusted = verdict.candidates > 1 and found.difference > 0
            of = f", adjusted for {verdict.candidates} results on this test split" if adjusted else ""
            tested = f"permutation test p = {found.p:.2g}{of}, on the {found.photos} photos that are in both tests"
            yield f"{told}, {tested}. {power(found, verdict.margin)}"
        else:
            yield (
                f"{told}. No paired test, since {verdict.reason}: "
                "the two values are compared as if they came from different photos."
            )


def power(found: Comparison, margin: float | None) -> str:
    """What the photos could have shown: a verdict without it says nothing of what it may have missed."""
    told = f"A difference of {100 * (found.detectable or 0):.1f} points would have been found 4 times in 5"
    chance = None if margin is None else found.chance_to_pass(margin)
    if margin is None or chance is None:
        return told + "."
    return told + f"; an equal model passes the margin of {100 * margin:g} points {_times(chance)}."


def _times(chance: float) -> str:
    return f"{100 * chance:.0f} times in 100" if chance >= 0.005 else "never"


def lacks(base: Snapshot, head: Snapshot) -> Iterator[str]:
    """What could not be read, or does not fit together."""
    some = [f"- Base: {lack}" for lack in base.lacks] + [f"- Head: {lack}" for lack in head.lacks]
    if names := comparison.attacked_otherwise(base, head):
        some.append(f"- The attacks differ in {', '.join(map(code_span, names))}: so may robustness, of equal models.")
    if some:
        yield "**What is missing here**"
        yield ""
        yield from some


def metrics(rows: Sequence[Number]) -> Iterator[str]:
    """The headlines of both revisions."""
    if some := [number for number in rows if number.headline]:
        yield from _table(("metric", "base", "head", "change"), map(_row, some))
        yield ""
        yield "▲ is the better way, ▼ the worse. In brackets are 95 % intervals; *within noise* goes by these alone,"
        yield "as if the photos were different ones. The paired tests above find smaller changes."


def other_metrics(rows: Sequence[Number]) -> Iterator[str]:
    """The rest of what changed, folded away."""
    some = [number for number in rows if not number.headline and number.base != number.head]
    if some:
        yield f"<details><summary>{len(some)} other figures that changed</summary>"
        yield ""
        yield from _table(("figure", "base", "head", "change"), map(_row, some[:ROWS]))
        yield from _more(some, ROWS)
        yield ""
        yield "</details>"


def test_split(counts: dict[str, int] | None) -> Iterator[str]:
    """How the photos that are tested on changed."""
    if counts is None:
        return
    told = "{base} photos before, {head} now: {added} added, {removed} removed, {both} in both".format(**counts)
    for count, what in ((counts["relabelled"], "relabelled"), (counts["learnt"], "learnt from by one of both")):
        told += f", {count} of them {what} and left out of the tests" if count else ""
    yield f"**Test split**: {told}."


def flips(way: str, photos: pd.DataFrame) -> Iterator[str]:
    """The photos that flipped one way, by name."""
    if len(photos):
        yield f"**{len(photos)} photo{'s'[: len(photos) > 1]} flipped {way}**"
        yield ""
        columns = ["path", "label", "predicted_base", "predicted_head"]
        rows = photos[columns].head(FLIPS).itertuples(index=False)
        yield from _table(("photo", "label", "base said", "head says"), (map(code_span, row) for row in rows))
        yield from _more(photos, FLIPS)


def parameters(changed: Sequence[tuple[str, str | None, str | None]]) -> Iterator[str]:
    """Parameters, old and new."""
    if changed:
        yield "**Changed parameters**"
        yield ""
        rows = ([code_span(name), _or_dash(old), _or_dash(new)] for name, old, new in changed[:ROWS])
        yield from _table(("parameter", "base", "head"), rows)
        yield from _more(changed, ROWS)
    else:
        yield "No parameter changed."


def data(classes: pd.DataFrame | None) -> Iterator[str]:
    """Photos added, removed, relabelled and rejected, by class; classes without a change are only counted."""
    if classes is None:
        return
    counts = ["added", "removed", "relabelled"]
    changed = classes[(classes[counts].sum(axis=1) > 0) | (classes["rejected_base"] != classes["rejected_head"])]
    if not len(changed):
        yield f"No photo was added, removed, relabelled or rejected, in {len(classes)} classes."
        return
    yield "**Photos by class**"
    yield ""
    rows = (
        [
            code_span(str(label)) if label else "beside the class folders",
            *(f"{row['base']} → {row['head']}", *(str(row[name]) for name in counts)),
            f"{row['rejected_base']} → {row['rejected_head']}",
        ]
        for label, row in changed.head(ROWS).iterrows()
    )
    yield from _table(("class", "photos", *counts, "rejected"), rows)
    yield from _more(changed, ROWS)
    if len(classes) > len(changed):
        yield ""
        yield f"No change in {len(classes) - len(changed)} more."


def corrections(some: Sequence[Corrected]) -> Iterator[str]:
    """The corrections of labels that were added, changed or taken back, by photo."""
    if some:
        yield f"**{len(some)} correction{'s'[: len(some) > 1]} of labels changed**"
        yield ""
        rows = ([code_span(one.photo), _or_dash(one.base), _or_dash(one.head), code_span(one.reason)] for one in some)
        yield from _table(("photo", "base", "head", "reason"), list(rows)[:ROWS])
        yield from _more(some, ROWS)


def _row(number: Number) -> list[str]:
    return [code_span(number.name), _side(number.base), _side(number.head), _change(number)]


def _side(side: Any) -> str:
    if isinstance(side, Estimate) and side.low is not None and side.high is not None:
        return f"{_number(side.value)} ({_number(side.low)} to {_number(side.high)})"
    return "–" if side is None else _number(value_of(side))


def _change(number: Number) -> str:
    change = number.change
    if change is None:
        return "–"
    if change == 0:
        return "="
    arrow = {1: "▲ ", 0: "", -1: "▼ "}[number.better * (1 if change > 0 else -1)]
    found = number.comparison
    noise = ", within noise" if found is not None and found.verdict == "within noise" else ""
    return f"{arrow}{change:+.4g}{noise}"


def _figures(found: Comparison) -> str:
    low, high = 100 * found.low, 100 * found.high
    return f"{100 * found.difference:+.1f} points (95 % interval {low:+.1f} to {high:+.1f})"


def _number(value: float) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _or_dash(text: str | None) -> str:
    return "–" if text is None else code_span(text)


def _table(header: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _more(items: Any, shown: int) -> Iterator[str]:
    if len(items) > shown:
        yield ""
        yield f"... and {len(items) - shown} more."
