"""Experiments ranked by what heads say of photos that they did not learn from; the test split has no say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from idealcat.base.errors import DataError
from idealcat.base.nested import flatten
from idealcat.statistics.estimate import Estimate, as_estimate
from idealcat.statistics.groups import Groups
from idealcat.statistics.influence import Scored
from idealcat.statistics.predictions import OUT_OF_FOLD_COLUMNS, probability_column
from idealcat.statistics.ranking import Standing
from idealcat.statistics.ranking import rank as rank_scored


@dataclass(frozen=True)
class Candidate:
    """A result to choose from: its parameters, out-of-fold table, manifest, and metrics of the test split."""

    name: str
    params: Mapping[str, Any]
    out_of_fold: pd.DataFrame
    manifest: pd.DataFrame
    scores: Mapping[str, Any]


@dataclass(frozen=True)
class Ranked:
    """A candidate, and how it stands on the photos of all candidates."""

    candidate: Candidate
    standing: Standing


@dataclass(frozen=True)
class Ranking:
    """The candidates, the best first, and the accuracy to expect of the best, without the luck of the choice."""

    rows: list[Ranked]
    corrected: float
    photos: int

    @property
    def test(self) -> Estimate | None:
        """The accuracy of the best on the test split, which it was not chosen by."""
        return as_estimate(self.rows[0].candidate.scores.get("accuracy"))


def rank(candidates: Sequence[Candidate]) -> Ranking:
    """Ranks by accuracy, then log loss, on the photos of all candidates that none of them tests.

    Raises:
        DataError: they have no photo in common.
    """
    photos = shared_photos(candidates)
    ranking = rank_scored([_scored(candidate, photos) for candidate in candidates], Groups.named(photos["group"]))
    rows = [Ranked(candidates[one.number], one) for one in ranking.standings]
    return Ranking(rows, ranking.corrected, len(photos))


def shared_photos(candidates: Sequence[Candidate]) -> pd.DataFrame:
    """sha256, label and group of the photos that all candidates have under one label and none of them tests."""
    tested: set[str] = set()
    photos: pd.DataFrame | None = None
    for candidate in candidates:
        manifest = candidate.manifest
        tested |= set(manifest.loc[manifest["split"] == "test", "sha256"])
        own = candidate.out_of_fold[["sha256", "label"]]
        photos = own.merge(manifest[["sha256", "group"]], on="sha256") if photos is None else photos.merge(own)
    if photos is None or photos["sha256"].isin(tested).all():
        raise DataError("the experiments have no photo in common that none of them tests: they can't be compared")
    return photos[~photos["sha256"].isin(tested)].sort_values("sha256", ignore_index=True)


def changed(candidate: Candidate, base: Mapping[str, Any]) -> str:
    """The parameters that differ from those of `base`, as `key=value`."""
    old = dict(flatten(base))
    return ", ".join(f"{name}={value}" for name, value in flatten(candidate.params) if old.get(name, value) != value)


def lines(ranking: Ranking, base: Mapping[str, Any]) -> Iterator[str]:
    """The ranking, the best first, and what can be said of it; changes are told beside the parameters of `base`."""
    width = max(len(row.candidate.name) for row in ranking.rows)
    yield f"cross-validated on {ranking.photos} photos of train and validation"
    yield f"{'':<{width}}  accuracy (95 % interval)    log loss  beside the best"
    for row in ranking.rows:
        low, high = row.standing.accuracy.interval or (0.0, 1.0)
        beside = row.standing.verdict + ("" if row.standing.p is None else f", p = {row.standing.p:.2g}")
        numbers = f"{row.standing.accuracy.value:.3f} ({low:.3f} to {high:.3f})    {row.standing.log_loss.value:>8.4f}"
        yield f"{row.candidate.name:<{width}}  {numbers}  {beside}  {changed(row.candidate, base)}".rstrip()
    best = ranking.rows[0]
    yield ""
    if len(ranking.rows) > 1:
        noise = sum(row.standing.verdict == "within noise" for row in ranking.rows)
        luck = f"{best.standing.accuracy.value:.3f} less the luck of being the best of {len(ranking.rows)}"
        told = f"{best.candidate.name}: {ranking.corrected:.3f} is to be expected of it, {luck}"
        yield f"{told}; {noise} of the others are within noise"
    if ranking.test is not None:
        yield f"{best.candidate.name} on the test split, which it was not chosen by: accuracy {ranking.test.words}"
    if (best.candidate.params.get("train_classifier") or {}).get("fine_tune", {}).get("layers"):
        yield "cross-validation trains heads alone: what fine-tuning brings shows on the test split only"


def _scored(candidate: Candidate, photos: pd.DataFrame) -> Scored:
    table = photos[["sha256"]].merge(candidate.out_of_fold, on="sha256")
    columns = [name for name in table.columns if name not in OUT_OF_FOLD_COLUMNS]
    places = {name: place for place, name in enumerate(columns)}
    labels = [places[probability_column(label, OUT_OF_FOLD_COLUMNS)] for label in table["label"]]
    return Scored(np.array(labels), table[columns].to_numpy())
