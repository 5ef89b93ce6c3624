"""Scores of embeddings: exact, in bounded memory, the same for any number of threads."""

from __future__ import annotations

import ctypes
import json
from typing import Any, Sequence

import numpy as np

from . import _structs as s
from ._library import call, text_of
from ._values import address, labels_of, matrix, real, whole
from .accuracy import AccuracyCalculator

__all__ = ["AccuracyCalculator", "agreement", "drift", "evaluate", "few_shot", "kmeans", "map_at_r", "r_precision", "recall_at_k"]


def evaluate(
    embeddings: Any,
    labels: Any,
    gallery: Any = None,
    gallery_labels: Any = None,
    *,
    ranks: Sequence[int] = (1, 2, 4, 8),
    full: bool = False,
    ranks_only: bool = False,
    resamples: int = 0,
    sample: int = 0,
    seed: int = 0,
    most_work: float = 0.0,
) -> dict[str, Any]:
    """Return all that is said of a set of embeddings.

    Distances are Euclidean and between the rows as they are given: normalise them for the
    cosine. Equal ones are in order of the index. A query of whose label there is no other row
    is skipped, and counted.

    Parameters
    ----------
    embeddings, labels : array, n × dim and n
        The queries.
    gallery, gallery_labels : array, m × dim and m, optional
        What they are compared with; by default each with all the others.
    ranks : sequence of int
        That recall is reported at.
    full : bool
        MAP and MRR over all ranks, too.
    ranks_only : bool
        No clustering (NMI, AMI) and no diagnosis.
    resamples : int
        Of the queries, for bounds of the scores; 0: none.
    sample : int
        At most so many queries, drawn by `seed`; 0: all.
    seed : int
        Of the sample, the bounds and the clustering.
    most_work : float
        Products that each part may take, beyond which it is left out and named; 0: any.

    Returns
    -------
    dict
        ``recall`` (rank to share), ``r_precision``, ``map_at_r``, ``map``, ``mrr``, ``nmi``,
        ``ami``, ``diagnosis``, ``bootstrap``, ``queries``, ``skipped``, ``left_out``: what was
        asked for.
    """
    embeddings = matrix("embeddings", embeddings)
    n, dim = embeddings.shape
    of = labels_of("labels", labels, n)
    if (gallery is None) != (gallery_labels is None):
        raise TypeError("gallery and gallery_labels go together")
    among = None if gallery is None else matrix("gallery", gallery, dim)
    among_labels = None if among is None else labels_of("gallery_labels", gallery_labels, len(among))
    at = np.array([whole("ranks", k, 1) for k in ranks], np.int64)
    r = s.Retrieval(
        queries=address(embeddings), query_labels=address(of), gallery=address(among), gallery_labels=address(among_labels),
        query_rows=n, gallery_rows=0 if among is None else len(among), dim=dim, ranks=address(at), rank_count=len(at),
        resamples=whole("resamples", resamples, 0), sample=whole("sample", sample, 0), seed=whole("seed", seed, 0, 2**64 - 1),
        most_work=real("most_work", most_work), full=bool(full), ranks_only=bool(ranks_only),
    )  # fmt: skip
    scores = dict(json.loads(text_of("xbm_evaluate", ctypes.byref(r), None)))
    scores["recall"] = {int(k): share for k, share in scores["recall"].items()}
    return scores


def recall_at_k(embeddings: Any, labels: Any, k: int = 1, gallery: Any = None, gallery_labels: Any = None) -> float:
    """Return the share of queries with one of their class among their k nearest; see `evaluate`."""
    return float(evaluate(embeddings, labels, gallery, gallery_labels, ranks=(k,), ranks_only=True)["recall"][k])


def map_at_r(embeddings: Any, labels: Any, gallery: Any = None, gallery_labels: Any = None) -> float:
    """Return the mean average precision at R; see `evaluate`."""
    return float(evaluate(embeddings, labels, gallery, gallery_labels, ranks=(), ranks_only=True)["map_at_r"])


def r_precision(embeddings: Any, labels: Any, gallery: Any = None, gallery_labels: Any = None) -> float:
    """Return the R-precision; see `evaluate`."""
    return float(evaluate(embeddings, labels, gallery, gallery_labels, ranks=(), ranks_only=True)["r_precision"])


def agreement(labels: Any, clusters: Any) -> tuple[float, float]:
    """Return the normalised and the adjusted mutual information of two clusterings."""
    of = labels_of("labels", labels)
    by = labels_of("clusters", clusters, len(of))
    nmi, ami = ctypes.c_double(), ctypes.c_double()
    call("xbm_agreement", address(of), address(by), len(of), ctypes.byref(nmi), ctypes.byref(ami))
    return nmi.value, ami.value


def kmeans(embeddings: Any, k: int, *, seed: int = 0) -> np.ndarray:
    """Return the cluster of each row by Lloyd's k-means: int32."""
    embeddings = matrix("embeddings", embeddings)
    n, dim = embeddings.shape
    clusters = np.empty(n, np.int32)
    call("xbm_kmeans", address(embeddings), n, dim, whole("k", k), whole("seed", seed, 0, 2**64 - 1), address(clusters))
    return clusters


def few_shot(embeddings: Any, labels: Any, *, seed: int = 0) -> dict[str, float]:
    """Return what simple classifiers make of embeddings, learning from half of each class."""
    embeddings = matrix("embeddings", embeddings)
    n, dim = embeddings.shape
    of = labels_of("labels", labels, n)
    return dict(json.loads(text_of("xbm_few_shot", address(embeddings), n, dim, address(of), whole("seed", seed, 0, 2**64 - 1))))


def drift(now: Any, before: Any) -> float:
    """Return how far a network has moved embeddings: the mean squared distance of rows of the same samples."""
    now = matrix("now", now)
    before = matrix("before", before, now.shape[1], now.shape[0])
    out = ctypes.c_double()
    call("xbm_drift", address(now), address(before), *now.shape, ctypes.byref(out))
    return out.value
