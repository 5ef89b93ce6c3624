"""Exact nearest neighbours, in bounded memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._library import call
from ._values import address, matrix, whole


def neighbors(embeddings: Any, k: int) -> np.ndarray:
    """Return the k nearest others of each row, nearest first: int32, n × k.

    Distances are Euclidean and between the rows as they are given; equal ones are in order
    of the index.

    Parameters
    ----------
    embeddings : array, n × dim
    k : int
        At most n-1.
    """
    embeddings = matrix("embeddings", embeddings)
    n, dim = embeddings.shape
    nearest = np.empty((n, whole("k", k, 1, max(1, n - 1))), np.int32)
    call("xbm_neighbors", address(embeddings), n, dim, nearest.shape[1], address(nearest))
    return nearest


def search(queries: Any, gallery: Any, k: int) -> np.ndarray:
    """Return the k nearest rows of a gallery for each query, nearest first: int32, n × k.

    Parameters
    ----------
    queries : array, n × dim
    gallery : array, m × dim
    k : int
        At most m.
    """
    queries = matrix("queries", queries)
    n, dim = queries.shape
    gallery = matrix("gallery", gallery, dim)
    nearest = np.empty((n, whole("k", k, 1, max(1, len(gallery)))), np.int32)
    call("xbm_search", address(queries), n, address(gallery), len(gallery), dim, nearest.shape[1], address(nearest))
    return nearest
