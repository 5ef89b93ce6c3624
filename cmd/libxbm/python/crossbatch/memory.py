"""The memory of past batches' embeddings."""

from __future__ import annotations

import ctypes
import weakref
from typing import Any, Optional

import numpy as np

from . import _structs as s
from ._library import call, free
from ._values import address, matrix, text, whole


class Memory:
    """The embeddings of past iterations, in the RAM of the host.

    By default it is a ring: when it is full, the oldest row gives way to the newest.
    It takes 4·dim+24 bytes a row. It can be copied and pickled, and its state saved and
    restored to the bit.

    Parameters
    ----------
    size : int
        Rows that it can hold.
    dim : int
        Numbers in a row.
    policy : str
        Which rows stay: ``"ring"``, ``"keyed"`` (the newest of each sample id),
        ``"class-balanced:N"`` (at most N of a class) or ``"reservoir"`` (a uniform sample
        of all).
    half : bool
        Keep rows in 16 bits a number, at half the room.
    max_age : int
        Steps after which a row is dropped; 0: never.
    cure : str
        Of drift: ``"none"``, ``"xbn"`` or ``"axbn:process=0.1,measurement=1"``; see
        `compensate` for another.
    seed : int
        Of a reservoir's chance.
    """

    def __init__(
        self, size: int, dim: int, *, policy: str = "ring", half: bool = False, max_age: int = 0, cure: str = "none", seed: int = 0
    ) -> None:
        self._open(dict(size=size, dim=dim, policy=policy, half=half, max_age=max_age, cure=cure, seed=seed))

    def _open(self, config: dict[str, Any]) -> None:
        c = s.MemoryConfig(
            capacity=whole("size", config["size"]),
            dim=whole("dim", config["dim"]),
            policy=text("policy", config["policy"]),
            cure=text("cure", config["cure"]),
            max_age=whole("max_age", config["max_age"]),
            seed=whole("seed", config["seed"], 0, 2**64 - 1),
            half=bool(config["half"]),
        )
        handle = ctypes.c_uint64()
        call("xbm_memory_new", ctypes.byref(c), ctypes.byref(handle))
        self._handle, self._config = handle.value, config
        weakref.finalize(self, free, "xbm_memory_free", handle.value).atexit = False

    def _info(self) -> s.MemoryInfo:
        info = s.MemoryInfo()
        call("xbm_memory_get_info", self._handle, ctypes.byref(info))
        return info

    @property
    def size(self) -> int:
        """Rows that it can hold."""
        return int(self._config["size"])

    @property
    def dim(self) -> int:
        """Numbers in a row."""
        return int(self._config["dim"])

    @property
    def total(self) -> int:
        """Rows that were ever stored."""
        return int(self._info().total)

    @property
    def next(self) -> int:
        """Slot that a plain ring stores to next."""
        return int(self._info().next)

    def __len__(self) -> int:
        return int(self._info().length)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Memory({', '.join(f'{k}={v!r}' for k, v in self._config.items())})"

    def rows(self) -> np.ndarray:
        """The rows as a loss sees them, in slot order: a copy, float32, len × dim."""
        rows = np.empty((len(self), self.dim), np.float32)
        call("xbm_memory_read", self._handle, address(rows), None, None, None, len(rows))
        return rows

    def labels(self) -> np.ndarray:
        """The class of each row: a copy, int32."""
        labels = np.empty(len(self), np.int32)
        call("xbm_memory_read", self._handle, None, address(labels), None, None, len(labels))
        return labels

    def ids(self) -> np.ndarray:
        """The sample id of each row, -1 where it is not known: a copy, int64."""
        ids = np.empty(len(self), np.int64)
        call("xbm_memory_read", self._handle, None, None, address(ids), None, len(ids))
        return ids

    def births(self) -> np.ndarray:
        """The step at which each row was stored: a copy, int64."""
        births = np.empty(len(self), np.int64)
        call("xbm_memory_read", self._handle, None, None, None, address(births), len(births))
        return births

    def reset(self) -> None:
        """Empty it."""
        call("xbm_memory_reset", self._handle)

    def expire(self, step: int) -> None:
        """Drop the rows that are more than max_age steps older than a step. `CrossBatch` does so."""
        call("xbm_memory_expire", self._handle, whole("step", step))

    def compensate(self, before: Any, now: Any, first: int, last: int, cure: str = "sdc") -> None:
        """Move the rows by what probes have moved.

        Parameters
        ----------
        before, now : array, probes × dim
            What the same samples were embedded as at step `first` and at step `last`, rows
            of unit length.
        first, last : int
            Steps.
        cure : str
            ``"sdc:sigma=0.3"``: how near a probe must be to count.
        """
        before = matrix("before", before, self.dim)
        now = matrix("now", now, self.dim, len(before))
        call(
            "xbm_memory_compensate", self._handle, text("cure", cure), address(before), address(now), len(before), whole("first", first), whole("last", last)
        )

    def state(self) -> np.ndarray:
        """The exact state, uint8: what `load_state` restores goes on as if it had never stopped."""
        return _save("xbm_memory_save", self._handle)

    def load_state(self, state: Any) -> None:
        """Restore a state, into a memory of the same configuration. After an error nothing has changed."""
        _load("xbm_memory_load", self._handle, state)

    def __getstate__(self) -> dict[str, Any]:
        return {"config": self._config, "state": self.state()}

    def __setstate__(self, saved: dict[str, Any]) -> None:
        self._open(saved["config"])
        self.load_state(saved["state"])


def _save(name: str, handle: int) -> np.ndarray:
    size = ctypes.c_int64()
    call(name, handle, None, 0, ctypes.byref(size))
    state = np.empty(size.value, np.uint8)
    call(name, handle, state.ctypes.data, len(state), ctypes.byref(size))
    return state if size.value == len(state) else state[: size.value].copy()


def _load(name: str, handle: int, state: Any) -> None:
    data: Optional[np.ndarray] = None
    if isinstance(state, (bytes, bytearray, memoryview)):
        data = np.frombuffer(state, np.uint8)
    elif isinstance(state, np.ndarray) and state.dtype == np.uint8 and state.ndim == 1:
        data = np.ascontiguousarray(state)
    if data is None:
        raise TypeError("a state is bytes, or an array of numpy of type uint8")
    call(name, handle, data.ctypes.data, len(data))
