"""Settings and arrays of the caller's, as the library takes them."""

from __future__ import annotations

import operator
from typing import Any, Optional

import numpy as np

from .errors import ShapeError


def text(name: str, value: Any) -> bytes:
    """A setting that is a text."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}: give a text")
    if "\0" in value:
        raise ValueError(f"{name} is {value!r}: it has a zero in it")
    return value.encode()


def whole(name: str, value: Any, least: int = -(2**63), most: int = 2**63 - 1) -> int:
    """A setting that is a whole number."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} is {value!r}: give a whole number")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}: give a whole number") from None
    if not least <= number <= most:
        raise ValueError(f"{name} is {number}: give a number from {least} to {most}")
    return number


def real(name: str, value: Any) -> float:
    """A setting that is a number."""
    if isinstance(value, (str, bytes, bool)):
        raise TypeError(f"{name} is {value!r}: give a number")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} is {value!r}: give a number") from None


def array(name: str, value: Any) -> np.ndarray:
    """An array of numpy, or what can be made one: also a tensor of torch."""
    if isinstance(value, np.ndarray):
        return value
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    try:
        return np.asarray(value)
    except ValueError as error:
        raise TypeError(f"{name}: {error}") from None


def matrix(name: str, value: Any, dim: Optional[int] = None, rows: Optional[int] = None) -> np.ndarray:
    """Rows of numbers: float32, one row after the other. Copied only if they are not so already."""
    m = array(name, value)
    if m.dtype.kind != "f":
        raise TypeError(f"{name} are of type {m.dtype}: give floating-point numbers")
    if m.ndim != 2:
        raise ShapeError(f"{name} have the shape {m.shape}: give rows × dim")
    if dim is not None and m.shape[1] != dim:
        raise ShapeError(f"{name} are rows of {m.shape[1]} numbers: give {dim}")
    if rows is not None and m.shape[0] != rows:
        raise ShapeError(f"{name} are {m.shape[0]} rows: give {rows}")
    return _plain(m, np.float32)


def whole_numbers(name: str, value: Any, count: Optional[int], kind: Any) -> np.ndarray:
    """A list of whole numbers of one of numpy's types. Copied only if it is not so already."""
    a = array(name, value)
    if a.size == 0 and a.dtype == np.float64:  # an empty list
        a = a.astype(kind)
    if a.dtype.kind not in "iu":
        raise TypeError(f"{name} are of type {a.dtype}: give whole numbers")
    if a.ndim != 1:
        raise ShapeError(f"{name} have the shape {a.shape}: give one number a row")
    if count is not None and len(a) != count:
        raise ShapeError(f"{len(a)} {name} for {count} rows")
    bounds = np.iinfo(kind)
    if a.dtype != kind and a.size and (int(a.min()) < bounds.min or int(a.max()) > bounds.max):
        raise ValueError(f"{name} go from {a.min()} to {a.max()}: give numbers from {bounds.min} to {bounds.max}")
    return _plain(a, kind)


def _plain(a: np.ndarray, kind: Any) -> np.ndarray:
    flags = a.flags
    return a if a.dtype == kind and flags.c_contiguous and flags.aligned else np.require(a, kind, ["C", "A"])


def labels_of(name: str, value: Any, count: Optional[int] = None) -> np.ndarray:
    """The classes of rows."""
    return whole_numbers(name, value, count, np.int32)


def output(name: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """An array that is written in place."""
    if not isinstance(value, np.ndarray) or value.dtype != np.float32:
        raise TypeError(f"{name} is written in place: give an array of numpy of type float32")
    if value.shape != shape:
        raise ShapeError(f"{name} has the shape {value.shape}: give {shape}")
    if not (value.flags.c_contiguous and value.flags.aligned and value.flags.writeable):
        raise ValueError(f"{name} is written in place: give an array that can be, one row after the other")
    return value


def address(a: Optional[np.ndarray]) -> Optional[int]:
    """Where an array's numbers are; NULL for none."""
    return None if a is None else int(a.__array_interface__["data"][0])
