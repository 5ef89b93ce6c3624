"""Terms of a loss: each takes embeddings and labels, and adds a gradient."""

from __future__ import annotations

import ctypes
import json
import weakref
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np

from . import _structs as s
from ._library import call, free, text_of
from ._values import address, labels_of, matrix, output, real, text, whole, whole_numbers
from .memory import Memory, _load, _save

_STORE = {"first": 0, "last": 1, "never": 2}


@dataclass(frozen=True)
class Summary:
    """What a loss says of one step.

    Attributes
    ----------
    value : float
        Of the loss.
    positives, negatives : int
        Pairs.
    active_positives, active_negatives : int
        Of them, those that have a gradient.
    copies : int
        Pairs of two embeddings of one sample, as ids tell.
    """

    value: float
    positives: int
    negatives: int
    active_positives: int
    active_negatives: int
    copies: int


@dataclass(frozen=True)
class Param:
    """What a term learns beside the embeddings: a matrix, and its first values."""

    name: str
    values: np.ndarray


class Term:
    """What terms have in common."""

    _handle: int
    _config: dict[str, Any]

    def _make(self, config: dict[str, Any]) -> s.TermConfig:
        store = config.get("store", "first")
        if store not in _STORE:
            raise ValueError(f"store is {store!r}: give one of {', '.join(_STORE)}")
        halves = tuple(real(key, config.get(key, 1.0)) for key in ("positive_weight", "negative_weight"))
        return s.TermConfig(
            loss=text("loss", config["loss"]),
            miner=text("miner", config.get("miner", "none")),
            seed=whole("seed", config.get("seed", 0), 0, 2**64 - 1),
            weight=real("weight", config.get("weight", 0.0)),
            age_tau=real("age_tau", config.get("age_tau", 0.0)),
            start=whole("start", config.get("start", 0)),
            ramp=whole("ramp", config.get("ramp", 0)),
            store=_STORE[store],
            keep_copies=bool(config.get("keep_copies", False)),
            views=bool(config.get("views", False)),
            halves=halves != (1.0, 1.0),
            positive_weight=halves[0],
            negative_weight=halves[1],
        )

    def _keep(self, handle: ctypes.c_uint64, config: dict[str, Any]) -> None:
        self._handle, self._config = handle.value, config
        weakref.finalize(self, free, "xbm_term_free", handle.value).atexit = False
        self._learns = sum(p.values.size for p in self.params())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._config.items())})"

    @property
    def loss(self) -> str:
        """The loss, as a text."""
        return str(self._config["loss"])

    def params(self) -> list[Param]:
        """What the term learns beside the embeddings, with its first values; nothing for most losses."""
        count = ctypes.c_int64()
        call("xbm_term_params", self._handle, None, 0, ctypes.byref(count), None)
        if count.value == 0:
            return []
        params = (s.Param * count.value)()
        call("xbm_term_params", self._handle, params, count.value, ctypes.byref(count), None)
        values = np.empty(sum(p.rows * p.dim for p in params), np.float32)
        call("xbm_term_params", self._handle, None, 0, ctypes.byref(count), address(values))
        named, at = [], 0
        for p in params:
            named.append(Param(p.name.decode(), values[at : at + p.rows * p.dim].reshape(p.rows, p.dim)))
            at += p.rows * p.dim
        return named

    def add(
        self,
        gradient: np.ndarray,
        embeddings: Any,
        labels: Any,
        ids: Any = None,
        keys: Any = None,
        *,
        step: int = 0,
        values: Optional[np.ndarray] = None,
        value_gradient: Optional[np.ndarray] = None,
        read_only: bool = False,
        inspect: bool = False,
    ) -> Summary:
        """Take the loss and add its gradient to `gradient`. After an error nothing has changed.

        Parameters
        ----------
        gradient : array, n × dim, float32
            What the gradient with respect to the embeddings is added to, in place.
        embeddings : array, n × dim
            Of the batch, normalised or not. The work is done in float32.
        labels : array, n
            Class of each row.
        ids : array, n, optional
            Sample that each row is an embedding of, from 0.
        keys : array, n × dim, optional
            What a memory stores in place of the embeddings: another encoder's.
        step : int
            Of the training, from 0.
        values, value_gradient : array, float32, optional
            What the term learns, as `params` tells, one matrix after the other, and where the
            gradient with respect to it is stored.
        read_only : bool
            The memory stays as it is.
        inspect : bool
            See `inspection`.
        """
        batch, hold = _batch(embeddings, labels, ids, keys, step)
        batch.read_only, batch.inspect = bool(read_only), bool(inspect)
        gradient = output("gradient", gradient, (batch.rows, batch.dim))
        if values is not None:
            values = output("values", values, (self._learns,))
        if value_gradient is not None:
            value_gradient = output("value_gradient", value_gradient, (self._learns,))
        out = s.Summary()
        call("xbm_term_add", self._handle, ctypes.byref(batch), address(gradient), address(values), address(value_gradient), ctypes.byref(out))
        del hold
        return Summary(out.value, out.positives, out.negatives, out.active_positives, out.active_negatives, out.copies)

    def __call__(self, embeddings: Any, labels: Any, ids: Any = None, keys: Any = None, **settings: Any) -> tuple[Summary, np.ndarray]:
        """`add` to zeros: returns the summary and the gradient."""
        embeddings = matrix("embeddings", embeddings)
        gradient = np.zeros_like(embeddings)
        return self.add(gradient, embeddings, labels, ids, keys, **settings), gradient

    def inspection(self) -> dict[str, Any]:
        """What the weights of the last `add` with ``inspect=True`` looked like.

        Sums of |∂L/∂S| by similarity (``positives``, ``negatives``: equal bins from -1 to 1) and
        by age (``ages``: 0 steps, 1, 2-3, 4-7, …), the share of rows from before this step
        (``old_share``), and how many negatives of equal weight there would be
        (``effective_negatives``).
        """
        return dict(json.loads(text_of("xbm_term_inspection", self._handle)))

    def state(self) -> np.ndarray:
        """The state beside the memory and what is learned: a miner's chance; uint8."""
        return _save("xbm_term_save", self._handle)

    def load_state(self, state: Any) -> None:
        """Restore a state."""
        _load("xbm_term_load", self._handle, state)

    def __getstate__(self) -> dict[str, Any]:
        return {"config": self._config, "state": self.state()}

    def __setstate__(self, saved: dict[str, Any]) -> None:
        self._open(saved["config"])
        self.load_state(saved["state"])

    def _open(self, config: dict[str, Any]) -> None:
        raise NotImplementedError


