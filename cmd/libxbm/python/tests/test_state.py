"""What is saved, copied or moved goes on to the bit."""

import copy
import io
import pickle

import numpy as np
import pytest

import crossbatch

KINDS = {
    "ring": {},
    "half": {"half": True},
    "keyed": {"policy": "keyed"},
    "class-balanced": {"policy": "class-balanced:4"},
    "reservoir": {"policy": "reservoir", "seed": 5},
    "max-age": {"max_age": 3},
    "axbn": {"cure": "axbn:process=0.1"},
}


def batch(step, n=12, dim=6):
    rng = np.random.default_rng(step)
    return rng.normal(size=(n, dim)).astype(np.float32), rng.integers(0, 4, n), rng.integers(0, 50, n)


def trained(kind, steps=6):
    term = crossbatch.CrossBatch(crossbatch.Memory(30, 6, **KINDS[kind]), "multi-similarity", "distance-weighted", seed=2)
    for step in range(steps):
        term(*batch(step), step=step)
    return term


def go_on(term, first=6, steps=5):
    out = []
    for step in range(first, first + steps):
        summary, gradient = term(*batch(step), step=step)
        out.append((summary, gradient.tobytes(), term.memory.state().tobytes(), term.state().tobytes()))
    return out


@pytest.mark.parametrize("kind", KINDS)
def test_pickles_and_copies_go_on_the_same(kind):
    term = trained(kind)
    others = [pickle.loads(pickle.dumps(term)), copy.deepcopy(term)]
    want = go_on(term)
    for other in others:
        assert go_on(other) == want


@pytest.mark.parametrize("kind", KINDS)
def test_a_restored_state_goes_on_the_same(kind):
    term, other = trained(kind), trained(kind, 2)
    other.memory.load_state(term.memory.state().tobytes())
    other.load_state(term.state())
    assert go_on(other) == go_on(term)


def test_damaged_states_change_nothing():
    term, saved = trained("ring"), trained("ring", 3).memory.state()
    before = term.memory.state().tobytes()
    for bad in (b"", saved[:-1], saved[1:], np.zeros(100, np.uint8), np.concatenate([saved, saved])):
        with pytest.raises(crossbatch.StateError):
            term.memory.load_state(bad)
    with pytest.raises(crossbatch.ShapeError):
        crossbatch.Memory(31, 6).load_state(saved)
    with pytest.raises(crossbatch.ShapeError, match="keyed"):
        crossbatch.Memory(30, 6, policy="keyed").load_state(saved)
    with pytest.raises(TypeError):
        term.memory.load_state([1, 2, 3])
    with pytest.raises(crossbatch.StateError):
        term.load_state(b"nothing")
    assert term.memory.state().tobytes() == before


def test_modules_go_on_the_same():
    torch = pytest.importorskip("torch")
    from crossbatch.torch import CrossBatchMemory, Loss, losses, miners

    def make():
        return [
            CrossBatchMemory("margin:learn_beta=true", 30, 6, "distance-weighted", policy="reservoir", seed=4, ramp=9),
            CrossBatchMemory("supcon", 30, 6, in_batch=False, half=True),
            losses.CrossBatchMemory(losses.MarginLoss(learn_beta=True), 6, 30, miners.DistanceWeightedMiner()),
            Loss("margin", "distance-weighted", seed=3),
        ]

    def steps(module, first, last):
        out = []
        for step in range(first, last):
            x, labels, ids = map(torch.from_numpy, batch(step))
            x.requires_grad_()
            loss = module(x, labels, ids=ids)
            loss.backward()
            out.append((loss.item(), x.grad.numpy().tobytes(), [p.grad.tolist() for p in module.parameters()]))
        return out

    for module, fresh in zip(make(), make()):
        steps(module, 0, 6)
        file = io.BytesIO()
        torch.save(module.state_dict(), file)
        file.seek(0)
        steps(fresh, 0, 2)
        fresh.load_state_dict(torch.load(file))
        copies = [fresh, copy.deepcopy(module), pickle.loads(pickle.dumps(module))]
        module.zero_grad()
        want = steps(module, 6, 11)
        for other in copies:
            other.zero_grad()
            assert steps(other, 6, 11) == want
        assert module.state_dict().keys() == fresh.state_dict().keys()


def test_a_state_of_another_memory_is_refused():
    pytest.importorskip("torch")
    from crossbatch.torch import CrossBatchMemory

    saved = CrossBatchMemory("supcon", 30, 6).state_dict()
    with pytest.raises(crossbatch.ShapeError):
        CrossBatchMemory("supcon", 31, 6).load_state_dict(saved)
    with pytest.raises(ValueError, match="in_batch"):
        CrossBatchMemory("supcon", 30, 6, in_batch=False).load_state_dict(saved)
