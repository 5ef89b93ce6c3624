"""What the pair losses by pytorch-metric-learning's names have in common."""

from __future__ import annotations

from typing import Any, Optional, Union

import numpy as np
import torch
from torch import nn

from ..memory import Memory
from ..terms import CrossBatch, InBatch, Summary
from ._host import check, follow_threads, known, opaque, to_host
from .loss import pack, register, unpack
from .miners import Mined, spec


class PairLoss(nn.Module):
    """A pair loss, called as there: ``loss(embeddings, labels, miner(embeddings, labels))``.

    Parameters
    ----------
    name : str
    parameters
        Those that the text has.

    Attributes
    ----------
    spec : str
        The loss as a text.
    summary : Summary
        What the last call's loss said of its pairs.
    """

    def __init__(self, name: str, **parameters: Any) -> None:
        super().__init__()
        self.spec = spec(name, **parameters)
        self.summary: Optional[Summary] = None
        self._terms = {"none": InBatch(self.spec)}
        self._learned = [p.name for p in self._terms["none"].params()]
        register(self, self._terms["none"].params())

    @opaque
    def forward(
        self,
        embeddings: torch.Tensor,
        labels: torch.Tensor,
        indices_tuple: Optional[Mined] = None,
        ref_emb: Optional[torch.Tensor] = None,
        ref_labels: Optional[torch.Tensor] = None,
    ) -> torch.Tensor:
        """Return the loss of a batch.

        Parameters
        ----------
        embeddings : tensor, n × dim
        labels : tensor, n
        indices_tuple : Mined, optional
            What a miner of `crossbatch.torch.miners` returned.
        ref_emb, ref_labels : tensor, m × dim and m, optional
            What the batch is compared with, in place of itself: constants.
        """
        rows, of = to_host([check("embeddings", embeddings, 2, True), check("labels", labels, 1, False)])
        follow_threads()
        miner = miner_of(indices_tuple)
        params = [getattr(self, p) for p in self._learned]
        gradient, learned = np.zeros_like(rows), np.zeros(sum(p.numel() for p in params), np.float32)
        term: Union[InBatch, CrossBatch] = self._in_batch(miner) if ref_emb is None else self._against(miner, ref_emb, ref_labels)
        self.summary = term.add(gradient, rows, of, values=pack(params), value_gradient=learned)  # type: ignore[arg-type]
        return known(self.summary.value, [gradient, *unpack(learned, params)], [embeddings, *params])  # type: ignore[list-item]

    def _in_batch(self, miner: str) -> InBatch:
        if miner not in self._terms:
            self._terms[miner] = InBatch(self.spec, miner)
        return self._terms[miner]

    def _against(self, miner: str, ref_emb: Any, ref_labels: Any) -> CrossBatch:
        """The loss against rows that are given once."""
        rows = check("ref_emb", ref_emb, 2, True)
        if ref_emb.requires_grad:
            raise ValueError("ref_emb requires a gradient, and is a constant here: detach it")
        if ref_labels is None:
            raise ValueError("ref_emb is given without ref_labels")
        among, of = to_host([rows, check("ref_labels", ref_labels, 1, False)])
        term = CrossBatch(Memory(*rows.shape), self.spec, miner, store="never")
        term.fill(among, of)
        return term

    def get_extra_state(self) -> Any:
        return {miner: torch.from_numpy(term.state()) for miner, term in self._terms.items()}

    def set_extra_state(self, state: Any) -> None:
        for miner, chance in state.items():
            self._in_batch(miner).load_state(chance.cpu().numpy())

    def extra_repr(self) -> str:
        return repr(self.spec)


def miner_of(indices_tuple: Optional[Mined]) -> str:
    """The miner of what a miner returned, as a text."""
    if indices_tuple is None:
        return "none"
    if not isinstance(indices_tuple, Mined):
        raise TypeError("indices_tuple is not what a miner of crossbatch.torch.miners returns: lists of pairs are not taken, the loss mines while it streams")
    return indices_tuple.miner.spec