class InBatch(Term):
    """The loss within a batch, with the gradient through both sides of each pair.

    Parameters
    ----------
    loss, miner : str
        ``name:parameter=value,…``; see `losses` and `miners`.
    keep_copies : bool
        Pairs of two rows of one sample count as positives. By default they are left out.
    views : bool
        Rows of one sample are views of it, which differ: positives.
    seed : int
        Of a miner's chance.
    """

    def __init__(self, loss: str, miner: str = "none", *, keep_copies: bool = False, views: bool = False, seed: int = 0) -> None:
        self._open(dict(loss=loss, miner=miner, keep_copies=keep_copies, views=views, seed=seed))

    def _open(self, config: dict[str, Any]) -> None:
        handle = ctypes.c_uint64()
        call("xbm_in_batch_new", ctypes.byref(self._make(config)), ctypes.byref(handle))
        self._keep(handle, config)


class CrossBatch(Term):
    """The loss between a batch and a memory of past batches, with the gradient to the batch alone.

    Parameters
    ----------
    memory : Memory
        What the batch is compared with, and stored in.
    loss, miner : str
        ``name:parameter=value,…``; see `losses` and `miners`.
    weight : float
        Of the gradient, not of the value.
    positive_weight, negative_weight : float
        The same of the gradient through the positive pairs alone, and through the negative ones.
    start : int
        Step from which on the memory is used.
    ramp : int
        Steps over which the weight rises from there; 0: at once.
    store : {"first", "last", "never"}
        When the batch is stored: before the loss (as in the paper), after it (for trainers that
        add an `InBatch`), or not at all.
    keep_copies : bool
        Pairs with older copies of a row's own sample count as positives. By default they are
        left out.
    views : bool
        Rows of one sample in one batch are views of it, which differ: positives.
    age_tau : float
        Rows count e^(-age/age_tau); 0: all alike.
    seed : int
        Of a miner's chance.
    """

    def __init__(
        self,
        memory: Memory,
        loss: str,
        miner: str = "none",
        *,
        weight: float = 1.0,
        positive_weight: float = 1.0,
        negative_weight: float = 1.0,
        start: int = 0,
        ramp: int = 0,
        store: str = "first",
        keep_copies: bool = False,
        views: bool = False,
        age_tau: float = 0.0,
        seed: int = 0,
    ) -> None:
        if not isinstance(memory, Memory):
            raise TypeError(f"memory is {memory!r}: give a Memory")
        if weight == 0:
            raise ValueError("weight is 0: leave the term out instead")
        self._open(
            dict(
                memory=memory, loss=loss, miner=miner, weight=weight, start=start, ramp=ramp, store=store,
                keep_copies=keep_copies, views=views, age_tau=age_tau, seed=seed,
                positive_weight=positive_weight, negative_weight=negative_weight,
            )  # fmt: skip
        )

    def _open(self, config: dict[str, Any]) -> None:
        self.memory: Memory = config["memory"]
        handle = ctypes.c_uint64()
        call("xbm_cross_batch_new", self.memory._handle, ctypes.byref(self._make(config)), ctypes.byref(handle))
        self._keep(handle, config)

    def fill(self, embeddings: Any, labels: Any, ids: Any = None, keys: Any = None, *, step: int = 0) -> None:
        """Store a batch and take no loss. The arguments are those of `add`."""
        batch, hold = _batch(embeddings, labels, ids, keys, step)
        call("xbm_term_fill", self._handle, ctypes.byref(batch))
        del hold


