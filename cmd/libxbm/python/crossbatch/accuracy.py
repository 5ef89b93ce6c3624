"""The scores by the names of pytorch-metric-learning's AccuracyCalculator."""

from __future__ import annotations

from typing import Any, Sequence, Union

import numpy as np

from ._values import array, matrix, whole
from .errors import ShapeError

_BY_RANK = ("mean_average_precision", "mean_average_precision_at_r", "mean_reciprocal_rank", "precision_at_1", "r_precision")
_BY_CLUSTER = ("AMI", "NMI")

#: Numbers of a table of neighbours that are held at a time.
_TABLE = 1 << 24

Score = Union[float, "list[float]"]


class AccuracyCalculator:
    """Scores of embeddings, as pytorch-metric-learning has them.

    They are exact, the nearest of equally distant rows is the one with the lowest index, and no
    table of all neighbours is held. Distances are Euclidean, between the rows as they are given.
    A class of whose label there is nothing else is left out.

    Parameters
    ----------
    include, exclude : sequence of str
        Of ``AMI``, ``NMI``, ``mean_average_precision``, ``mean_average_precision_at_r``,
        ``mean_reciprocal_rank``, ``precision_at_1``, ``r_precision``.
    avg_of_avgs : bool
        The mean over classes in place of the mean over queries.
    return_per_class : bool
        A list, one score a class, by ascending label.
    k : int, optional, or "max_bin_count"
        Ranks that MAP and MRR look at. By default all. (R-precision and MAP at R look at R.)
    seed : int
        Of the clustering.
    """

    def __init__(
        self,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        avg_of_avgs: bool = False,
        return_per_class: bool = False,
        k: Union[int, str, None] = None,
        *,
        seed: int = 0,
    ) -> None:
        if avg_of_avgs and return_per_class:
            raise ValueError("avg_of_avgs and return_per_class are mutually exclusive")
        if k is not None and k != "max_bin_count":
            whole("k", k, 1)
        self.avg_of_avgs, self.return_per_class, self.k, self.seed = avg_of_avgs, return_per_class, k, seed
        self.metrics = self._chosen(include, exclude, [*_BY_CLUSTER, *_BY_RANK])

    @staticmethod
    def _chosen(include: Sequence[str], exclude: Sequence[str], among: Sequence[str]) -> list[str]:
        if isinstance(include, str) or isinstance(exclude, str):
            raise TypeError("include and exclude are lists of names")
        unknown = sorted({*include, *exclude}.difference(_BY_CLUSTER, _BY_RANK))
        if unknown:
            raise ValueError(f"there are no scores {unknown}: known are {[*_BY_CLUSTER, *_BY_RANK]}")
        return [m for m in among if (not include or m in include) and m not in exclude]

    def get_accuracy(
        self,
        query: Any,
        query_labels: Any,
        reference: Any = None,
        reference_labels: Any = None,
        ref_includes_query: bool = False,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
    ) -> dict[str, Score]:
        """Return the scores, by name.

        Parameters
        ----------
        query, query_labels : array, n × dim and n
        reference, reference_labels : array, m × dim and m, optional
            What the queries are compared with; by default each with all the others.
        ref_includes_query : bool
            The first n of the reference are the queries: none is compared with itself.
        include, exclude : sequence of str
            Of those that the calculator has.
        """
        metrics = self._chosen(include, exclude, self.metrics)
        query = matrix("query", query)
        of = _list("query_labels", query_labels, len(query))
        if reference is None:
            reference, among, ref_includes_query = query, of, True
        else:
            reference = matrix("reference", reference, query.shape[1])
            among = _list("reference_labels", reference_labels, len(reference))
        if ref_includes_query and not (np.array_equal(query, reference[: len(query)]) and np.array_equal(of, among[: len(of)])):
            raise ValueError("ref_includes_query: the first rows of the reference are not the queries")
        names, both = np.unique(np.concatenate([of, among]), return_inverse=True)
        if len(query) == 0:
            raise ShapeError("there are no queries")
        of, among = both[: len(of)].astype(np.int32), both[len(of) :].astype(np.int32)

        scores: dict[str, Score] = {}
        if any(m in _BY_CLUSTER for m in metrics):
            scores.update(self._clusters(query, of))
        by_rank = [m for m in metrics if m in _BY_RANK]
        if by_rank and self._plain(query, reference, ref_includes_query):
            scores.update(_together(query, of, reference, among, ref_includes_query, by_rank))
        elif by_rank:
            scores.update(self._each(query, of, reference, among, ref_includes_query, by_rank, len(names)))
        return {m: scores[m] for m in metrics}

    def _plain(self, query: np.ndarray, reference: np.ndarray, ref_includes_query: bool) -> bool:
        """Whether the means over all queries and all ranks are what is wanted."""
        alone = not ref_includes_query or len(query) == len(reference)
        return self.k is None and alone and not self.avg_of_avgs and not self.return_per_class

    def _clusters(self, query: np.ndarray, of: np.ndarray) -> dict[str, Score]:
        from .metrics import agreement, kmeans

        nmi, ami = agreement(of, kmeans(query, len(np.unique(of)), seed=self.seed))
        return {"NMI": nmi, "AMI": ami}

    def _each(
        self, query: np.ndarray, of: np.ndarray, reference: np.ndarray, among: np.ndarray, includes: bool, metrics: list[str], classes: int
    ) -> dict[str, Score]:
        """The scores by those of each query."""
        counts = np.bincount(among, minlength=classes)
        relevant = counts[of] - int(includes)
        all_ranks = len(reference) - int(includes)
        k = self._ranks(relevant, all_ranks)
        ranks = min(all_ranks, max(k, int(relevant.max()))) if {"r_precision", "mean_average_precision_at_r"}.intersection(metrics) else k
        sums: dict[str, list[np.ndarray]] = {m: [] for m in metrics}
        block = max(1, _TABLE // (ranks + 1))
        for first in range(0, len(query), block):
            places = np.arange(first, min(len(query), first + block))
            places = places[relevant[places] > 0]
            if len(places) == 0:
                continue
            hits = among[_nearest(query, reference, places, ranks, includes)] == of[places, None]
            for m in metrics:
                sums[m].append(_of_queries(m, hits, relevant[places], k))
        kept = of[relevant > 0]
        return {m: self._mean(np.concatenate(sums[m]) if sums[m] else np.empty(0), kept) for m in metrics}

    def _ranks(self, relevant: np.ndarray, most: int) -> int:
        if self.k is None:
            return most
        return min(most, max(1, int(relevant.max()) if self.k == "max_bin_count" else int(self.k)))

    def _mean(self, each: np.ndarray, of: np.ndarray) -> Score:
        if not (self.avg_of_avgs or self.return_per_class):
            return float(each.mean()) if len(each) else float("nan")
        labels, place = np.unique(of, return_inverse=True)
        means = np.bincount(place, each, len(labels)) / np.bincount(place, minlength=len(labels))
        if self.return_per_class:
            return [float(m) for m in means]
        return float(means.mean()) if len(means) else float("nan")


def _list(name: str, labels: Any, count: int) -> np.ndarray:
    of = array(name, labels)
    if of.ndim == 2 and of.shape[1] == 1:
        of = of[:, 0]
    if of.shape != (count,):
        raise ShapeError(f"{name} have the shape {of.shape}: give {count}, one a row")
    return of


def _together(
    query: np.ndarray, of: np.ndarray, reference: np.ndarray, among: np.ndarray, includes: bool, metrics: list[str]
) -> dict[str, Score]:
    """The means over all queries, without a table of neighbours."""
    from .metrics import evaluate

    full = bool({"mean_average_precision", "mean_reciprocal_rank"}.intersection(metrics))
    counts = np.bincount(among, minlength=int(of.max()) + 1)
    if not (counts[of] > int(includes)).any():
        return {m: float("nan") for m in metrics}
    gallery: tuple[Any, Any] = (None, None) if includes else (reference, among)
    e = evaluate(query, of, *gallery, ranks=(1,), full=full, ranks_only=True)
    names = {
        "mean_average_precision": e.get("map"),
        "mean_average_precision_at_r": e["map_at_r"],
        "mean_reciprocal_rank": e.get("mrr"),
        "precision_at_1": e["recall"][1],
        "r_precision": e["r_precision"],
    }
    return {m: float(names[m]) for m in metrics}


def _nearest(query: np.ndarray, reference: np.ndarray, places: np.ndarray, ranks: int, includes: bool) -> np.ndarray:
    """The nearest of some queries, themselves left out: places × ranks."""
    from .neighbors import search

    if not includes:
        return search(query[places], reference, ranks)
    found = search(query[places], reference, ranks + 1)
    keep = found != places[:, None]
    keep[keep.all(axis=1), -1] = False  # it is not among its own nearest: there are as many like it
    others: np.ndarray = found[keep].reshape(len(places), ranks)
    return others


def _of_queries(metric: str, hits: np.ndarray, relevant: np.ndarray, k: int) -> np.ndarray:
    """The score of each query: hits says which of its neighbours are of its class."""
    if metric in ("mean_average_precision", "mean_reciprocal_rank"):
        hits = hits[:, :k]
    ranks = np.arange(1, hits.shape[1] + 1)
    if metric == "precision_at_1":
        return hits[:, 0].astype(float)
    if metric == "mean_reciprocal_rank":
        return np.where(hits.any(axis=1), 1 / (hits.argmax(axis=1) + 1), 0.0)
    within = hits if metric == "mean_average_precision" else hits & (ranks <= relevant[:, None])
    if metric != "r_precision":
        within = within.cumsum(axis=1) * within / ranks
    score: np.ndarray = within.sum(axis=1) / relevant
    return score
