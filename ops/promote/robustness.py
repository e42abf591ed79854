"""Champion and challenger attacked on the same photos: of the challenger it is on record, the champion is attacked.

Where something for that is missing, their published robust accuracies are compared as if on different photos.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import yaml

from idealcat.adversarial import table as robustness_table
from idealcat.adversarial.settings import GenerateAdversarial
from idealcat.base import artifacts
from idealcat.base.errors import DataError, IdealcatError
from idealcat.base.files import read_json
from idealcat.base.params import parse_params, parse_yaml
from idealcat.statistics.estimate import Estimate, as_estimate
from idealcat.statistics.groups import Groups
from idealcat.statistics.paired import Comparison, compare, compare_unpaired
from ops.promote.gate import Figure
from ops.shared.registry import metrics_of, published
from ops.shared.server import TrackingError

PARAMS = "params.yaml"
TABLE = robustness_table.PATH.as_posix()
MODEL, LABELS = artifacts.CLASSIFIER.path.as_posix(), artifacts.LABELS.path.as_posix()


def compare_robustness(
    client: Any, challenger: Any, champion: Any, test: pd.DataFrame, margin: float
) -> tuple[list[Figure], list[str]]:
    """The figure at the smallest epsilon above 0, if there is one, and what has to be said of it.

    `test` holds sha256, path and group of the challenger's test photos. Raises TrackingError where the registry fails.
    """
    try:
        epsilon, found = _paired(client, challenger, champion, test)
        return [_figure(epsilon, found, margin)], []
    except TrackingError:
        raise
    except IdealcatError as error:
        note = f"robustness was not compared photo by photo: {error}"
    published_metrics = metrics_of(client, challenger), metrics_of(client, champion)
    figures = [_figure(epsilon, found, margin) for epsilon, found in unpaired(*published_metrics)]
    return figures, [note if figures else f"{note}; there are no published figures to compare either"]


def unpaired(new: Mapping[str, float], old: Mapping[str, float]) -> list[tuple[str, Comparison]]:
    """Epsilon and comparison at the smallest one above 0 that both runs' metrics have; empty without one."""
    name = "generate_adversarial.robust_accuracy."
    curves: list[dict[str, Estimate]] = [{}, {}]
    for curve, metrics in zip(curves, (old, new), strict=True):
        for key in (key.removeprefix(name).removesuffix(".n") for key in metrics if key.startswith(name)):
            published = {"value": metrics.get(f"{name}{key}")}
            published |= {part: metrics.get(f"{name}{key}.{part}") for part in ("low", "high", "n")}
            if found := as_estimate(published):
                curve[key] = found
    shared = sorted((curves[0].keys() & curves[1].keys()) - {"0"}, key=float)
    compared = [(key, compare_unpaired(curves[0][key], curves[1][key])) for key in shared[:1]]
    return [(key, comparison) for key, comparison in compared if comparison is not None]


def _paired(client: Any, challenger: Any, champion: Any, test: pd.DataFrame) -> tuple[str, Comparison]:
    with TemporaryDirectory(prefix="idealcat-") as folder:
        table = robustness_table.read_robustness(_fetched(client, challenger, TABLE, folder))
        text = _fetched(client, challenger, PARAMS, folder).read_text(encoding="utf-8")
        model = _fetched(client, champion, MODEL, folder)
        labels = read_json(_fetched(client, champion, LABELS, folder))
        try:
            params = parse_params(parse_yaml(text), name=f"{PARAMS} of version {challenger.version}")
        except yaml.YAMLError as error:
            raise DataError(f"{PARAMS} of version {challenger.version} is not YAML: {error}") from error
        settings = params.section(GenerateAdversarial)
        photos = table.merge(test[["sha256", "path", "group"]], on="sha256")
        if not len(photos):
            raise DataError(f"none of the photos in {TABLE} is a test photo that no model learnt from")
        robust = _attacked(model, labels, photos, settings, params.seed)
        epsilon = settings.epsilons[1]
        challengers = photos[robustness_table.column(epsilon)].to_numpy(bool)
        return f"{epsilon:g}", compare(robust[:, 1], challengers, Groups.named(photos["group"]))


def _attacked(
    model: Path, labels: list[str], photos: pd.DataFrame, settings: GenerateAdversarial, seed: int
) -> np.ndarray:
    """Of each photo, whether the classifier is robust within each epsilon, boolean `(N, E)`."""
    from idealcat.adversarial.robustness import robust_photos  # noqa: PLC0415
    from idealcat.adversarial.target_model import TargetModel  # noqa: PLC0415
    from idealcat.networks.backend import make_deterministic  # noqa: PLC0415 seconds to import
    from idealcat.networks.joined import logits_of  # noqa: PLC0415
    from idealcat.networks.model_file import load_model  # noqa: PLC0415
    from idealcat.photos.read import photos_of, read_photos  # noqa: PLC0415

    make_deterministic(seed)
    target_model = TargetModel(logits_of(load_model(model, stage="train_classifier")))
    truth = np.array([labels.index(label) if label in labels else -1 for label in photos["label"]])
    pixels = read_photos(photos_of(photos), pixels=target_model.pixels)
    return robust_photos(target_model, pixels, truth, settings=settings, seed=seed)


def _figure(epsilon: str, found: Comparison, margin: float) -> Figure:
    return Figure("robustness", f"robustness at epsilon {epsilon}/255", found, margin)


def _fetched(client: Any, version: Any, path: str, folder: str) -> Path:
    found = published(client, version, path, Path(folder) / str(version.version))
    if found is None:
        raise DataError(f"version {version.version} was published without its {path}")
    return found
