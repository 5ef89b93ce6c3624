"""The memory as a module."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np
import torch
from torch import nn

from ..memory import Memory
from ..terms import CrossBatch, InBatch, Summary
from ._gather import Batches, Gather, check_gather
from ._host import check, follow_threads, known, opaque
from .loss import pack, register, unpack


class CrossBatchMemory(nn.Module):
    """The loss of a batch, within it and against the embeddings of past iterations.

    >>> memory = CrossBatchMemory("multi-similarity:alpha=2", size=60000, dim=128, start=1000)
    >>> loss = memory(embeddings, labels, ids)
    >>> loss.backward()

    The memory lies in the host's RAM, also where the embeddings are on a GPU: a step moves the
    batch there and its gradient back. ``state_dict`` holds all of it, so that a training that
    is stopped goes on to the bit. In evaluation mode (``memory.eval()``) nothing is stored.

    Parameters
    ----------
    loss, miner : str
        ``name:parameter=value,…``; see `crossbatch.losses` and `crossbatch.miners`.
    size : int
        Rows that the memory holds.
    dim : int
        Numbers in an embedding.
    in_batch : bool
        Add the loss within the batch, with the gradient through both sides of each pair; the
        batch is then stored after the loss. Without it, it is stored before, and pairs within
        the batch are among those with the memory. The paper has both: the loss within the
        batch, ``store="first"``, and ``reduction=anchors`` in the loss.
    memory_loss : str, optional
        The loss against the memory, where it is another or has other parameters.
    weight : float
        Of the memory's loss.
    positive_weight, negative_weight : float
        Of its gradient through the positive pairs alone, and through the negative ones.
    start : int
        Step from which on the memory is used and filled; the paper waits 1,000.
    ramp : int
        Steps over which the weight rises from there.
    store : {"first", "last", "never"}, optional
        When the batch is stored; by default as `in_batch` says.
    policy, half, max_age, cure
        Of the memory, see `crossbatch.Memory`.
    keep_copies, views, age_tau
        Of the loss, see `crossbatch.CrossBatch`.
    seed : int
        Of a miner's and a policy's chance.
    gather : bool or "sum"
        The batch is that of all ranks of torch.distributed, and every rank keeps the same
        memory. True: for trainers that average the ranks' gradients, as
        DistributedDataParallel does; "sum": for those that add them up. Either way they come to
        those of one process with the whole batch.

    Attributes
    ----------
    memory : crossbatch.Memory
    step : int
        Of the training: calls in training mode so far. May be set.
    summary : Summary or None
        What the last call's memory loss said of its pairs.
    in_batch_summary : Summary or None
        The same of the loss within the batch.
    """

    def __init__(
        self,
        loss: str,
        size: int,
        dim: int,
        miner: str = "none",
        *,
        in_batch: bool = True,
        memory_loss: Optional[str] = None,
        weight: float = 1.0,
        positive_weight: float = 1.0,
        negative_weight: float = 1.0,
        start: int = 0,
        ramp: int = 0,
        store: Optional[str] = None,
        policy: str = "ring",
        half: bool = False,
        max_age: int = 0,
        cure: str = "none",
        keep_copies: bool = False,
        views: bool = False,
        age_tau: float = 0.0,
        seed: int = 0,
        gather: Gather = False,
    ) -> None:
        super().__init__()
        if store is None:
            store = "last" if in_batch else "first"
        self.memory = Memory(size, dim, policy=policy, half=half, max_age=max_age, cure=cure, seed=seed)
        self.term = CrossBatch(
            self.memory, memory_loss or loss, miner, start=start, store=store, keep_copies=keep_copies, views=views,
            age_tau=age_tau, seed=seed, positive_weight=positive_weight, negative_weight=negative_weight,
        )  # fmt: skip
        self.in_batch = InBatch(loss, miner, keep_copies=keep_copies, views=views, seed=seed + 1) if in_batch else None
        self.weight, self.start, self.ramp = float(weight), start, ramp
        self.gather = check_gather(gather)
        self.step = 0
        self.summary: Optional[Summary] = None
        self.in_batch_summary: Optional[Summary] = None
        self._learned = [p.name for p in self.term.params()]
        register(self, self.term.params())

    @opaque
    def forward(
        self,
        embeddings: torch.Tensor,
        labels: torch.Tensor,
        ids: Optional[torch.Tensor] = None,
        keys: Optional[torch.Tensor] = None,
    ) -> torch.Tensor:
        """Return the loss of a batch and, in training mode, store it.

        Parameters
        ----------
        embeddings : tensor, n × dim
            Normalised or not.
        labels : tensor, n
            Class of each row.
        ids : tensor, n, optional
            Sample that each row is an embedding of, from 0: pairs with older copies of it are
            left out.
        keys : tensor, n × dim, optional
            What is stored in place of the embeddings: a momentum encoder's.
        """
        batches = self._batches(embeddings, labels, ids, keys)
        value, gradient, learned = self._take(batches, self.in_batch, read_only=not self.training)
        if self.training:
            self.step += 1
        params = self._params()
        return known(value, [batches.own(gradient), *unpack(batches.shared(learned), params)], [embeddings, *params])

    def _batches(
        self, embeddings: torch.Tensor, labels: torch.Tensor, ids: Optional[torch.Tensor], keys: Optional[torch.Tensor]
    ) -> Batches:
        follow_threads()
        return Batches(
            [
                check("embeddings", embeddings, 2, True),
                check("labels", labels, 1, False),
                None if ids is None else check("ids", ids, 1, False),
                None if keys is None else check("keys", keys, 2, True),
            ],
            self.gather,
        )

    def _params(self) -> list[nn.Parameter]:
        return [getattr(self, name) for name in self._learned]

    def _take(self, batches: Batches, in_batch: Optional[InBatch], read_only: bool) -> tuple[float, np.ndarray, np.ndarray]:
        """The value, the gradient with respect to all rows, and the one to what is learned."""
        rows, of, ids, keys = batches.arrays
        params = self._params()
        values = pack(params)
        assert rows is not None
        gradient = np.zeros_like(rows)
        learned = np.zeros(sum(p.numel() for p in params), np.float32)
        # The memory's first: only it changes anything, so that after an error nothing has.
        self.summary = self.term.add(
            gradient, rows, of, ids, keys, step=self.step, values=values, value_gradient=learned, read_only=read_only
        )
        weight = self._weight()
        value = weight * self.summary.value
        if weight != 1:
            gradient *= np.float32(weight)
            learned *= np.float32(weight)
        if in_batch is not None:
            own = np.zeros_like(learned)
            self.in_batch_summary = in_batch.add(gradient, rows, of, ids, values=values, value_gradient=own)
            value += self.in_batch_summary.value
            learned += own
        return value, gradient, learned

    def _weight(self) -> float:
        """Of the memory's loss at this step."""
        done = self.step - self.start + 1
        return self.weight * done / self.ramp if 0 < done < self.ramp else self.weight

    @torch.no_grad()
    def fill(
        self,
        embeddings: torch.Tensor,
        labels: torch.Tensor,
        ids: Optional[torch.Tensor] = None,
        keys: Optional[torch.Tensor] = None,
    ) -> None:
        """Store a batch and take no loss: what was embedded before the first step."""
        rows, of, sample, other = self._batches(embeddings, labels, ids, keys).arrays
        self.term.fill(rows, of, sample, other, step=self.step)

    def reset(self) -> None:
        """Empty the memory."""
        self.memory.reset()

    def __len__(self) -> int:
        return len(self.memory)

    def __bool__(self) -> bool:
        return True

    def get_extra_state(self) -> Any:
        state = {
            "step": self.step,
            "memory": torch.from_numpy(self.memory.state()),
            "term": torch.from_numpy(self.term.state()),
        }
        if self.in_batch is not None:
            state["in_batch"] = torch.from_numpy(self.in_batch.state())
        return state

    def set_extra_state(self, state: Any) -> None:
        if ("in_batch" in state) != (self.in_batch is not None):
            raise ValueError("the state is of a memory with in_batch as it is not here")
        self.memory.load_state(state["memory"].cpu().numpy())
        self.term.load_state(state["term"].cpu().numpy())
        if self.in_batch is not None:
            self.in_batch.load_state(state["in_batch"].cpu().numpy())
        self.step = int(state["step"])

    def extra_repr(self) -> str:
        return f"{self.term!r}, in_batch={self.in_batch is not None}, {len(self.memory)} rows"
