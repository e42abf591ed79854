"""Whether new photos come from where the known ones do, by their features: a permutation test, and what shows it."""

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from idealcat.audit.components import principal_components

ALPHA = 0.05  # the largest share of batches from the same source that are called drift
COMPONENTS = 32  # of the features, those that vary most
NEIGHBOURS = 10
LEAST = 10  # photos a side: fewer can hardly tell anything
PERMUTATIONS = 499
MOST = 1000  # known photos that new ones are held against: more cost their square, and tell little more


@dataclass(frozen=True)
class Drift:
    """`p` of the test; `scores` `(M,)`, the higher the nearer a new photo lies to new ones than to known ones."""

    p: float
    scores: np.ndarray

    @property
    def found(self) -> bool:
        """Whether the new photos come from elsewhere."""
        return self.p < ALPHA


def drift(known: np.ndarray, new: np.ndarray, *, seed: int = 0, permutations: int = PERMUTATIONS) -> Drift:
    """Tests whether N known and M new photos are drawn from one source.

    Two statistics of all photos together, each made for all `permutations` of who is new and who is known: the energy
    distance (Székely and Rizzo, 2004), which a change of all photos moves, and the count of nearest neighbours of the
    same kind (Schilling, 1986; Henze, 1988), which a few photos of a new kind move. p is that of the larger of both in
    standard deviations over the permutations: whatever the features are, at most a share p of batches from the same
    source have one so small (Phipson and Smyth, 2010).

    Args:
        known: feature vectors `(N, C)`, one a group of near duplicates, none that is new.
        new: feature vectors `(M, C)`, likewise.
        seed: of the permutations.
        permutations: how many.
    """
    rng = np.random.default_rng(seed)
    with threadpool_limits(1, user_api="blas"):
        distances = _distances(_whitened(np.concatenate([known, new])))
        chosen = np.zeros((permutations + 1, len(distances)), "float32")  # row 0: as they are
        chosen[0, len(known) :] = 1
        for row in chosen[1:]:
            row[rng.permutation(len(distances))[: len(new)]] = 1
        statistics = np.stack([_energy(distances, chosen), _same_neighbours(distances, chosen)])
    spread = np.maximum(statistics.std(axis=1, keepdims=True), 1e-12)
    largest = ((statistics - statistics.mean(axis=1, keepdims=True)) / spread).max(axis=0)
    p = float((largest >= largest[0] - 1e-9).mean())
    rest = max(len(new) - 1, 1)
    scores = (
        distances[len(known) :, : len(known)].mean(axis=1) - distances[len(known) :, len(known) :].sum(axis=1) / rest
    )
    return Drift(p, scores)


def _whitened(vectors: np.ndarray) -> np.ndarray:
    """The principal components of all vectors together, each of variance 1."""
    centred = (vectors - vectors.mean(axis=0, dtype="float64")).astype("float32")
    deviations, axes = principal_components(centred, min(COMPONENTS, len(vectors) // 2))
    return centred @ axes / deviations


def _distances(points: np.ndarray) -> np.ndarray:
    """Euclidean distances, float32 `(N, N)`."""
    points = points.astype("float32")
    squares = (points**2).sum(axis=1)
    return np.sqrt(np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0))


def _energy(distances: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The energy distance between those `chosen`, 0 or 1 `(P, N)`, and the others, `(P,)`."""
    new = chosen[0].sum()
    known = len(distances) - new
    within = np.einsum("pn,pn->p", chosen @ distances, chosen, dtype="float64")
    touching = chosen.astype("float64") @ distances.sum(axis=1, dtype="float64")
    others = distances.sum(dtype="float64") - 2 * touching + within
    return 2 * (touching - within) / (new * known) - within / new**2 - others / known**2


def _same_neighbours(distances: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """How many of the NEIGHBOURS nearest of those `chosen` are `chosen` too, `(P,)`."""
    apart = distances.copy()
    np.fill_diagonal(apart, np.inf)
    near = np.argpartition(apart, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    return np.einsum("pn,pnk->p", chosen, chosen[:, near], optimize=True)
