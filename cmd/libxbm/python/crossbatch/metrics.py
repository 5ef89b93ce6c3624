"""Scores of embeddings: exact, in bounded memory, the same for any number of threads."""

from __future__ import annotations

import ctypes
import json
from typing import Any, Optional, Sequence

import numpy as np

from . import _structs as s
from ._library import call, text_of
from ._values import address, array, labels_of, matrix, real, whole, whole_numbers
from .accuracy import AccuracyCalculator
from .errors import ShapeError

__all__ = ["AccuracyCalculator", "agreement", "drift", "evaluate", "few_shot", "kmeans", "map_at_r", "r_precision", "recall_at_k", "verification"]


def evaluate(
    embeddings: Any,
    labels: Any,
    gallery: Any = None,
    gallery_labels: Any = None,
    *,
    ranks: Sequence[int] = (1, 2, 4, 8),
    distance: str = "euclidean",
    cameras: Any = None,
    gallery_cameras: Any = None,
    junk: Any = None,
    full: bool = False,
    class_means: bool = False,
    ranks_only: bool = False,
    resamples: int = 0,
    sample: int = 0,
    seed: int = 0,
    most_work: float = 0.0,
) -> dict[str, Any]:
    """Return all that is said of a set of embeddings.

    Equal distances are in order of the index. A query of whose label there is no other row is
    skipped, and counted.

    Parameters
    ----------
    embeddings, labels : array, n × dim and n
        The queries. Labels may be lists of several, or none, a row: then rows are right for each
        other that share one.
    gallery, gallery_labels : array, m × dim and m, optional
        What they are compared with; by default each with all the others.
    ranks : sequence of int
        That recall is reported at.
    distance : {"euclidean", "cosine"}
        The first is between rows as they are given.
    cameras, gallery_cameras : array, n and m, optional
        Which camera took each row, -1 for unknown: rows of a query's class by its own camera are
        left out of its ranking. Without a gallery, the first alone.
    junk : array of bool, optional
        Rows of the gallery (of the queries, without one) that are neither right nor wrong.
    full : bool
        MAP and MRR over all ranks, too.
    class_means : bool
        Means over the classes, too.
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
    if (gallery is None) != (gallery_labels is None):
        raise TypeError("gallery and gallery_labels go together")
    among = None if gallery is None else matrix("gallery", gallery, dim)
    m = 0 if among is None else len(among)
    of, starts = _labels("labels", labels, n)
    among_of, among_starts = (None, None) if among is None else _labels("gallery_labels", gallery_labels, m)
    by = None if cameras is None else whole_numbers("cameras", cameras, n, np.int32)
    among_by = None if gallery_cameras is None else whole_numbers("gallery_cameras", gallery_cameras, m, np.int32)
    left = None if junk is None else _flags("junk", junk, n if among is None else m)
    at = np.array([whole("ranks", k, 1) for k in ranks], np.int64)
    r = s.Retrieval(
        queries=address(embeddings), query_labels=address(of), query_label_starts=address(starts), query_cameras=address(by),
        gallery=address(among), gallery_labels=address(among_of), gallery_label_starts=address(among_starts), gallery_cameras=address(among_by),
        junk=address(left), query_rows=n, gallery_rows=m, dim=dim, ranks=address(at), rank_count=len(at), distance=_distance(distance),
        resamples=whole("resamples", resamples, 0), sample=whole("sample", sample, 0), seed=whole("seed", seed, 0, 2**64 - 1),
        most_work=real("most_work", most_work), full=bool(full), ranks_only=bool(ranks_only), class_means=bool(class_means),
    )  # fmt: skip
    scores = dict(json.loads(text_of("xbm_evaluate", ctypes.byref(r), None)))
    scores["recall"] = {int(k): share for k, share in scores["recall"].items()}
    return scores


def _distance(name: str) -> int:
    if name not in ("euclidean", "cosine"):
        raise ValueError(f"distance is {name!r}: give 'euclidean' or 'cosine'")
    return int(name == "cosine")


def _labels(name: str, labels: Any, count: int) -> tuple[np.ndarray, Optional[np.ndarray]]:
    """Labels, one a row; or all of them with where those of each row start."""
    if isinstance(labels, (list, tuple)) and any(isinstance(of, (list, tuple, set, np.ndarray)) for of in labels):
        if len(labels) != count:
            raise ShapeError(f"{len(labels)} {name} for {count} rows")
        sizes = [len(of) for of in labels]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        return labels_of(name, [label for of in labels for label in of]), starts
    return labels_of(name, labels, count), None


def _flags(name: str, flags: Any, count: int) -> np.ndarray:
    a = array(name, flags)
    if a.dtype != np.bool_ or a.shape != (count,):
        raise TypeError(f"{name} are of type {a.dtype} and shape {a.shape}: give {count} bools")
    return np.ascontiguousarray(a).view(np.uint8)


def verification(embeddings: Any, labels: Any = None, *, pairs: Any = None, same: Any = None, distance: str = "euclidean") -> dict[str, Any]:
    """Return how well distances tell pairs of one class from pairs of two.

    Parameters
    ----------
    embeddings : array, n × dim
    labels : array, n, optional
        For all pairs of rows.
    pairs, same : array, m × 2 of places and m of bool, optional
        In their place, pairs and whether they show one class.
    distance : {"euclidean", "cosine"}

    Returns
    -------
    dict
        ``roc_auc``, ``average_precision``, ``equal_error_rate``, ``tar_at_far``, ``best``, …
    """
    embeddings = matrix("embeddings", embeddings)
    n, dim = embeddings.shape
    if (pairs is None) == (labels is None) or (pairs is None) != (same is None):
        raise TypeError("give labels, or pairs and same")
    if pairs is None:
        of = labels_of("labels", labels, n)
        rest: tuple[Any, ...] = (address(of), None, None, 0)
    else:
        places = array("pairs", pairs)
        if places.ndim != 2 or places.shape[1] != 2:
            raise ShapeError(f"pairs have the shape {places.shape}: give pairs × 2")
        flat, are = whole_numbers("pairs", places.ravel(), None, np.int32), _flags("same", same, len(places))
        rest = (None, address(flat), address(are), len(are))
    return dict(json.loads(text_of("xbm_verification", address(embeddings), n, dim, *rest, _distance(distance))))


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
