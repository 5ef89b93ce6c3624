"""Losses as JAX's functions."""

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import crossbatch
import crossbatch.jax


def test_the_gradient_is_the_terms():
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(12, 6)).astype(np.float32), rng.integers(0, 3, 12)
    memory = crossbatch.Memory(40, 6)
    past = crossbatch.CrossBatch(memory, "multi-similarity", store="never")
    crossbatch.jax.store(past, x[::-1], labels[::-1])
    for term in (crossbatch.InBatch("multi-similarity"), past):
        summary, gradient = term(x, labels)
        function = crossbatch.jax.loss(term)
        for take in (jax.value_and_grad(function), jax.jit(jax.value_and_grad(function))):
            value, slope = take(x, labels)
            assert value == np.float32(summary.value) and np.array_equal(slope, gradient)
        twice = jax.grad(lambda x: 2 * function(3 * x, labels))(x)
        assert np.allclose(twice, 2 * gradient, atol=1e-6)  # the loss does not depend on lengths
    assert len(memory) == 12


def test_what_learns_is_refused():
    with pytest.raises(ValueError, match="learns"):
        crossbatch.jax.loss(crossbatch.InBatch("margin:learn_beta=true"))
