"""Tensors to the host, where the work is done, and gradients back."""

from __future__ import annotations

from typing import Any, Callable, Optional, Sequence, TypeVar

import numpy as np
import torch
from torch.autograd.function import once_differentiable

from ..errors import ShapeError
from ..threads import follow

F = TypeVar("F", bound=Callable[..., Any])


def opaque(function: F) -> F:
    """Have torch.compile call a function as it is: it is no graph of torch's operations."""
    compiler = getattr(torch, "compiler", None)
    disable: Callable[[F], F] = getattr(compiler, "disable", lambda function: function)
    return disable(function)


def follow_threads() -> None:
    """Work on as many threads as torch does."""
    follow(torch.get_num_threads())


def check(name: str, tensor: Any, dims: int, floating: bool) -> torch.Tensor:
    """Refuse what is no tensor of the kind that is wanted."""
    if not isinstance(tensor, torch.Tensor):
        raise TypeError(f"{name} is a {type(tensor).__name__}: give a tensor")
    if tensor.layout is not torch.strided:
        raise TypeError(f"{name} is a tensor of layout {tensor.layout}: give a dense one")
    whole = not tensor.is_floating_point() and not tensor.is_complex() and tensor.dtype is not torch.bool
    if tensor.is_complex() or tensor.is_floating_point() != floating or not floating and not whole:
        raise TypeError(f"{name} is of type {tensor.dtype}: give {'floating-point' if floating else 'whole'} numbers")
    if tensor.dim() != dims:
        raise ShapeError(f"{name} has the shape {tuple(tensor.shape)}: give {'rows × dim' if dims == 2 else 'one number a row'}")
    if tensor.device.type == "meta":
        raise ValueError(f"{name} is on the device meta and has no numbers")
    return tensor.detach()


def to_host(tensors: Sequence[Optional[torch.Tensor]]) -> list[Optional[np.ndarray]]:
    """Arrays of tensors: floating-point numbers as float32. Those of the host are not copied unless they must be.

    From a CUDA device they come by pinned memory, with one wait for all of them.
    """
    arrays: list[Optional[np.ndarray]] = []
    devices: set[torch.device] = set()
    for tensor in tensors:
        if tensor is None:
            arrays.append(None)
            continue
        if tensor.is_floating_point():
            tensor = tensor.to(torch.float32)
        tensor = tensor.contiguous()
        if tensor.device.type == "cuda":
            pinned = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
            pinned.copy_(tensor, non_blocking=True)
            devices.add(tensor.device)
            tensor = pinned
        arrays.append(tensor.cpu().numpy())
    for device in devices:
        torch.cuda.current_stream(device).synchronize()
    return arrays


class _Gradient:
    """A gradient on its way to a tensor's device: the copy goes on while other work is done."""

    def __init__(self, numbers: np.ndarray, like: torch.Tensor) -> None:
        self.event = None
        gradient = torch.from_numpy(numbers)
        if like.device.type != "cuda":
            self.tensor = gradient.to(like.device)
            return
        stream = torch.cuda.Stream(like.device)
        with torch.cuda.stream(stream):
            self.tensor = gradient.pin_memory().to(like.device, non_blocking=True)
            self.event = stream.record_event()

    def get(self) -> torch.Tensor:
        if self.event is not None:
            stream = torch.cuda.current_stream(self.tensor.device)
            stream.wait_event(self.event)
            self.tensor.record_stream(stream)  # type: ignore[arg-type]
        return self.tensor


class _Known(torch.autograd.Function):
    """A value whose gradients are known with it."""

    @staticmethod
    def forward(ctx: Any, value: float, gradients: list[np.ndarray], *inputs: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        ctx.gradients = [_Gradient(g, x) if x.requires_grad else None for g, x in zip(gradients, inputs)]
        ctx.types = [x.dtype for x in inputs]
        kind = inputs[0].dtype if inputs[0].dtype is torch.float64 else torch.float32
        return torch.tensor(value, dtype=kind, device=inputs[0].device)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: torch.Tensor) -> Any:  # type: ignore[override]
        gradients = [None if g is None else (upstream * g.get()).to(kind) for g, kind in zip(ctx.gradients, ctx.types)]
        return (None, None, *gradients)


def known(value: float, gradients: list[np.ndarray], inputs: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return a scalar of torch whose gradient with respect to each of the inputs is given.

    The value is float32, float64 where the first input is; gradients are of the inputs' types.
    """
    result: torch.Tensor = _Known.apply(float(value), gradients, *inputs)
    return result
