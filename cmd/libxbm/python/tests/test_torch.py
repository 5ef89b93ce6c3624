"""Modules in what trainers do with them."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import crossbatch
from crossbatch.torch import ClassLoss, CrossBatchMemory, Loss, distances, losses, miners


def batch(seed=0, n=16, dim=8):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, dim, generator=generator), torch.arange(n) % 4


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_types(kind):
    x, labels = batch()
    x = x.to(kind).requires_grad_()
    loss = Loss("supcon")(x, labels)
    loss.backward()
    assert loss.dtype is (torch.float64 if kind is torch.float64 else torch.float32) and x.grad.dtype is kind
    y = x.detach().float().requires_grad_()
    Loss("supcon")(y, labels).backward()
    assert torch.allclose(x.grad.float(), y.grad, atol=1e-2 if kind in (torch.float16, torch.bfloat16) else 1e-7)


def test_strides():
    x, labels = batch()
    want = Loss("supcon")(x, labels)
    assert Loss("supcon")(x.t().contiguous().t(), labels) == want
    assert Loss("supcon")(torch.cat([x, x], 1)[:, :8], torch.stack([labels, labels], 1)[:, 0]) == want


def test_autocast_and_a_scaler():
    layer, memory = torch.nn.Linear(8, 8), CrossBatchMemory("supcon", 40, 8)
    x, labels = batch()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = layer(x)
        loss = memory(out, labels)
    assert out.dtype is torch.bfloat16 and loss.dtype is torch.float32
    (loss * 1024).backward()
    scaled = layer.weight.grad.clone()
    layer.zero_grad()
    Loss("supcon")(layer(x), labels).backward()
    assert (scaled / 1024 - layer.weight.grad).norm() < 0.05 * layer.weight.grad.norm()


def test_gradients_accumulate():
    layer = torch.nn.Linear(8, 8)
    x, labels = batch()
    alone = []
    for part in (slice(0, 8), slice(8, 16)):
        layer.zero_grad()
        Loss("supcon")(layer(x[part]), labels[part]).backward()
        alone.append(layer.weight.grad.clone())
    layer.zero_grad()
    for part in (slice(0, 8), slice(8, 16)):
        Loss("supcon")(layer(x[part]), labels[part]).backward()
    assert torch.allclose(layer.weight.grad, alone[0] + alone[1], atol=1e-7)


def test_a_graph_is_kept():
    x, labels = batch()
    x.requires_grad_()
    loss = Loss("supcon")(x, labels)
    loss.backward(retain_graph=True)
    once = x.grad.clone()
    (3 * loss).backward()
    assert torch.allclose(x.grad, 4 * once)


def test_without_gradients():
    x, labels = batch()
    memory = CrossBatchMemory("contrastive", 40, 8)
    with torch.no_grad():
        assert not memory(x, labels).requires_grad
    assert len(memory) == 16 and memory.step == 1


def test_evaluation_stores_nothing():
    x, labels = batch()
    memory = CrossBatchMemory("contrastive", 40, 8)
    memory(x, labels)
    before = memory.memory.state().tobytes()
    memory.eval()
    memory(*batch(1))
    assert memory.memory.state().tobytes() == before and memory.step == 1


def test_keys_are_stored():
    x, labels = batch()
    keys, _ = batch(1)
    memory = CrossBatchMemory("nt-xent", 40, 8, in_batch=False, views=True)
    memory(x, torch.arange(16), torch.arange(16), keys)
    assert np.allclose(memory.memory.rows(), torch.nn.functional.normalize(keys).numpy(), atol=1e-6)
    assert memory.summary.positives == 16


def test_a_warm_up_and_a_prefill():
    memory = CrossBatchMemory("contrastive", 40, 8, start=2, in_batch=False)
    values = [memory(*batch(step)).item() for step in range(4)]
    assert values[:2] == [0, 0] and values[2] > 0 and len(memory) == 32
    memory.reset()
    memory.fill(*batch(9))
    assert len(memory) == 16


def test_it_learns():
    torch.manual_seed(0)
    centers, layer = torch.randn(10, 20), torch.nn.Linear(20, 8)
    memory = CrossBatchMemory("multi-similarity", 200, 8, start=5)
    optimizer = torch.optim.Adam(layer.parameters(), 1e-2)
    first = None
    for step in range(60):
        labels = torch.randint(0, 10, (20,))
        loss = memory(layer(centers[labels] + torch.randn(20, 20)), labels, torch.arange(20) + 20 * step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        first = first or loss.item() if step == 20 else first
    assert loss.item() < 0.9 * first


NAMED = [
    (losses.AngularLoss(), "angular:raw_negatives=true"),
    (losses.CircleLoss(), "circle"),
    (losses.ContrastiveLoss(), "contrastive:distance=euclidean"),
    (losses.ContrastiveLoss(1, 0.5, distances.CosineSimilarity()), "contrastive"),
    (losses.FastAPLoss(), "fast-ap"),
    (losses.GeneralizedLiftedStructureLoss(), "generalized-lifted"),
    (losses.HistogramLoss(), "histogram"),
    (losses.HistogramLoss(delta=0.1), "histogram:bins=20"),
    (losses.IntraPairVarianceLoss(), "intra-pair-variance"),
    (losses.LiftedStructureLoss(), "lifted"),
    (losses.MarginLoss(), "margin"),
    (losses.MultiSimilarityLoss(), "multi-similarity"),
    (losses.NCALoss(), "nca"),
    (losses.NPairsLoss(), "n-pairs"),
    (losses.NTXentLoss(), "nt-xent"),
    (losses.SignalToNoiseRatioContrastiveLoss(), "snr-contrastive"),
    (losses.SmoothAPLoss(), "smooth-ap"),
    (losses.SupConLoss(), "supcon"),
    (losses.TripletMarginLoss(), "triplet"),
    (losses.TripletMarginLoss(0.1, True, distance=distances.LpDistance()), "triplet:margin=0.1,swap=true"),
    (losses.TupletMarginLoss(), "tuplet-margin"),
]


@pytest.mark.parametrize("loss,spec", NAMED, ids=[s for _, s in NAMED])
def test_names_are_the_losses(loss, spec):
    x, labels = batch()
    assert loss(x, labels) == Loss(spec)(x, labels)


def test_every_loss_has_a_name():
    named = {s.split(":")[0] for _, s in NAMED} | {"normalized-softmax", "cosface", "arcface", "soft-triple", "proxy-nca", "proxy-anchor"}
    assert named == {s.split(":")[0] for s in [*crossbatch.losses(), *crossbatch.class_losses()]}


@pytest.mark.parametrize(
    "miner,spec",
    [
        (miners.MultiSimilarityMiner(0.2), "multi-similarity:epsilon=0.2"),
        (miners.BatchHardMiner(), "batch-hard"),
        (miners.BatchEasyHardMiner(), "easy-hard"),
        (miners.TripletMarginMiner(type_of_triplets="semihard"), "triplet-semihard:distance=euclidean"),
        (miners.DistanceWeightedMiner(), "distance-weighted"),
        (miners.PairMarginMiner(), "pair-margin"),
    ],
    ids=lambda m: getattr(m, "spec", m),
)
def test_names_are_the_miners(miner, spec):
    x, labels = batch()
    assert losses.TripletMarginLoss()(x, labels, miner(x, labels)) == Loss("triplet", spec)(x, labels)


def test_every_miner_has_a_name():
    assert {s.split(":")[0] for s in crossbatch.miners()} == {
        "none", "multi-similarity", "batch-hard", "easy-hard", "triplet-all", "triplet-hard", "triplet-semihard", "triplet-easy", "distance-weighted", "pair-margin",
    }  # fmt: skip


def test_the_named_memory():
    memory = losses.CrossBatchMemory(losses.ContrastiveLoss(), 8, 20, miners.MultiSimilarityMiner())
    twin = CrossBatchMemory("contrastive:distance=euclidean", 20, 8, "multi-similarity:epsilon=0.1", in_batch=False)
    for step in range(4):
        assert memory(*batch(step, 6)) == twin(*batch(step, 6))
    assert memory.queue_idx == 4 and memory.has_been_filled and memory.label_memory.shape == (20,)
    memory.reset_queue()
    assert len(memory) == 0


def test_an_enqueue_mask():
    memory = losses.CrossBatchMemory(losses.ContrastiveLoss(), 8, 40)
    x, labels = batch()
    x.requires_grad_()
    mask = torch.arange(16) < 8
    loss = memory(x, labels, enqueue_mask=mask)
    want = losses.ContrastiveLoss()(x[8:], labels[8:], ref_emb=x[:8].detach(), ref_labels=labels[:8])
    assert loss == want and len(memory) == 8 and memory.step == 1 and memory.training
    loss.backward()
    assert (x.grad[:8] == 0).all() and (x.grad[8:] != 0).any()
    assert memory(x, labels, enqueue_mask=torch.ones(16, dtype=torch.bool)).item() == 0 and len(memory) == 24


def test_proxies_are_parameters():
    x, labels = batch()
    for loss, shape in [
        (losses.ArcFaceLoss(4, 8), (8, 4)),
        (losses.CosFaceLoss(4, 8), (8, 4)),
        (losses.NormalizedSoftmaxLoss(4, 8), (8, 4)),
        (losses.SoftTripleLoss(4, 8, centers_per_class=3), (8, 12)),
        (losses.ProxyNCALoss(4, 8), (4, 8)),
        (losses.ProxyAnchorLoss(4, 8), (4, 8)),
        (ClassLoss("arcface", [0, 1, 2, 3], 8), (4, 8)),
    ]:
        (weights,) = loss.parameters()
        assert weights.shape == shape
        optimizer = torch.optim.SGD([weights], 0.1)
        before = loss(x, labels)
        before.backward()
        optimizer.step()
        assert loss(x, labels) < before


def test_threads_follow_torch(monkeypatch):
    from crossbatch import threads

    monkeypatch.setattr(threads, "_chosen", False)
    before = torch.get_num_threads()
    try:
        for n in (1, 2):
            torch.set_num_threads(n)
            Loss("supcon")(*batch())
            assert crossbatch.get_num_threads() == n
        crossbatch.set_num_threads(3)
        Loss("supcon")(*batch())
        assert crossbatch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