class ClassWeights(Term):
    """The loss between a batch and learned weights that stand for classes.

    `params` has one matrix, ``class_weights``, whose rows are those of the classes, rising.

    Parameters
    ----------
    loss : str
        ``name:parameter=value,…``; see `class_losses`.
    labels : array
        Those that there are, each once or more.
    dim : int
        Numbers in an embedding.
    seed : int
        Of the first values.
    """

    def __init__(self, loss: str, labels: Any, dim: int, *, seed: int = 0) -> None:
        self._open(dict(loss=loss, labels=labels_of("labels", labels), dim=whole("dim", dim), seed=seed))

    def _open(self, config: dict[str, Any]) -> None:
        of = config["labels"]
        handle = ctypes.c_uint64()
        call("xbm_class_weights_new", ctypes.byref(self._make(config)), address(of), len(of), config["dim"], ctypes.byref(handle))
        self._keep(handle, config)


def _batch(embeddings: Any, labels: Any, ids: Any, keys: Any, step: int) -> tuple[s.Batch, list[Any]]:
    """The batch as the library takes it, and what must not go away before it has."""
    e = matrix("embeddings", embeddings)
    n, dim = e.shape
    of = labels_of("labels", labels, n)
    i = None if ids is None else whole_numbers("ids", ids, n, np.int64)
    k = None if keys is None else matrix("keys", keys, dim, n)
    batch = s.Batch(embeddings=address(e), keys=address(k), labels=address(of), ids=address(i), rows=n, dim=dim, step=whole("step", step))
    return batch, [e, of, i, k]
