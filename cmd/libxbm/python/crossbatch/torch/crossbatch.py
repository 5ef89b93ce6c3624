"""The memory by pytorch-metric-learning's name."""

from __future__ import annotations

from typing import Optional

import torch
from torch import nn

from ._host import opaque
from .memory import CrossBatchMemory as _Memory
from .miners import Miner
from .pairloss import PairLoss


class CrossBatchMemory(_Memory):
    """A loss against past batches, as pytorch-metric-learning has it: the batch is stored first.

    Unlike there, batches may be of any size, the state is saved whole, and where ids are given,
    older copies of a sample are no positives of it. A loss that learns has its parameter here.

    Parameters
    ----------
    loss : PairLoss
        Of `crossbatch.torch.losses`.
    embedding_size : int
    memory_size : int
    miner : Miner, optional
        Of `crossbatch.torch.miners`.
    options
        Those of `crossbatch.torch.CrossBatchMemory`.
    """

    def __init__(self, loss: PairLoss, embedding_size: int, memory_size: int = 1024, miner: Optional[Miner] = None, **options: object) -> None:
        if not isinstance(loss, PairLoss):
            raise TypeError(f"loss is {loss!r}: give one of crossbatch.torch.losses that takes a memory")
        if miner is not None and not isinstance(miner, Miner):
            raise TypeError(f"miner is {miner!r}: give one of crossbatch.torch.miners")
        options.setdefault("in_batch", False)
        super().__init__(loss.spec, memory_size, embedding_size, "none" if miner is None else miner.spec, **options)  # type: ignore[arg-type]
        self.loss, self.miner, self.embedding_size, self.memory_size = loss, miner, embedding_size, memory_size
        for name in self._learned:  # it is the loss's
            delattr(self, name)

    def _params(self) -> list[nn.Parameter]:
        return [getattr(self.loss, name) for name in self._learned]

    @opaque
    def forward(  # type: ignore[override]
        self,
        embeddings: torch.Tensor,
        labels: torch.Tensor,
        indices_tuple: None = None,
        enqueue_mask: Optional[torch.Tensor] = None,
        ids: Optional[torch.Tensor] = None,
    ) -> torch.Tensor:
        """Return the loss of a batch and store it.

        Parameters
        ----------
        embeddings : tensor, n × dim
        labels : tensor, n
        enqueue_mask : tensor of bool, n, optional
            Rows that are stored; the loss is that of the others.
        ids : tensor, n, optional
            Sample that each row is an embedding of, from 0.
        """
        if indices_tuple is not None:
            raise TypeError("indices_tuple: give a miner to the memory in its place")
        if enqueue_mask is None:
            return super().forward(embeddings, labels, ids)
        if enqueue_mask.dtype is not torch.bool or enqueue_mask.shape != labels.shape:
            raise TypeError("enqueue_mask is to be a tensor of bool, one a row")
        stored, rest = enqueue_mask, ~enqueue_mask
        if self.training and (self.gather or bool(stored.any())):
            self.fill(embeddings[stored], labels[stored], None if ids is None else ids[stored])
        before, self.training = self.training, False  # the loss stores nothing
        try:
            if not self.gather and not bool(rest.any()):
                return embeddings.sum() * 0
            return super().forward(embeddings[rest], labels[rest], None if ids is None else ids[rest])
        finally:
            self.training = before
            self.step += int(before)

    @property
    def embedding_memory(self) -> torch.Tensor:
        """The rows, in slot order: a copy."""
        return torch.from_numpy(self.memory.rows())

    @property
    def label_memory(self) -> torch.Tensor:
        """The labels, in slot order: a copy."""
        return torch.from_numpy(self.memory.labels()).long()

    @property
    def queue_idx(self) -> int:
        """The slot that is stored to next."""
        return self.memory.next

    @property
    def has_been_filled(self) -> bool:
        """Whether all slots are in use."""
        return len(self.memory) == self.memory_size

    def reset_queue(self) -> None:
        """Empty the memory."""
        self.reset()
