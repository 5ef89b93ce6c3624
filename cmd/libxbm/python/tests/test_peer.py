"""Beside pytorch-metric-learning itself, step by step. Skipped where it is not installed."""

import pytest

torch = pytest.importorskip("torch")
peer = pytest.importorskip("pytorch_metric_learning")

from pytorch_metric_learning import distances as peer_distances
from pytorch_metric_learning import losses as peer_losses
from pytorch_metric_learning import miners as peer_miners
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator as PeerCalculator

from crossbatch.metrics import AccuracyCalculator
from crossbatch.torch import distances, losses, miners

DIM, SIZE, BATCH, CLASSES = 16, 50, 12, 4


def both(name, *arguments, distance=None, **options):
    mine, theirs = [m for m in ((losses, distances), (peer_losses, peer_distances))]
    made = []
    for module, kinds in (mine, theirs):
        more = {} if distance is None else {"distance": getattr(kinds, distance)()}
        torch.manual_seed(1)
        made.append(getattr(module, name)(*arguments, **options, **more))
    return made


# The losses that a peer's memory takes and has right; NCA and lifted it has not.
MEMORY = [
    ("AngularLoss", {}),
    ("CircleLoss", {}),
    ("ContrastiveLoss", {}),
    ("ContrastiveLoss", dict(pos_margin=1, neg_margin=0.5, distance="CosineSimilarity")),
    ("GeneralizedLiftedStructureLoss", {}),
    ("IntraPairVarianceLoss", {}),
    ("MarginLoss", {}),
    ("MarginLoss", dict(learn_beta=True)),
    ("MultiSimilarityLoss", {}),
    ("NTXentLoss", {}),
    ("SignalToNoiseRatioContrastiveLoss", {}),
    ("SupConLoss", {}),
    ("TripletMarginLoss", {}),
    ("TripletMarginLoss", dict(smooth_loss=True)),
    ("TupletMarginLoss", {}),
]
ALONE = [*MEMORY, ("LiftedStructureLoss", {}), ("NCALoss", {}), ("NPairsLoss", {}), ("FastAPLoss", {}), ("HistogramLoss", {}), ("TripletMarginLoss", dict(swap=True))]
CLASS = ["ArcFaceLoss", "CosFaceLoss", "NormalizedSoftmaxLoss", "SoftTripleLoss", "ProxyNCALoss", "ProxyAnchorLoss"]


def step(module, seed, kind, *extra):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(BATCH, DIM, generator=generator).to(kind).requires_grad_()
    labels = torch.randint(0, CLASSES, (BATCH,), generator=generator)
    loss = module(x, labels, *[e(x, labels) for e in extra])
    loss.backward()
    return loss.item(), x.grad.double(), [p.grad.double() for p in module.parameters()]


def same(mine, theirs):
    assert mine[0] == pytest.approx(theirs[0], rel=2e-5, abs=1e-6)
    for a, b in [(mine[1], theirs[1]), *zip(mine[2], theirs[2])]:
        assert (a - b).norm() <= 2e-4 * b.norm().clamp_min(1e-3)


@pytest.mark.parametrize("name,options", ALONE)
def test_losses(name, options):
    mine, theirs = both(name, **options)
    for seed in range(5):
        same(step(mine, seed, torch.float32), step(theirs, seed, torch.float64))
        [m.zero_grad() for m in (mine, theirs)]


@pytest.mark.parametrize("name", CLASS)
def test_class_losses_from_the_same_seed(name):
    mine, theirs = both(name, CLASSES, DIM)
    for a, b in zip(mine.parameters(), theirs.parameters()):
        assert torch.equal(a, b)
    assert [n for n, _ in mine.named_parameters()] == [n for n, _ in theirs.named_parameters()]
    same(step(mine, 0, torch.float32), step(theirs.double(), 0, torch.float64))


MINERS = [
    ("MultiSimilarityMiner", {}),
    ("BatchHardMiner", {}),
    ("BatchEasyHardMiner", {}),
    ("TripletMarginMiner", dict(type_of_triplets="semihard")),
    ("TripletMarginMiner", dict(type_of_triplets="hard")),
    ("PairMarginMiner", dict(pos_margin=0.5, neg_margin=1.3)),
]


@pytest.mark.parametrize("miner,given", MINERS)
@pytest.mark.parametrize("name", ["ContrastiveLoss", "TripletMarginLoss", "MultiSimilarityLoss"])
def test_miners(name, miner, given):
    mine, theirs = both(name)
    for seed in range(3):
        a, b = [getattr(m, miner)(**given) for m in (miners, peer_miners)]
        same(step(mine, seed, torch.float32, a), step(theirs, seed, torch.float64, b))


@pytest.mark.parametrize("miner", [None, "MultiSimilarityMiner"])
@pytest.mark.parametrize("name,options", MEMORY)
def test_memories(name, options, miner):
    mine, theirs = both(name, **options)
    if miner and name == "AngularLoss":
        pytest.skip("the peer leaves out the negatives that were not mined")
    a = losses.CrossBatchMemory(mine, DIM, SIZE, getattr(miners, miner)() if miner else None)
    b = peer_losses.CrossBatchMemory(theirs, DIM, SIZE, getattr(peer_miners, miner)() if miner else None)
    for seed in range(8):  # the ring wraps, and the batch does not divide it
        same(step(a, seed, torch.float32), step(b, seed, torch.float64))
        [m.zero_grad() for m in (a, b)]
        assert (a.queue_idx, a.has_been_filled) == (b.queue_idx, b.has_been_filled)
    assert torch.equal(a.label_memory, b.label_memory)


def test_enqueue_masks():
    a = losses.CrossBatchMemory(losses.ContrastiveLoss(), DIM, SIZE)
    b = peer_losses.CrossBatchMemory(peer_losses.ContrastiveLoss(), DIM, SIZE)
    mask = torch.arange(BATCH) % 2 == 0

    def masked(memory):
        return lambda x, labels: memory(x, labels, enqueue_mask=mask)

    for seed in range(10):
        calls = []
        for memory, kind in ((a, torch.float32), (b, torch.float64)):
            generator = torch.Generator().manual_seed(seed)
            x = torch.randn(BATCH, DIM, generator=generator).to(kind).requires_grad_()
            labels = torch.randint(0, CLASSES, (BATCH,), generator=generator)
            loss = memory(x, labels, enqueue_mask=mask)
            loss.backward()
            calls.append((loss.item(), x.grad.double(), []))
        same(*calls)


@pytest.mark.parametrize("k", [None, "max_bin_count", 9])
def test_the_calculator(k):
    pytest.importorskip("faiss")
    generator = torch.Generator().manual_seed(0)
    x, labels = torch.randn(200, 8, generator=generator), torch.randint(0, 12, (200,), generator=generator)
    exclude = ("NMI", "AMI")
    for arguments in [(x, labels), (x[:80], labels[:80], x[80:], labels[80:]), (x[:80], labels[:80], x, labels, True)]:
        for options in ({}, {"avg_of_avgs": True}, {"return_per_class": True}):
            mine = AccuracyCalculator(exclude=exclude, k=k, **options).get_accuracy(*arguments)
            theirs = PeerCalculator(exclude=exclude, k=k, device=torch.device("cpu"), **options).get_accuracy(*arguments)
            assert set(mine) == set(theirs)
            for name in mine:
                if k == 9 and name in ("r_precision", "mean_average_precision_at_r"):
                    continue  # the peer looks at 9 ranks where R is more, and says that this is not right
                assert mine[name] == pytest.approx(theirs[name], rel=1e-5), name
