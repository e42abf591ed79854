"""What differs between two revisions: pure functions from two snapshots to verdicts and tables."""

from dataclasses import dataclass
from pathlib import PurePosixPath

import pandas as pd

from idealcat.adversarial.table import PREFIX
from idealcat.report.parameters import shown_parameters
from idealcat.statistics.paired import Comparison, compare, compare_counts
from idealcat.statistics.unlearnt import groups_of, unlearnt
from ops.review.metric_changes import numbers
from ops.review.snapshot import Snapshot


@dataclass(frozen=True)
class Verdict:
    """What is said of accuracy or robustness. `reason` says why photos could not be paired; empty where they are."""

    metric: str  # accuracy or robustness, as in review.margins
    title: str
    comparison: Comparison | None
    reason: str = ""
    margin: float | None = None  # the loss that is let through, where the head's parameters have one
    candidates: int = 1  # results on this test split, of which the head may be the best by chance


def accuracy(base: Snapshot, head: Snapshot, candidates: int = 1) -> Verdict:
    """Compares accuracy on the photos of both test splits, or from the metrics alone where that can't be."""
    found, reason = None, _lacking("predictions", base, head)
    if not reason:
        photos = tested_by_both(base, head)
        if len(photos):
            groups = groups_of(photos["sha256"], manifests(base, head))
            found = compare(photos["right_base"].to_numpy(), photos["right_head"].to_numpy(), groups)
        else:
            reason = "no photo that neither learnt from is in both test splits under the same label"
    found = found or _from_metrics(base, head, "evaluate.accuracy")
    found = found and found.best_of(candidates)
    return Verdict("accuracy", "Accuracy", found, reason, margin_of(head, "accuracy"), candidates)


def robustness(base: Snapshot, head: Snapshot, candidates: int = 1) -> Verdict:
    """The same of the photos that both revisions attacked, at the smallest epsilon above 0 that both have."""
    reason = _lacking("robustness", base, head)
    epsilons = [_epsilons(snapshot) for snapshot in (base, head)]
    shared = sorted((epsilons[0].keys() & epsilons[1].keys()) - {"0"}, key=float)
    title = f"Robustness at epsilon {shared[0]}/255" if shared else "Robustness"
    found = None
    if not reason and shared:
        column = PREFIX + shared[0]
        tables = [snapshot.robustness[["sha256", "label", column]] for snapshot in (base, head)]  # type: ignore[index]
        both = tables[0].merge(tables[1], on=["sha256", "label"])
        both = both[unlearnt(both["sha256"], manifests(base, head))]
        if len(both):
            groups = groups_of(both["sha256"], manifests(base, head))
            found = compare(both[f"{column}_x"].to_numpy(bool), both[f"{column}_y"].to_numpy(bool), groups)
        else:
            reason = "no photo was attacked in both"
    elif not reason:
        reason = "they have no epsilon above 0 in common"
    if found is None and shared:
        found = _from_metrics(base, head, f"generate_adversarial.robust_accuracy.{shared[0]}")
    found = found and found.best_of(candidates)
    return Verdict("robustness", title, found, reason, margin_of(head, "robustness"), candidates)


def everyday(base: Snapshot, head: Snapshot, candidates: int = 1) -> Verdict | None:
    """The same of photos as everyday life spoils them, in the mean of all changes; None where the head has no such."""
    if "corrupt" not in head.metrics:
        return None
    found, reason = None, _lacking("corrupted", base, head)
    if not reason:
        tables = [snapshot.corrupted[["sha256", "label", "right", "of"]] for snapshot in (base, head)]  # type: ignore[index]
        both = tables[0].merge(tables[1], on=["sha256", "label", "of"])
        both = both[unlearnt(both["sha256"], manifests(base, head))]
        if len(both):
            groups = groups_of(both["sha256"], manifests(base, head))
            counts = both["right_x"].to_numpy(), both["right_y"].to_numpy()
            found = compare_counts(*counts, groups, of=int(both["of"].iloc[0]))
        else:
            reason = "no photo was spoilt in both in the same ways"
    found = found or _from_metrics(base, head, "corrupt.mean_accuracy")
    return Verdict(
        "corrupt", "Accuracy on spoilt photos", found and found.best_of(candidates), reason, None, candidates
    )


def same_results(base: Snapshot, head: Snapshot) -> bool:
    """Whether nothing of the results differs; False too where something could not be read."""
    pairs = [
        (getattr(base, name), getattr(head, name)) for name in ("manifest", "rejected", "predictions", "robustness")
    ]
    same = all(old is not None and new is not None and old.equals(new) for old, new in pairs)
    return same and base.metrics == head.metrics and base.params == head.params


def tested_by_both(base: Snapshot, head: Snapshot) -> pd.DataFrame:
    """The photos of both test splits that bear the same label and that neither revision learnt from, nor from a near
    duplicate: sha256, label, predicted_* and right_* of base and head.

    Empty where a revision lacks its predictions.
    """
    if base.predictions is None or head.predictions is None:
        return pd.DataFrame(columns=["sha256", "label", "predicted_base", "predicted_head", "right_base", "right_head"])
    columns = ["sha256", "label", "predicted"]
    both = base.predictions[columns].merge(
        head.predictions[columns], on=["sha256", "label"], suffixes=("_base", "_head")
    )
    both = both[unlearnt(both["sha256"], manifests(base, head))].reset_index(drop=True)
    for side in ("base", "head"):
        both[f"right_{side}"] = both[f"predicted_{side}"] == both["label"]
    return both


