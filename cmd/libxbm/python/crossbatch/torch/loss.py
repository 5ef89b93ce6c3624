"""Losses without a memory, as modules."""

from __future__ import annotations

from typing import Any, Optional, Union

import numpy as np
import torch
from torch import nn

from ..terms import ClassWeights, InBatch, Param, Summary
from ._gather import Batches, Gather, check_gather
from ._host import check, follow_threads, known, opaque, to_host


def pack(params: list[nn.Parameter]) -> Optional[np.ndarray]:
    """What a term learns, as the library takes it; None for nothing."""
    if not params:
        return None
    return np.concatenate([a.ravel() for a in to_host([p.detach() for p in params])])  # type: ignore[union-attr]


def unpack(gradient: np.ndarray, params: list[nn.Parameter]) -> list[np.ndarray]:
    """A gradient with respect to what a term learns, parameter by parameter."""
    parts, at = [], 0
    for p in params:
        parts.append(gradient[at : at + p.numel()].reshape(p.shape))
        at += p.numel()
    return parts


def register(module: nn.Module, params: list[Param]) -> None:
    """Have a module learn what a term does."""
    for p in params:
        values = p.values[0] if len(p.values) == 1 else p.values
        module.register_parameter(p.name, nn.Parameter(torch.from_numpy(values.copy())))


class Loss(nn.Module):
    """A pair loss within the batch, with the gradient through both sides of each pair.

    The work is done in float32 on the host, whatever the type and the device of the embeddings.
    There is no second derivative.

    Parameters
    ----------
    loss, miner : str
        ``name:parameter=value,…``; see `crossbatch.losses` and `crossbatch.miners`.
    keep_copies : bool
        Pairs of two rows of one sample count as positives. By default they are left out.
    views : bool
        Rows of one sample are views of it, which differ: positives.
    seed : int
        Of a miner's chance.
    gather : bool or "sum"
        The batch is that of all ranks of torch.distributed, see `CrossBatchMemory`.

    Attributes
    ----------
    summary : Summary
        What the last call's loss said of its pairs.
    """

    def __init__(
        self, loss: str, miner: str = "none", *, keep_copies: bool = False, views: bool = False, seed: int = 0, gather: Gather = False
    ) -> None:
        super().__init__()
        self.term = InBatch(loss, miner, keep_copies=keep_copies, views=views, seed=seed)
        self.gather = check_gather(gather)
        self.summary: Optional[Summary] = None
        self._learned = [p.name for p in self.term.params()]
        register(self, self.term.params())

    @opaque
    def forward(self, embeddings: torch.Tensor, labels: torch.Tensor, ids: Optional[torch.Tensor] = None) -> torch.Tensor:
        """Return the loss of a batch.

        Parameters
        ----------
        embeddings : tensor, n × dim
            Normalised or not.
        labels : tensor, n
            Class of each row.
        ids : tensor, n, optional
            Sample that each row is an embedding of, from 0.
        """
        batches = Batches(
            [check("embeddings", embeddings, 2, True), check("labels", labels, 1, False), None if ids is None else check("ids", ids, 1, False)],
            self.gather,
        )
        follow_threads()
        params = [getattr(self, name) for name in self._learned]
        rows, of, sample = batches.arrays
        gradient, learned = np.zeros_like(rows), np.zeros(sum(p.numel() for p in params), np.float32)
        self.summary = self.term.add(gradient, rows, of, sample, values=pack(params), value_gradient=learned)
        gradients = [batches.own(gradient), *unpack(batches.shared(learned), params)]
        return known(self.summary.value, gradients, [embeddings, *params])

    def get_extra_state(self) -> Any:
        return {"term": torch.from_numpy(self.term.state())}

    def set_extra_state(self, state: Any) -> None:
        self.term.load_state(state["term"].cpu().numpy())

    def extra_repr(self) -> str:
        return repr(self.term)


class ClassLoss(nn.Module):
    """A loss between a batch and learned weights that stand for classes.

    Parameters
    ----------
    loss : str
        ``name:parameter=value,…``; see `crossbatch.class_losses`.
    classes : int, or list of labels
        Labels from 0 up to, not including, the number; or those that there are.
    dim : int
        Numbers in an embedding.
    seed : int
        Of the first values.

    Attributes
    ----------
    class_weights : Parameter, classes × dim
        For soft-triple (classes·centers) × dim, centers of a class adjacent. Classes rise.
    summary : Summary
        What the last call's loss said of its pairs.
    """

    def __init__(self, loss: str, classes: Union[int, Any], dim: int, *, seed: int = 0) -> None:
        super().__init__()
        of = np.arange(classes) if isinstance(classes, int) else classes
        self.term = ClassWeights(loss, of, dim, seed=seed)
        self.summary: Optional[Summary] = None
        self._make_weights(self.term.params()[0].values)

    def _make_weights(self, values: np.ndarray) -> None:
        self.class_weights = nn.Parameter(torch.from_numpy(values.copy()))

    def rows(self) -> torch.Tensor:
        """The weights, one row a class or center."""
        return self.class_weights

    @opaque
    def forward(self, embeddings: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Return the loss of a batch: embeddings are n × dim, labels n."""
        weights = self.rows()
        rows, of, values = to_host(
            [check("embeddings", embeddings, 2, True), check("labels", labels, 1, False), check("the class weights", weights, 2, True)]
        )
        follow_threads()
        gradient, learned = np.zeros_like(rows), np.zeros_like(values)
        self.summary = self.term.add(gradient, rows, of, values=values.ravel(), value_gradient=learned.reshape(-1))  # type: ignore[union-attr]
        return known(self.summary.value, [gradient, learned], [embeddings, weights])  # type: ignore[list-item]

    def extra_repr(self) -> str:
        return f"{self.term.loss!r}, {tuple(self.rows().shape)}"
