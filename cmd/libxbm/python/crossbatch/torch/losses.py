"""Losses by the names of pytorch-metric-learning, with its arguments and defaults.

A trainer changes an import: ``from crossbatch.torch import distances, losses, miners``.
"""

from __future__ import annotations

from typing import Any, Optional

from .classlosses import ArcFaceLoss, CosFaceLoss, NormalizedSoftmaxLoss, ProxyAnchorLoss, ProxyNCALoss, SoftTripleLoss
from .crossbatch import CrossBatchMemory
from .distances import Distance, choose
from .pairloss import PairLoss

_EITHER = ("cosine", "euclidean")


class AngularLoss(PairLoss):
    """Wang et al., ICCV 2017. alpha is in degrees."""

    def __init__(self, alpha: float = 40) -> None:
        super().__init__("angular", alpha_degrees=alpha, raw_negatives=True)


class CircleLoss(PairLoss):
    """Sun et al., CVPR 2020."""

    def __init__(self, m: float = 0.4, gamma: float = 80) -> None:
        super().__init__("circle", m=m, gamma=gamma)


class ContrastiveLoss(PairLoss):
    """Hadsell et al., CVPR 2006, not squared."""

    def __init__(self, pos_margin: float = 0, neg_margin: float = 1, distance: Optional[Distance] = None) -> None:
        super().__init__("contrastive", distance=choose(distance, "euclidean", _EITHER), pos_margin=pos_margin, neg_margin=neg_margin)


class FastAPLoss(PairLoss):
    """Cakir et al., CVPR 2019."""

    def __init__(self, num_bins: int = 10) -> None:
        super().__init__("fast-ap", bins=num_bins)


class GeneralizedLiftedStructureLoss(PairLoss):
    """Hermans et al., 2017."""

    def __init__(self, neg_margin: float = 1, pos_margin: float = 0, distance: Optional[Distance] = None) -> None:
        choose(distance, "euclidean", ("euclidean",))
        super().__init__("generalized-lifted", pos_margin=pos_margin, neg_margin=neg_margin)


class HistogramLoss(PairLoss):
    """Ustinova and Lempitsky, NeurIPS 2016."""

    def __init__(self, n_bins: Optional[int] = None, delta: Optional[float] = None) -> None:
        if n_bins is not None and delta is not None and delta != 2 / n_bins:
            raise ValueError(f"delta is {delta} with {n_bins} bins: give one of them")
        bins = n_bins if n_bins is not None else 100 if delta is None else round(2 / delta)
        super().__init__("histogram", bins=bins)


class IntraPairVarianceLoss(PairLoss):
    """Yu and Tao, ICCV 2019."""

    def __init__(self, pos_eps: float = 0.01, neg_eps: float = 0.01) -> None:
        super().__init__("intra-pair-variance", pos_eps=pos_eps, neg_eps=neg_eps)


class LiftedStructureLoss(PairLoss):
    """Oh Song et al., CVPR 2016."""

    def __init__(self, neg_margin: float = 1, pos_margin: float = 0, distance: Optional[Distance] = None) -> None:
        choose(distance, "euclidean", ("euclidean",))
        super().__init__("lifted", pos_margin=pos_margin, neg_margin=neg_margin)


class MarginLoss(PairLoss):
    """Wu et al., ICCV 2017. With learn_beta, beta is a parameter of the module."""

    def __init__(
        self,
        margin: float = 0.2,
        nu: float = 0,
        beta: float = 1.2,
        triplets_per_anchor: Any = "all",
        learn_beta: bool = False,
        num_classes: Optional[int] = None,
    ) -> None:
        if num_classes is not None or triplets_per_anchor != "all":
            raise ValueError("beta is one for all classes, and all triplets of an anchor are taken: leave num_classes and triplets_per_anchor out")
        super().__init__("margin", margin=margin, beta=beta, learn_beta=learn_beta, nu=nu)


class MultiSimilarityLoss(PairLoss):
    """Wang et al., CVPR 2019."""

    def __init__(self, alpha: float = 2, beta: float = 50, base: float = 0.5) -> None:
        super().__init__("multi-similarity", alpha=alpha, beta=beta, base=base)


class NCALoss(PairLoss):
    """Goldberger et al., NeurIPS 2004."""

    def __init__(self, softmax_scale: float = 1) -> None:
        super().__init__("nca", softmax_scale=softmax_scale)


class NPairsLoss(PairLoss):
    """Sohn, NeurIPS 2016."""

    def __init__(self) -> None:
        super().__init__("n-pairs")


class NTXentLoss(PairLoss):
    """Chen et al., ICML 2020."""

    def __init__(self, temperature: float = 0.07) -> None:
        super().__init__("nt-xent", temperature=temperature)


class SignalToNoiseRatioContrastiveLoss(PairLoss):
    """Yuan et al., CVPR 2019."""

    def __init__(self, pos_margin: float = 0, neg_margin: float = 1) -> None:
        super().__init__("snr-contrastive", pos_margin=pos_margin, neg_margin=neg_margin)


class SmoothAPLoss(PairLoss):
    """Brown et al., ECCV 2020."""

    def __init__(self, temperature: float = 0.01) -> None:
        super().__init__("smooth-ap", temperature=temperature)


class SupConLoss(PairLoss):
    """Khosla et al., NeurIPS 2020."""

    def __init__(self, temperature: float = 0.1) -> None:
        super().__init__("supcon", temperature=temperature)


class TripletMarginLoss(PairLoss):
    """Weinberger et al., NeurIPS 2005; Schroff et al., CVPR 2015; swap: Balntas et al., BMVC 2016."""

    def __init__(
        self,
        margin: float = 0.05,
        swap: bool = False,
        smooth_loss: bool = False,
        triplets_per_anchor: Any = "all",
        distance: Optional[Distance] = None,
    ) -> None:
        if triplets_per_anchor != "all":
            raise ValueError("all triplets of an anchor are taken: leave triplets_per_anchor out")
        super().__init__("triplet", distance=choose(distance, "euclidean", _EITHER), margin=margin, smooth=smooth_loss, swap=swap)


class TupletMarginLoss(PairLoss):
    """Yu and Tao, ICCV 2019. margin is in degrees."""

    def __init__(self, margin: float = 5.73, scale: float = 64) -> None:
        super().__init__("tuplet-margin", margin_degrees=margin, scale=scale)


__all__ = [
    "AngularLoss",
    "ArcFaceLoss",
    "CircleLoss",
    "ContrastiveLoss",
    "CosFaceLoss",
    "CrossBatchMemory",
    "FastAPLoss",
    "GeneralizedLiftedStructureLoss",
    "HistogramLoss",
    "IntraPairVarianceLoss",
    "LiftedStructureLoss",
    "MarginLoss",
    "MultiSimilarityLoss",
    "NCALoss",
    "NPairsLoss",
    "NTXentLoss",
    "NormalizedSoftmaxLoss",
    "ProxyAnchorLoss",
    "ProxyNCALoss",
    "SignalToNoiseRatioContrastiveLoss",
    "SmoothAPLoss",
    "SoftTripleLoss",
    "SupConLoss",
    "TripletMarginLoss",
    "TupletMarginLoss",
]
