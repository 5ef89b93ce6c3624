"""Reductions, and the two halves of a memory's loss."""

import numpy as np
import pytest

import crossbatch

rng = np.random.default_rng(3)
EMBEDDINGS = rng.normal(size=(12, 8)).astype(np.float32)
OLDER = rng.normal(size=(40, 8)).astype(np.float32)
LABELS, OLDER_LABELS = np.arange(12) % 4, np.arange(40) % 4


def gradient(loss: str = "contrastive", **config: float) -> "tuple[float, np.ndarray]":
    memory = crossbatch.Memory(40, 8)
    term = crossbatch.CrossBatch(memory, loss, store="never", **config)
    term.fill(OLDER, OLDER_LABELS)
    summary, dembeddings = term(EMBEDDINGS, LABELS)
    return summary.value, dembeddings


def test_halves_add_up_to_the_whole():
    value, whole = gradient()
    positive = gradient(negative_weight=0)
    negative = gradient(positive_weight=0)
    assert positive[0] == negative[0] == value
    np.testing.assert_allclose(positive[1] + negative[1], whole, atol=1e-6)
    assert np.abs(positive[1]).max() > 0 and np.abs(negative[1]).max() > 0
    mixed = gradient(positive_weight=3, negative_weight=0.25)[1]
    np.testing.assert_allclose(mixed, 3 * positive[1] + 0.25 * negative[1], atol=1e-6)


def test_halves_are_refused():
    with pytest.raises(ValueError, match="not both 0"):
        gradient(positive_weight=0, negative_weight=0)
    with pytest.raises(ValueError, match="0 or more"):
        gradient(positive_weight=-1)


def test_sums_are_so_many_anchors_as_large():
    mean, total = gradient("contrastive:reduction=anchors"), gradient("contrastive:reduction=sum")
    assert total[0] == pytest.approx(12 * mean[0], rel=1e-6)
    np.testing.assert_allclose(total[1], 12 * mean[1], rtol=1e-4, atol=1e-5)
