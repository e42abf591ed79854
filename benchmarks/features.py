"""Labelled features for the benchmarks of heads: of folders and sources, as `python -m ops.compare` takes them."""

import time
from pathlib import Path

import numpy as np

from idealcat.base.params import Params, load_params
from idealcat.extraction.choice import Choice, choose
from idealcat.extraction.fill import run
from idealcat.extraction.settings import ExtractFeatures
from idealcat.networks.settings import Backbone
from ops.compare.cell import vectors_of
from ops.compare.data_sets import DataSet, named_photos
from ops.compare.networks import Network, had

NETWORK = "efficientnet_lite0"
FOLDER = Path("runs/compare/networks")  # where ops.compare keeps networks

Photos = tuple[np.ndarray, np.ndarray, np.ndarray]  # vectors, labels, groups


def features(place: str, network: str = NETWORK) -> tuple[str, Photos]:
    """The name of a set, `[NAME=]PLACE`, and its photos' features `(N, D)`, labels and groups `(N,)`."""
    data, _, choice = chosen(place, network)
    vectors, _ = vectors_of(data, choice, load_params())
    return data.name, (vectors, data.truth, data.table["group"].to_numpy())


def uneven(photos: Photos, count: int) -> Photos:
    """The photos with `count` of the last class, drawn."""
    last = np.flatnonzero(photos[1] == photos[1].max())
    gone = np.random.default_rng(0).permutation(last)[count:]
    vectors, labels, groups = (np.delete(column, gone, axis=0) for column in photos)
    return vectors, labels, groups


def extraction(place: str, wanted: np.ndarray, network: str = NETWORK) -> float:
    """The seconds that the features of some of the photos take, boolean `(N,)`, the store left aside."""
    data, _, choice = chosen(place, network)
    photos = [photo for photo, is_wanted in zip(data.photos, wanted, strict=True) if is_wanted]
    start = time.perf_counter()
    for _ in run(choice, photos, load_params().section(ExtractFeatures)):
        pass
    return time.perf_counter() - start


def chosen(place: str, network: str = NETWORK, params: Params | None = None) -> tuple[DataSet, Network, Choice]:
    """A set, a network as `params` (by default params.yaml) set it, and how its features are computed."""
    params = params or load_params()
    size = params.section(Backbone).image_size
    data, built = named_photos(place, params), had(network, params, FOLDER / str(size or ""))
    return data, built, choose(params.section(ExtractFeatures), built.description, data.photos, backbone=built.file)
