"""Batches of all ranks as one."""

from __future__ import annotations

from typing import Optional, Union

import numpy as np
import torch
import torch.distributed as dist

from ._host import to_host

Gather = Union[bool, str]


def check_gather(gather: Gather) -> Gather:
    """Refuse what is no way to gather."""
    if gather not in (False, True, "sum"):
        raise ValueError(f"gather is {gather!r}: give False, True (ranks' gradients are averaged) or 'sum' (they are added up)")
    return gather


class Batches:
    """What the ranks hand over, one after the other, as every rank sees it.

    Parameters
    ----------
    tensors : list of tensor, or None
        Of this rank, as many rows each; the first is not None.
    gather : bool or "sum"
        False: this rank's alone.
    """

    def __init__(self, tensors: list[Optional[torch.Tensor]], gather: Gather) -> None:
        self.rows, self.first, self.ranks = len(tensors[0]), 0, 1  # type: ignore[arg-type]
        self.mean = gather is True
        if gather:
            if not (dist.is_available() and dist.is_initialized()):
                raise RuntimeError("gather: torch.distributed is not initialised. Call init_process_group, or leave gather False")
            self.ranks = dist.get_world_size()
            tensors = self._all(tensors)
        self.arrays = to_host(tensors)

    def _all(self, tensors: list[Optional[torch.Tensor]]) -> list[Optional[torch.Tensor]]:
        lead = tensors[0]
        assert lead is not None
        # What each rank has: rows, numbers in a row, which tensors. A rank that differs would
        # have the others wait for ever, so all look before they go on.
        mine = [self.rows, lead.shape[1], *(int(t is not None) for t in tensors)]
        about = torch.tensor(mine, dtype=torch.int64, device=lead.device)
        each = [torch.empty_like(about) for _ in range(self.ranks)]
        dist.all_gather(each, about)
        listed = [e.tolist() for e in each]
        if any(other[1:] != mine[1:] for other in listed):
            raise ValueError(f"gather: the ranks' batches are not alike (rows, dim, which tensors): {listed}")
        counts = [other[0] for other in listed]
        self.first = sum(counts[: dist.get_rank()])
        return [None if t is None else self._gather(t, counts) for t in tensors]

    def _gather(self, tensor: torch.Tensor, counts: list[int]) -> torch.Tensor:
        if tensor.is_floating_point():
            tensor = tensor.to(torch.float32)
        most = max(counts)
        padded = tensor.new_zeros((most, *tensor.shape[1:]))
        padded[: len(tensor)] = tensor
        each = [torch.empty_like(padded) for _ in counts]
        dist.all_gather(each, padded)
        return torch.cat([part[:count] for part, count in zip(each, counts)])

    def own(self, gradient: np.ndarray) -> np.ndarray:
        """This rank's part of a gradient with respect to all rows.

        Where the ranks' gradients are averaged, as DistributedDataParallel does, it counts as
        many times, so that the mean is what one process would have.
        """
        own = gradient[self.first : self.first + self.rows]
        return own * np.float32(self.ranks) if self.mean and self.ranks > 1 else own

    def shared(self, gradient: np.ndarray) -> np.ndarray:
        """A gradient that every rank has whole, as a rank is to return it."""
        return gradient if self.mean or self.ranks == 1 else gradient / np.float32(self.ranks)
