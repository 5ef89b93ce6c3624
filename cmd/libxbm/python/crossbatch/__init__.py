"""A cross-batch memory for deep metric learning.

The core works on arrays of numpy::

    memory = crossbatch.Memory(60000, 128)
    term = crossbatch.CrossBatch(memory, "multi-similarity:alpha=2")
    summary, gradient = term(embeddings, labels, step=step)

`crossbatch.torch` has modules of PyTorch on top of it, `crossbatch.jax` functions for JAX,
`crossbatch.metrics` the scores. None of them is imported before it is asked for, and the
library itself is loaded at the first call.
"""

from .errors import DivergedError, InternalError, ShapeError, StateError
from .memory import Memory
from .names import class_losses, cures, losses, miners, policies
from .neighbors import neighbors, search
from .terms import ClassWeights, CrossBatch, InBatch, Param, Summary, Term
from .threads import get_num_threads, set_num_threads

__version__ = "0.1.0"

__all__ = [
    "ClassWeights",
    "CrossBatch",
    "DivergedError",
    "InBatch",
    "InternalError",
    "Memory",
    "Param",
    "ShapeError",
    "StateError",
    "Summary",
    "Term",
    "class_losses",
    "cures",
    "get_num_threads",
    "losses",
    "miners",
    "neighbors",
    "policies",
    "search",
    "set_num_threads",
]
