"""The directions in which features vary most."""

import numpy as np
from scipy.sparse.linalg import eigsh

TOLERANCE = 1e-5
LEAST = 1e-6  # of the largest variance: what varies less is rounding


def principal_components(centred: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Principal components (Pearson, 1901): deviations `(A,)`, the largest first, and axes `(C, A)`; A <= `count`.

    They are computed to convergence from the smaller of two matrices with the same eigenvalues, so that no row is
    treated by its place, as an approximation from random numbers would. Of each axis the entry of the largest magnitude
    is positive.

    Args:
        centred: float `(N, C)`, the mean of each column 0.
        count: at least 1.
    """
    wide = centred.shape[1] > len(centred)
    products = centred @ centred.T if wide else centred.T @ centred
    if count > len(products) // 2:  # all of them at once
        values, found = np.linalg.eigh(products)
    else:
        start = np.linspace(-1, 1, len(products), dtype=products.dtype)
        values, found = eigsh(products, count, tol=TOLERANCE, v0=start)
    values, found = values[::-1][:count], found[:, ::-1][:, :count]
    kept = values > LEAST * max(values[0], 1e-12)
    lengths = np.sqrt(values[kept])
    axes = centred.T @ found[:, kept] / lengths if wide else found[:, kept]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
    return lengths / np.sqrt(len(centred)), axes * np.where(largest < 0, -1, 1)
