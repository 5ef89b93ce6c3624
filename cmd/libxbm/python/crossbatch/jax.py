"""Losses as functions that JAX differentiates, also under jit.

The work is done on the host, by ``jax.pure_callback``. A pure function can't store: a memory's
loss is taken against the memory as it is, and `store` puts a batch into it, once a step::

    term = crossbatch.CrossBatch(memory, "multi-similarity", store="never")
    own, past = crossbatch.jax.loss(crossbatch.InBatch("multi-similarity")), crossbatch.jax.loss(term)

    @jax.jit
    def step(parameters, images, labels):
        def objective(parameters):
            embeddings = network(parameters, images)
            return own(embeddings, labels) + past(embeddings, labels), embeddings
        (value, embeddings), slope = jax.value_and_grad(objective, has_aux=True)(parameters)
        return value, slope, embeddings

    value, slope, embeddings = step(parameters, images, labels)
    crossbatch.jax.store(term, embeddings, labels, step=number)
"""

from __future__ import annotations

from typing import Any, Callable, Union

import jax
import jax.numpy as jnp
import numpy as np

from .terms import CrossBatch, InBatch

__all__ = ["loss", "store"]


def loss(term: Union[InBatch, CrossBatch]) -> Callable[[Any, Any], Any]:
    """Return the loss of a term as a function of embeddings (n × dim) and labels (n).

    It has a gradient with respect to the embeddings, and no second one. A term with a memory
    leaves it as it is. Under ``vmap`` it is called once for each batch.
    """
    if term.params():
        raise ValueError(f"{term!r} learns something beside the embeddings: that is not there for JAX")

    def host(embeddings: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
        summary, gradient = term(np.asarray(embeddings), np.asarray(labels), read_only=True)
        return np.float32(summary.value), gradient  # type: ignore[return-value]

    def call(embeddings: Any, labels: Any) -> Any:
        shapes = (jax.ShapeDtypeStruct((), jnp.float32), jax.ShapeDtypeStruct(embeddings.shape, jnp.float32))
        # As they lie: one call of the host for each batch of a vmap. Before JAX 0.4.34 so by default.
        return jax.pure_callback(host, shapes, embeddings.astype(jnp.float32), labels)

    @jax.custom_vjp
    def function(embeddings: Any, labels: Any) -> Any:
        return call(embeddings, labels)[0]

    def forward(embeddings: Any, labels: Any) -> Any:
        value, gradient = call(embeddings, labels)
        return value, (gradient.astype(embeddings.dtype), labels)

    def backward(saved: Any, upstream: Any) -> Any:
        gradient, labels = saved
        return (upstream * gradient).astype(gradient.dtype), np.zeros(labels.shape, jax.dtypes.float0)

    function.defvjp(forward, backward)
    return function  # type: ignore[no-any-return]


def store(term: CrossBatch, embeddings: Any, labels: Any, ids: Any = None, *, step: int = 0) -> None:
    """Store a batch in a term's memory. Call it outside of jit, once a step."""
    term.fill(np.asarray(embeddings), np.asarray(labels), None if ids is None else np.asarray(ids), step=step)