def manifests(base: Snapshot, head: Snapshot) -> list[pd.DataFrame]:
    """Those that the revisions have, the head's last."""
    return [snapshot.manifest for snapshot in (base, head) if snapshot.manifest is not None]


def margin_of(head: Snapshot, metric: str) -> float | None:
    """The loss of a metric that the head's review.margins let through, as a share; None where it has none."""
    margins = (head.params.get("review") or {}).get("margins") or {}
    found = margins.get(metric)
    return float(found) if isinstance(found, int | float) else None


def flipped(base: Snapshot, head: Snapshot, *, to_right: bool) -> pd.DataFrame:
    """The photos of `tested_by_both` that only the head has right, or only the base, sorted by their `path`."""
    both = tested_by_both(base, head)
    some = both[(both["right_head"] == to_right) & (both["right_base"] != to_right)].copy()
    paths: dict[str, str] = {}
    for snapshot in (base, head):
        if snapshot.manifest is not None:
            paths |= dict(zip(snapshot.manifest["sha256"], snapshot.manifest["path"], strict=True))
    some["path"] = [paths.get(sha256, sha256[:12]) for sha256 in some["sha256"]]
    return some.sort_values("path", ignore_index=True)


def test_split(base: Snapshot, head: Snapshot) -> dict[str, int] | None:
    """How many test photos each has, were added and removed, are in both, and of these bear another label now, or were
    learnt from by one of both."""
    sides = []
    for snapshot in (base, head):
        table = snapshot.predictions
        if table is None and snapshot.manifest is not None:
            table = snapshot.manifest[snapshot.manifest["split"] == "test"]
        if table is None:
            return None
        sides.append(dict(zip(table["sha256"], table["label"], strict=True)))
    both = pd.Series(sorted(sides[0].keys() & sides[1].keys()), dtype=str)
    learnt = int((~unlearnt(both, manifests(base, head))).sum())
    return {"base": len(sides[0]), "head": len(sides[1]), **_differences(*sides), "learnt": learnt}


def classes(base: Snapshot, head: Snapshot) -> pd.DataFrame | None:
    """By class, sorted by name: photos and rejected files of base and head, and photos added, removed, relabelled.

    A relabelled photo counts in the class that it came to. None where a manifest is missing.
    """
    if base.manifest is None or head.manifest is None:
        return None
    before, after = (dict(zip(s.manifest["sha256"], s.manifest["label"], strict=True)) for s in (base, head))  # type: ignore[index]
    counts: dict[str, pd.Series] = {
        "base": pd.Series(before.values()).value_counts(),
        "head": pd.Series(after.values()).value_counts(),
        "added": pd.Series([after[key] for key in after.keys() - before.keys()]).value_counts(),
        "removed": pd.Series([before[key] for key in before.keys() - after.keys()]).value_counts(),
        "relabelled": pd.Series(
            [after[key] for key in after.keys() & before.keys() if after[key] != before[key]]
        ).value_counts(),
        "rejected_base": _rejected(base),
        "rejected_head": _rejected(head),
    }
    return pd.DataFrame(counts).fillna(0).astype(int).sort_index()


def attacked_otherwise(base: Snapshot, head: Snapshot) -> list[str]:
    """The parameters by which the attacks differ, where both revisions attacked: not the models alone are compared."""
    if base.robustness is None or head.robustness is None:
        return []
    names = tuple(f"generate_adversarial.{name}" for name in ("steps", "restarts", "minimal_steps", "black_box"))
    return [name for name, old, new in changed_parameters(base, head) if old and new and name.startswith(names)]


def changed_parameters(base: Snapshot, head: Snapshot) -> list[tuple[str, str | None, str | None]]:
    """Name, old and new value of each parameter that differs; None where a revision has no such parameter."""
    old, new = (dict(shown_parameters(snapshot.params)) for snapshot in (base, head))
    return [(name, old.get(name), new.get(name)) for name in {**old, **new} if old.get(name) != new.get(name)]


def _lacking(what: str, base: Snapshot, head: Snapshot) -> str:
    sides = [side for side, snapshot in (("base", base), ("head", head)) if getattr(snapshot, what) is None]
    return f"the {' and the '.join(sides)} lack{'s'[len(sides) > 1 :]} `data/{what}.parquet`" if sides else ""


def _from_metrics(base: Snapshot, head: Snapshot, name: str) -> Comparison | None:
    return next((number.comparison for number in numbers(base.metrics, head.metrics) if number.name == name), None)


def _epsilons(snapshot: Snapshot) -> dict[str, None]:
    """Those of the table; where there is none, those of the metrics."""
    if snapshot.robustness is not None:
        names = [name for name in snapshot.robustness.columns if name.startswith(PREFIX)]
        return dict.fromkeys(name.removeprefix(PREFIX) for name in names)
    curve = snapshot.metrics.get("generate_adversarial", {}).get("robust_accuracy", {})
    return dict.fromkeys(curve)


def _differences(before: dict[str, str], after: dict[str, str]) -> dict[str, int]:
    both = before.keys() & after.keys()
    return {
        "added": len(after.keys() - both),
        "removed": len(before.keys() - both),
        "both": len(both),
        "relabelled": sum(before[key] != after[key] for key in both),
    }


def _rejected(snapshot: Snapshot) -> pd.Series:
    """Rejected files by the name of their folder in data/raw; empty for those beside the folders."""
    if snapshot.rejected is None:
        return pd.Series(dtype=int)
    parts = [PurePosixPath(path).parts for path in snapshot.rejected["path"]]
    return pd.Series([place[2] if len(place) > 3 else "" for place in parts], dtype=str).value_counts()
