"""Reference cases of reductions, by pytorch-metric-learning 2.8.1 on PyTorch 1.13 in float64: python3 reductions.py

Each loss with each reducer, on a batch and against its CrossBatchMemory, the kinds "loss" and "memory" of README.md:
active is AvgNonZeroReducer, pairs MeanReducer, sum SumReducer, and anchors SumReducer over the number of anchors, as in
the paper on cross-batch memory. Losses whose memory is faulty there (README.md of xbm/loss) stand here without one, and so
do those that take none.
"""

import json
import os

import torch
from pytorch_metric_learning import distances, losses, reducers

torch.set_default_dtype(torch.float64)

REDUCERS = {
    "active": reducers.AvgNonZeroReducer,
    "anchors": reducers.SumReducer,
    "pairs": reducers.MeanReducer,
    "sum": reducers.SumReducer,
}

# The loss there, its name and parameters here, and whether its memory is sound.
LOSSES = [
    (lambda r: losses.ContrastiveLoss(pos_margin=1, neg_margin=0.5, distance=distances.CosineSimilarity(), reducer=r), {"name": "contrastive"}, True),
    (lambda r: losses.ContrastiveLoss(pos_margin=0, neg_margin=1, reducer=r), {"name": "contrastive", "distance": "euclidean"}, True),
    (lambda r: losses.TripletMarginLoss(margin=0.05, reducer=r), {"name": "triplet"}, True),
    (lambda r: losses.TripletMarginLoss(margin=0.1, distance=distances.CosineSimilarity(), reducer=r), {"name": "triplet", "distance": "cosine"}, True),
    (lambda r: losses.MultiSimilarityLoss(reducer=r), {"name": "multi-similarity"}, True),
    (lambda r: losses.NTXentLoss(temperature=0.07, reducer=r), {"name": "nt-xent"}, True),
    (lambda r: losses.SupConLoss(temperature=0.1, reducer=r), {"name": "supcon"}, True),
    (lambda r: losses.CircleLoss(reducer=r), {"name": "circle"}, True),
    (lambda r: losses.GeneralizedLiftedStructureLoss(reducer=r), {"name": "generalized-lifted"}, True),
    (lambda r: losses.LiftedStructureLoss(reducer=r), {"name": "lifted"}, False),
    (lambda r: losses.MarginLoss(margin=0.2, beta=1.2, reducer=r), {"name": "margin"}, True),
    (lambda r: losses.TupletMarginLoss(reducer=r), {"name": "tuplet-margin"}, True),
    (lambda r: losses.IntraPairVarianceLoss(reducer=r), {"name": "intra-pair-variance"}, True),
    (lambda r: losses.SignalToNoiseRatioContrastiveLoss(pos_margin=0, neg_margin=1, reducer=r), {"name": "snr-contrastive"}, True),
    (lambda r: losses.AngularLoss(alpha=40, reducer=r), {"name": "angular"}, True),
    (lambda r: losses.NCALoss(softmax_scale=1, reducer=r), {"name": "nca"}, False),
    (lambda r: losses.FastAPLoss(num_bins=10, reducer=r), {"name": "fast-ap"}, False),
]

N, DIM, CLASSES, CAPACITY, STEPS = 10, 6, 4, 14, 2


def batch(generator):
    """Rows with labels: one class has a single row, so that an anchor is without positives."""
    embeddings = torch.randn(N, DIM, generator=generator)
    labels = torch.tensor([0, 0, 0, 1, 1, 2, 2, 2, 2, 3])[torch.randperm(N, generator=generator)]
    return embeddings.to(torch.float32).to(torch.float64), labels


def reducer(name, reduction):
    """Of the margin loss, whose triplets have two terms each, the active terms are its own DivisorReducer's."""
    if name["name"] == "margin" and reduction == "active":
        return None
    return REDUCERS[reduction]()


def reduced(loss, reduction):
    return loss / N if reduction == "anchors" else loss


def numbers(x):
    return [float(f"{v:.9g}") for v in x.flatten().tolist()]


def in_batch(make, name, reduction, generator):
    embeddings, labels = batch(generator)
    embeddings.requires_grad_()
    value = reduced(make(reducer(name, reduction))(embeddings, labels), reduction)
    value.backward()
    return {
        "kind": "loss", "loss": name | {"reduction": reduction}, "n": N, "dim": DIM, "embeddings": numbers(embeddings),
        "labels": labels.tolist(), "want": {"loss": float(f"{value.item():.9g}"), "grad": numbers(embeddings.grad)},
    }  # fmt: skip


def memory(make, name, reduction, generator):
    term = losses.CrossBatchMemory(make(reducer(name, reduction)), embedding_size=DIM, memory_size=CAPACITY)
    steps = []
    for step in range(1, STEPS + 1):
        embeddings, labels = batch(generator)
        embeddings.requires_grad_()
        value = reduced(term(embeddings, labels), reduction)
        value.backward()
        want = {"loss": float(f"{value.item():.9g}"), "grad": numbers(embeddings.grad), "memory_len": min(step * N, CAPACITY), "next_slot": term.queue_idx}
        steps.append({"embeddings": numbers(embeddings), "labels": labels.tolist(), "want": want})
    return {
        "kind": "memory", "loss": name | {"reduction": reduction}, "capacity": CAPACITY, "dim": DIM, "steps": steps,
        "final_memory_labels": term.label_memory.tolist(),
    }  # fmt: skip


def main():
    cases = []
    for make, name, is_sound in LOSSES:
        for reduction in REDUCERS:
            cases.append(in_batch(make, name, reduction, torch.Generator().manual_seed(1)))
            if is_sound:
                cases.append(memory(make, name, reduction, torch.Generator().manual_seed(2)))
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "reductions.json"), "w", encoding="utf-8") as f:
        f.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main()
