"""Miners by the names of pytorch-metric-learning.

A miner is called as there, ``pairs = miner(embeddings, labels)``, and what it returns is
handed to a loss. Nothing is mined before: the loss mines while it streams, so that no
list of pairs is ever made.
"""

from __future__ import annotations

from typing import Any, Optional

from .distances import Distance, choose


class Mined:
    """What a miner chooses of a batch: known to the loss that gets it."""

    def __init__(self, miner: Miner, embeddings: Any) -> None:
        self.miner, self.embeddings = miner, embeddings

    def __repr__(self) -> str:
        return f"Mined({self.miner.spec!r})"


class Miner:
    """A miner, as a text.

    Parameters
    ----------
    name : str
    parameters
        Those that the text has.
    """

    def __init__(self, name: str, **parameters: Any) -> None:
        self.spec = spec(name, **parameters)

    def __call__(self, embeddings: Any, labels: Any, ref_emb: Any = None, ref_labels: Any = None) -> Mined:
        if ref_emb is not None or ref_labels is not None:
            raise ValueError("miners are for the batch; against a memory, give one to CrossBatchMemory")
        return Mined(self, embeddings)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.spec!r})"


def spec(name: str, **parameters: Any) -> str:
    """A loss or a miner as a text."""
    texts = []
    for key, value in parameters.items():
        if isinstance(value, bool):
            value = str(value).lower()
        elif not isinstance(value, str):
            value = repr(float(value))
        texts.append(f"{key}={value}")
    return name + (":" + ",".join(texts) if texts else "")


class MultiSimilarityMiner(Miner):
    """Pairs that violate a margin with the anchor's hardest pair of the other kind (Wang et al., CVPR 2019)."""

    def __init__(self, epsilon: float = 0.1, distance: Optional[Distance] = None) -> None:
        super().__init__("multi-similarity", distance=choose(distance, "cosine", ("cosine", "euclidean")), epsilon=epsilon)


class BatchHardMiner(Miner):
    """The hardest positive and the hardest negative (Hermans et al., 2017)."""

    def __init__(self, distance: Optional[Distance] = None) -> None:
        choose(distance, "euclidean", ("cosine", "euclidean"))  # the order is the same
        super().__init__("batch-hard")


class BatchEasyHardMiner(Miner):
    """One positive and one negative of each anchor, by strategy (Xuan et al., WACV 2020)."""

    HARD, SEMIHARD, EASY, ALL = "hard", "semihard", "easy", "all"

    def __init__(self, pos_strategy: str = "easy", neg_strategy: str = "semihard", distance: Optional[Distance] = None) -> None:
        choose(distance, "euclidean", ("cosine", "euclidean"))
        super().__init__("easy-hard", pos=pos_strategy, neg=neg_strategy)


class TripletMarginMiner(Miner):
    """Triplets by how much farther the negative is than the positive (Schroff et al., CVPR 2015)."""

    def __init__(self, margin: float = 0.2, type_of_triplets: str = "all", distance: Optional[Distance] = None) -> None:
        kinds = ("all", "hard", "semihard", "easy")
        if type_of_triplets not in kinds:
            raise ValueError(f"type_of_triplets is {type_of_triplets!r}: give one of {', '.join(kinds)}")
        super().__init__(f"triplet-{type_of_triplets}", distance=choose(distance, "euclidean", ("cosine", "euclidean")), margin=margin)


class DistanceWeightedMiner(Miner):
    """A negative for each positive, drawn so that all distances are equally likely (Wu et al., ICCV 2017)."""

    def __init__(self, cutoff: float = 0.5, nonzero_loss_cutoff: float = 1.4) -> None:
        super().__init__("distance-weighted", cutoff=cutoff, nonzero_loss_cutoff=nonzero_loss_cutoff)


class PairMarginMiner(Miner):
    """Positives beyond a margin and negatives within one."""

    def __init__(self, pos_margin: float = 0.2, neg_margin: float = 0.8, distance: Optional[Distance] = None) -> None:
        super().__init__("pair-margin", distance=choose(distance, "euclidean", ("cosine", "euclidean")), pos_margin=pos_margin, neg_margin=neg_margin)
