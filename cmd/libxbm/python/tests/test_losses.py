"""Every loss, with every miner, within the batch and against every kind of memory, is what its formula says."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import crossbatch
from crossbatch.torch import ClassLoss, CrossBatchMemory, Loss

import reference

# Relative errors of float32 work against formulas in double.
VALUE, GRADIENT = 2e-5, 2e-4

MEMORIES = {
    "ring": {},
    "half": {"half": True},
    "keyed": {"policy": "keyed"},
    "class-balanced": {"policy": "class-balanced:4"},
    "reservoir": {"policy": "reservoir", "seed": 5},
    "max-age": {"max_age": 2},
    "xbn": {"cure": "xbn"},
    "axbn": {"cure": "axbn:process=0.1"},
}

MINED = [
    ("contrastive:distance=euclidean", "multi-similarity"),
    ("contrastive", "batch-hard"),
    ("contrastive:distance=euclidean", "pair-margin:pos_margin=0.5,neg_margin=1.3"),
    ("multi-similarity", "multi-similarity:epsilon=0.2"),
    ("nt-xent", "batch-hard"),
    ("supcon", "multi-similarity"),
    ("circle", "multi-similarity"),
    ("triplet", "multi-similarity"),
    ("triplet", "batch-hard"),
    ("triplet", "triplet-all"),
    ("triplet", "triplet-hard"),
    ("triplet", "triplet-semihard"),
    ("triplet:smooth=true", "triplet-semihard"),
    ("margin", "triplet-all:margin=0.3"),
]


def specs():
    """Every loss in each of its distances, with its defaults."""
    return [s for s in crossbatch.losses() if not s.startswith("angular")] + ["angular:alpha_degrees=40"]


def short(spec):
    name, given = reference.parameters(spec)
    return name, given


def batch(rng, n=12, dim=6, classes=4):
    x = torch.from_numpy(rng.normal(size=(n, dim)).astype(np.float32))
    return x.requires_grad_(), torch.from_numpy(rng.integers(0, classes, n))


def compare(loss, x, want, x64):
    loss.backward()
    want.backward()
    assert abs(loss.item() - want.item()) <= VALUE * max(1, abs(want.item()))
    error = (x.grad.double() - x64.grad).norm() / x64.grad.norm().clamp_min(1e-3)
    assert error <= GRADIENT, (loss.item(), want.item(), x.grad.norm(), x64.grad.norm())


@pytest.mark.parametrize("spec", specs())
def test_a_loss_within_the_batch(spec):
    rng = np.random.default_rng(1)
    loss = Loss(spec)
    for _ in range(3):
        x, labels = batch(rng)
        x64 = x.detach().double().requires_grad_()
        compare(loss(x, labels), x, reference.in_batch(spec, x64, labels), x64)


@pytest.mark.parametrize("spec,miner", MINED)
def test_a_mined_loss_within_the_batch(spec, miner):
    rng = np.random.default_rng(2)
    loss = Loss(spec, miner)
    for _ in range(3):
        x, labels = batch(rng)
        x64 = x.detach().double().requires_grad_()
        compare(loss(x, labels), x, reference.in_batch(spec, x64, labels, miner), x64)


def steps_against(spec, miner, options, rng, steps=7, size=30):
    """Training steps until the ring has wrapped, each compared with the formula on what the memory holds."""
    plain = not set(options) & {"policy", "max_age"}
    memory = CrossBatchMemory(spec, size, 6, miner, in_batch=False, **options)
    for step in range(steps):
        x, labels = batch(rng, n=45 if step == steps - 1 else 12)  # at last more than it holds
        ids = torch.arange(len(x)) + 100 * step
        loss = memory(x, labels, ids)
        held = memory.memory
        rows = torch.from_numpy(held.rows()).double()
        own = ids[:, None] == torch.from_numpy(held.ids())[None]
        oldest = held.next if plain and len(held) == size else 0
        x64 = x.detach().double().requires_grad_()
        want = reference.against(spec, x64, labels, rows, torch.from_numpy(held.labels()).long(), own, oldest, miner)
        compare(loss, x, want, x64)
    assert len(held) > 12


@pytest.mark.parametrize("kind", MEMORIES)
@pytest.mark.parametrize("spec", [s for s in specs() if "swap=true" not in s])
def test_a_loss_against_a_memory(spec, kind):
    steps_against(spec, "none", MEMORIES[kind], np.random.default_rng(3))


@pytest.mark.parametrize("spec,miner", MINED)
def test_a_mined_loss_against_a_memory(spec, miner):
    steps_against(spec, miner, {}, np.random.default_rng(4))


@pytest.mark.parametrize("spec", crossbatch.class_losses())
def test_a_loss_with_class_weights(spec):
    rng = np.random.default_rng(5)
    loss = ClassLoss(spec, 5, 6, seed=3)
    x, labels = batch(rng, classes=5)
    x64 = x.detach().double().requires_grad_()
    w64 = loss.class_weights.detach().double().requires_grad_()
    compare(loss(x, labels), x, reference.classes(spec, x64, labels, w64), x64)
    got, want = loss.class_weights.grad.double(), w64.grad
    assert (got - want).norm() <= GRADIENT * want.norm()


def test_swapped_triplets():
    x, labels = batch(np.random.default_rng(6))
    x64 = x.detach().double().requires_grad_()
    compare(Loss("triplet:swap=true")(x, labels), x, reference.in_batch("triplet:swap=true", x64, labels), x64)
    with pytest.raises(ValueError, match="swap"):
        CrossBatchMemory("triplet:swap=true", 10, 6)


def test_beta_is_learned():
    rng = np.random.default_rng(7)
    memory = CrossBatchMemory("margin:learn_beta=true,nu=0.1", 30, 6, in_batch=False)
    beta = torch.tensor(1.1, dtype=torch.double, requires_grad=True)
    with torch.no_grad():
        memory.beta.fill_(1.1)
    x, labels = batch(rng)
    memory(x, labels).backward()
    rows, of = torch.from_numpy(memory.memory.rows()).double(), torch.from_numpy(memory.memory.labels()).long()
    p = reference.Pairs(reference.unit(x.detach().double()), rows, labels, of, torch.eye(len(x), dtype=torch.bool))
    reference.margin(p, beta=beta, nu=0.1).backward()
    assert memory.beta.grad.item() == pytest.approx(beta.grad.item(), rel=1e-4)


def test_the_memory_beside_the_batch():
    """In-batch term plus weighted memory term over rows from before."""
    rng = np.random.default_rng(8)
    memory = CrossBatchMemory("multi-similarity", 40, 6, weight=0.5, start=1, ramp=4)
    for step in range(6):
        x, labels = batch(rng)
        x64 = x.detach().double().requires_grad_()
        want = reference.in_batch("multi-similarity", x64, labels)
        if step > 1:
            rows, of = torch.from_numpy(memory.memory.rows()).double(), torch.from_numpy(memory.memory.labels()).long()
            none = torch.zeros(len(x), len(rows), dtype=torch.bool)
            want = want + 0.5 * min(1, step / 4) * reference.against("multi-similarity", x64, labels, rows, of, none)
        compare(memory(x, labels), x, want, x64)


@pytest.mark.parametrize("spec", specs())
def test_finite_differences(spec):
    """The gradient is that of the value, whatever the formula."""
    if spec.startswith("circle"):
        pytest.skip("its weights are constants in the gradient, as in the paper")
    rng = np.random.default_rng(9)
    for make in (lambda: crossbatch.InBatch(spec), lambda: filled(rng, spec)):
        term, errors = make(), []
        for _ in range(9):
            x = rng.normal(size=(9, 6)).astype(np.float32)
            labels = np.arange(9) % 3
            _, gradient = term(x, labels)
            direction = rng.normal(size=x.shape)
            h = 2e-4
            ahead, behind = [term((x + sign * h * direction).astype(np.float32), labels)[0].value for sign in (1, -1)]
            slope = float((gradient * direction).sum())
            errors.append(abs((ahead - behind) / (2 * h) - slope) / max(0.1, abs(slope)))
        # Means over active terms jump where a term becomes active: not within h of most places.
        assert np.median(errors) < 0.02, errors


def filled(rng, spec):
    memory = crossbatch.Memory(40, 6)
    term = crossbatch.CrossBatch(memory, spec, store="never")
    term.fill(rng.normal(size=(40, 6)), np.arange(40) % 3)
    return term
