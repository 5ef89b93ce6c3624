"""Distances by the names of pytorch-metric-learning: of unit rows."""

from __future__ import annotations

from typing import Optional


class Distance:
    """How two rows are compared. Rows are always brought to unit length first."""

    name = ""
    is_inverted = False

    def __init__(self, normalize_embeddings: bool = True, p: float = 2, power: float = 1) -> None:
        if not normalize_embeddings or p != 2 or power != 1:
            raise ValueError("distances are of unit rows: normalize_embeddings=True, p=2, power=1 is what there is")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class LpDistance(Distance):
    """The Euclidean distance of unit rows."""

    name = "euclidean"


class CosineSimilarity(Distance):
    """The cosine."""

    name, is_inverted = "cosine", True

    def __init__(self) -> None:
        super().__init__()


class DotProductSimilarity(Distance):
    """The product of unit rows: the cosine."""

    name, is_inverted = "cosine", True


def choose(distance: Optional[Distance], default: str, choices: tuple[str, ...]) -> str:
    """The distance's name, as a text of a loss or miner has it."""
    if distance is None:
        return default
    if not isinstance(distance, Distance):
        raise TypeError(f"distance is {distance!r}: give one of crossbatch.torch.distances")
    if distance.name not in choices:
        raise ValueError(f"distance is {distance!r}: there is only {' or '.join(choices)} here")
    return distance.name
