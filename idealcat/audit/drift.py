"""Whether new photos come from where the known ones do, by their features: a permutation test, and what shows it."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from threadpoolctl import threadpool_limits

# The share of batches from the same source that are called drift, on average over known photos. Those are a sample:
# batch after batch held against the same ones, it is more or less than that, and at 0.02 hardly ever more than 0.05.
ALPHA = 0.02
RIDGE = 0.01  # of all variance: directions in which features vary less weigh less, as chance is most of what they show
LEAST = 10  # photos a side: fewer can hardly tell anything
PERMUTATIONS = 499
MOST = 2000  # photos a side: more cost their square, and tell little more


@dataclass(frozen=True)
class Drift:
    """`p` of the test; `scores` `(M,)`, the higher the nearer a new photo lies to new ones than to known ones."""

    p: float
    scores: np.ndarray

    @property
    def found(self) -> bool:
        """Whether the new photos come from elsewhere."""
        return self.p <= ALPHA


def drift(known: np.ndarray, new: np.ndarray, *, seed: int = 0, permutations: int = PERMUTATIONS) -> Drift:
    """Tests whether N known and M new photos are drawn from one source.

    The statistic is the energy distance (Székely and Rizzo, 2004), which any difference of the two raises, a change of
    all photos as well as a few of a new kind. p is the share of all `permutations` of who is new and who is known, and
    of the photos as they are, with one as large: whatever the features are, at most a share p of batches from the same
    source have one so small (Phipson and Smyth, 2010).

    Args:
        known: feature vectors `(N, C)`, one a group of near duplicates, none that is new.
        new: feature vectors `(M, C)`, likewise.
        seed: of the permutations.
        permutations: how many.
    """
    with threadpool_limits(1, user_api="blas"):
        distances = whitened_distances(np.concatenate([known, new]))
        return told_apart(distances, len(new), seed=seed, permutations=permutations)


def told_apart(distances: np.ndarray, new: int, *, seed: int, permutations: int = PERMUTATIONS) -> Drift:
    """What `drift` says by the distances of all photos `(N + M, N + M)`, of which the last `new` = M are new."""
    rng = np.random.default_rng(seed)
    known = len(distances) - new
    chosen = np.zeros((permutations + 1, len(distances)))  # row 0: as they are
    chosen[0, known:] = 1
    for row in chosen[1:]:
        row[rng.permutation(len(row))[:new]] = 1
    energies = _energy(distances, chosen)
    p = float((energies >= energies[0] - 1e-9).mean())
    near = distances[known:, known:].sum(axis=1) / max(new - 1, 1)
    return Drift(p, distances[known:, :known].mean(axis=1) - near)


def whitened_distances(vectors: np.ndarray) -> np.ndarray:
    """Mahalanobis's distances `(N, N)` of vectors `(N, C)`, their covariance with a ridge (Chen et al., 2011)."""
    centred = vectors - vectors.mean(axis=0, dtype="float64")
    covariance = centred.T @ centred / len(centred)
    ridge = max(RIDGE * np.trace(covariance), 1e-12)
    factor = cholesky(covariance + ridge * np.eye(len(covariance)), lower=True)
    white = solve_triangular(factor, centred.T, lower=True).T
    squares = (white**2).sum(axis=1)
    return np.sqrt(np.maximum(squares[:, None] + squares - 2 * white @ white.T, 0))


def _energy(distances: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The energy distance between those `chosen`, 0 or 1 `(P, N)`, and the others, `(P,)`."""
    new = chosen[0].sum()
    known = len(distances) - new
    within = np.einsum("pn,pn->p", chosen @ distances, chosen)
    touching = chosen @ distances.sum(axis=1)
    others = distances.sum() - 2 * touching + within
    return 2 * (touching - within) / (new * known) - within / new**2 - others / known**2
