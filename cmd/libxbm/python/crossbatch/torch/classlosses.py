"""Losses with weights for classes by pytorch-metric-learning's names, shapes and first values."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

from .loss import ClassLoss
from .miners import spec


class _Columns(ClassLoss):
    """Weights that lie as there: ``W`` is dim × classes."""

    def _make_weights(self, values: np.ndarray) -> None:
        self.W = nn.Parameter(torch.empty(values.shape[1], values.shape[0]))
        nn.init.normal_(self.W)

    def rows(self) -> torch.Tensor:
        return self.W.t()


class NormalizedSoftmaxLoss(_Columns):
    """Zhai and Wu, BMVC 2019."""

    def __init__(self, num_classes: int, embedding_size: int, temperature: float = 0.05) -> None:
        super().__init__(spec("normalized-softmax", temperature=temperature), num_classes, embedding_size)


class CosFaceLoss(_Columns):
    """Wang et al., CVPR 2018."""

    def __init__(self, num_classes: int, embedding_size: int, margin: float = 0.35, scale: float = 64) -> None:
        super().__init__(spec("cosface", margin=margin, scale=scale), num_classes, embedding_size)


class ArcFaceLoss(_Columns):
    """Deng et al., CVPR 2019. margin is in degrees."""

    def __init__(self, num_classes: int, embedding_size: int, margin: float = 28.6, scale: float = 64) -> None:
        super().__init__(spec("arcface", margin_degrees=margin, scale=scale), num_classes, embedding_size)


class SoftTripleLoss(ClassLoss):
    """Qian et al., ICCV 2019. ``fc`` is dim × (classes·centers)."""

    def __init__(
        self, num_classes: int, embedding_size: int, centers_per_class: int = 10, la: float = 20, gamma: float = 0.1, margin: float = 0.01
    ) -> None:
        super().__init__(spec("soft-triple", centers=centers_per_class, la=la, gamma=gamma, margin=margin), num_classes, embedding_size)

    def _make_weights(self, values: np.ndarray) -> None:
        self.fc = nn.Parameter(torch.empty(values.shape[1], values.shape[0]))
        nn.init.kaiming_uniform_(self.fc, a=math.sqrt(5))

    def rows(self) -> torch.Tensor:
        return self.fc.t()


class ProxyNCALoss(ClassLoss):
    """Movshovitz-Attias et al., ICCV 2017, with the right proxy in the denominator. ``proxies`` is classes × dim."""

    def __init__(self, num_classes: int, embedding_size: int, softmax_scale: float = 1) -> None:
        super().__init__(spec("proxy-nca", softmax_scale=softmax_scale), num_classes, embedding_size)

    def _make_weights(self, values: np.ndarray) -> None:
        self.proxies = nn.Parameter(torch.empty(values.shape))
        nn.init.normal_(self.proxies)

    def rows(self) -> torch.Tensor:
        return self.proxies


class ProxyAnchorLoss(ClassLoss):
    """Kim et al., CVPR 2020. ``proxies`` is classes × dim."""

    def __init__(self, num_classes: int, embedding_size: int, margin: float = 0.1, alpha: float = 32) -> None:
        super().__init__(spec("proxy-anchor", margin=margin, alpha=alpha), num_classes, embedding_size)

    def _make_weights(self, values: np.ndarray) -> None:
        self.proxies = nn.Parameter(torch.empty(values.shape))
        nn.init.kaiming_normal_(self.proxies, mode="fan_out")

    def rows(self) -> torch.Tensor:
        return self.proxies
