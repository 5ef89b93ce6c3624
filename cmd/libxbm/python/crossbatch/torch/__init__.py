"""The memory and the losses for PyTorch.

`CrossBatchMemory`, `Loss` and `ClassLoss` take losses and miners as texts; `losses`, `miners`
and `distances` have them by the names of pytorch-metric-learning.
"""

from . import distances, losses, miners
from .loss import ClassLoss, Loss
from .memory import CrossBatchMemory

__all__ = ["ClassLoss", "CrossBatchMemory", "Loss", "distances", "losses", "miners"]
