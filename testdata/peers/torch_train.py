#!/usr/bin/env python3
"""PyTorch beside this project: images a second, and the same training.

    go build -o bin/xbm ./cmd/xbm
    python3 testdata/peers/torch_train.py bin/xbm [rounds]

Training and embedding, images a second, in turns: both take whole steps on two
threads, forward, backward from a given gradient of the embeddings, SGD.

    bin/xbm data export --out e
    python3 testdata/peers/torch_train.py e [--pml] [--double] [--first STEPS] [--out FOLDER]

The training that an export describes, in plain PyTorch: from the same initial weights,
on the same images in the same batches, by a loss within the batch and one against a
memory. Prints a line a step, as in a run's metrics.jsonl; --out gets the embeddings
of the test images and their labels, for xbm eval --embeddings. With --pml losses
and memory are pytorch_metric_learning's, as far as it has them. --double computes in
float64: how far that is from float32 is what rounding alone does to a training.

Needs PyTorch; without it, it says so and ends well.
"""
import argparse
import json
import math
import os
import pathlib
import statistics
import struct
import subprocess
import sys
import time

try:
    import numpy as np
    import torch
    from torch import nn
    import torch.nn.functional as F
except ImportError:
    print("PyTorch is not installed: nothing to compare with")
    sys.exit(0)


def conv4(channels, dim):
    blocks = []
    for i in range(4):
        blocks += [nn.Conv2d(channels if i == 0 else 64, 64, 3, 1, 1, bias=False),
                   nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*blocks, nn.Flatten(), nn.LazyLinear(dim))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return F.relu(self.main(x) + self.shortcut(x))


def resnet18(channels, dim):
    layers = [nn.Conv2d(channels, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for stage in range(4):
        for i in range(2):
            layers.append(Block(inputs, 64 << stage, 2 if i == 0 and stage > 0 else 1))
            inputs = 64 << stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, dim))


def timed(seconds, once):
    once()
    took, start = [], time.time()
    while time.time() - start < seconds or len(took) < 3:
        began = time.time()
        once()
        took.append(time.time() - began)
    return statistics.median(took)


def peer(net, images, dim):
    gradient = torch.randn(images.shape[0], dim)
    sgd = torch.optim.SGD(net.parameters(), lr=1e-6)

    def train():
        net.train()
        sgd.zero_grad()
        F.normalize(net(images)).backward(gradient)
        sgd.step()

    def embed():
        net.eval()
        with torch.no_grad():
            F.normalize(net(images))

    return {"train": images.shape[0] / timed(1, train), "embed": images.shape[0] / timed(1, embed)}


def ours(command, name, shape, batch, dim):
    out = subprocess.run(
        [command, "bench", "train", "--backbone", name, "--image", "x".join(map(str, shape)),
         "--batch", str(batch), "--dim", str(dim), "--time", "1s", "--json"],
        check=True, capture_output=True, text=True, env={**os.environ, "GOMAXPROCS": "2"}).stdout
    return {r["name"].split()[0]: r["images_per_second"] for r in map(json.loads, out.splitlines())}


class Embedder(nn.Module):
    """conv4 with this project's names of the parameters, to unit length."""

    def __init__(self, channels, width, features, dim):
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.ModuleDict({"conv": nn.Conv2d(width if i else channels, width, 3, 1, 1, bias=False), "bn": nn.BatchNorm2d(width)})
            for i in range(4))
        self.head = nn.Linear(features, dim)

    def forward(self, x):
        for block in self.blocks:
            x = F.relu(F.max_pool2d(block["bn"](block["conv"](x)), 2))
        return F.normalize(self.head(x.flatten(1)))


def read_safetensors(path):
    raw = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    tensors = {}
    for name, t in json.loads(raw[8:8 + length]).items():
        begin, end = (8 + length + o for o in t["data_offsets"])
        tensors[name] = torch.from_numpy(np.frombuffer(raw[begin:end], "<f4").reshape(t["shape"]).copy())
    return tensors


# What of a configuration this training does, with the values that leave the rest out.
DOES = {"data", "split-seed", "image-size", "resize", "skip-broken", "train-classes", "label-noise", "backbone", "width", "dim",
        "init", "weights", "augment", "loss", "miner", "memory", "combine", "enqueue", "memory-weight", "start", "keep-copies", "batch",
        "per-class", "steps", "optimizer", "lr", "schedule", "warmup", "weight-decay", "momentum", "validate-every",
        "inspect-every", "drift-every", "seed", "key-momentum", "folds", "fold", "class-order"}
OFF = {"0", "false", '""', "classes", "plain", "ring", "linear", "active", "constant"}


def configuration(folder):
    c = dict(line.split(": ", 1) for line in (folder / "config.yaml").read_text().splitlines())
    for key, value in c.items():
        if key not in DOES and value not in OFF:
            sys.exit(f"{key} is {value}: this training leaves that out")
    if c["backbone"] != "conv4" or c["miner"] != "none" or c["combine"] not in ("both", "paper", "pml"):
        sys.exit("this training has conv4, no miner, combine both, paper or pml")
    return c


def parameters(spec):
    name, _, rest = spec.partition(":")
    return name, {k: v if k == "reduction" else float(v) for k, v in (p.split("=") for p in rest.split(",") if p)}


ROUNDING = 1e-6  # terms up to this are zero


def contrastive(s, positive, negative, pos_margin=1.0, neg_margin=0.5, reduction="active"):
    """Mean of the positive pairs' terms that are not zero, and of the negative ones'; or all of
    their sum over the anchors."""
    value = s.sum() * 0
    for terms in ((pos_margin - s)[positive], (s - neg_margin)[negative]):
        active = terms > ROUNDING
        if reduction == "anchors":
            value = value + terms[active].sum() / len(s)
        elif active.any():
            value = value + terms[active].mean()
    return value


def multi_similarity(s, positive, negative, alpha=2.0, beta=50.0, **rest):
    base = rest.pop("lambda", rest.pop("base", 0.5))
    if rest:
        sys.exit(f"multi-similarity here has alpha, beta and base, not {sorted(rest)}")
    none = torch.full_like(s, -math.inf)
    zero = s.new_zeros(len(s), 1)
    pos = torch.logsumexp(torch.cat([zero, torch.where(positive, -alpha * (s - base), none)], 1), 1) / alpha
    neg = torch.logsumexp(torch.cat([zero, torch.where(negative, beta * (s - base), none)], 1), 1) / beta
    return (pos + neg).mean()


class Plain:
    """Loss within the batch and against a ring of past batches, in plain PyTorch."""

    def __init__(self, c, rows):
        name, self.parameters = parameters(c["loss"])
        self.loss = {"contrastive": contrastive, "multi-similarity": multi_similarity}[name]
        self.rows, self.start, self.copies = rows, int(c["start"]), c["keep-copies"] == "true"
        self.way, self.weight = c["combine"], float(c["memory-weight"])
        self.enqueue_first = c.get("enqueue", "last" if self.way == "both" else "first") == "first"
        if self.way == "paper" and name == "contrastive":
            self.parameters.setdefault("reduction", "anchors")
        self.memory, self.labels, self.ids = torch.zeros(0, int(c["dim"])), torch.zeros(0, dtype=torch.long), torch.zeros(0, dtype=torch.long)

    def pairs(self, emb, labels, columns, column_labels, forbidden):
        same = labels[:, None] == column_labels[None]
        return self.loss(emb @ columns.T, same & ~forbidden, ~same, **self.parameters)

    def within(self, emb, labels):
        return self.pairs(emb, labels, emb, labels, torch.eye(len(emb), dtype=torch.bool))

    def against(self, emb, labels, ids):
        """The memory's columns may be of the batch: its newest rows, where that has joined it."""
        forbidden = torch.zeros(len(emb), len(self.ids), dtype=torch.bool)
        if not self.copies:
            forbidden = ids[:, None] == self.ids[None]
        elif self.enqueue_first:
            own = torch.arange(max(0, len(emb) - self.rows), len(emb))
            forbidden[own, len(self.ids) - len(own) + torch.arange(len(own))] = True
        return self.pairs(emb, labels, self.memory, self.labels, forbidden)

    def enqueue(self, emb, labels, ids):
        self.memory = torch.cat([self.memory, emb.detach()])[-self.rows:]
        self.labels, self.ids = torch.cat([self.labels, labels])[-self.rows:], torch.cat([self.ids, ids])[-self.rows:]

    def step(self, number, emb, labels, ids):
        """The terms' values, and what is differentiated."""
        started = self.rows > 0 and number >= self.start
        values, total = {}, 0
        if self.way != "pml" or not started:
            batch = self.within(emb, labels)
            values["batch"], total = {"loss": batch.item()}, batch
        if started:
            if self.enqueue_first:
                self.enqueue(emb, labels, ids)
            memory = self.against(emb, labels, ids) if len(self.ids) else emb.sum() * 0
            values["memory"], total = {"loss": memory.item()}, total + self.weight * memory
            if not self.enqueue_first:
                self.enqueue(emb, labels, ids)
        return values, total


class PML(Plain):
    """The same by pytorch_metric_learning: its losses, and where the batch is part of the
    memory and older copies of an image are kept its CrossBatchMemory, which knows no other way."""

    def __init__(self, c, rows):
        super().__init__(c, rows)
        from pytorch_metric_learning import distances, losses
        name, p = parameters(c["loss"])
        if self.way == "paper" or "reduction" in p:
            sys.exit("pytorch_metric_learning is asked for its own reductions alone: give --combine both or pml")
        if name == "contrastive":
            self.theirs = losses.ContrastiveLoss(**{"pos_margin": 1, "neg_margin": 0.5, **p}, distance=distances.CosineSimilarity())
        else:
            self.theirs = losses.MultiSimilarityLoss(**{"alpha": 2, "beta": 50, "base": 0.5, **p})
        self.cross_batch = None
        if rows > 0 and self.way == "pml":
            if not self.copies:
                sys.exit("CrossBatchMemory keeps older copies of an image: export with --keep-copies")
            if rows < int(c["batch"]):
                sys.exit(f"CrossBatchMemory of {rows} rows does not hold a batch of {c['batch']}")
            self.cross_batch = losses.CrossBatchMemory(self.theirs, int(c["dim"]), rows)

    def within(self, emb, labels):
        return self.theirs(emb, labels)

    def enqueue(self, emb, labels, ids):
        if self.cross_batch is None:
            super().enqueue(emb, labels, ids)
        else:
            self.ids = ids  # the rest it stores by itself

    def against(self, emb, labels, ids):
        if self.cross_batch is not None:
            return self.cross_batch(emb, labels)
        same = labels[:, None] == self.labels[None]
        forbidden = torch.zeros_like(same) if self.copies else ids[:, None] == self.ids[None]
        pairs = (*torch.where(same & ~forbidden), *torch.where(~same))
        return self.theirs(emb, labels, pairs, self.memory, self.labels)


def rate(c, step):
    lr, warmup, steps = float(c["lr"]), int(c["warmup"]), int(c["steps"])
    if step < warmup:
        lr *= (step + 1) / (warmup + 1)
    if c["schedule"] == "cosine":
        lr *= (1 + math.cos(math.pi * min(1, step / steps))) / 2
    elif c["schedule"] == "step" and 10 * step >= 7 * steps:
        lr /= 10
    return lr


def capacity(c, images):
    text = c["memory"].strip("\"'")
    if text.endswith("%"):
        return max(1, int(float(text[:-1]) / 100 * images + 0.5)) if float(text[:-1]) else 0
    return max(1, int(float(text) * images + 0.5)) if "." in text and float(text) else int(float(text))


def real(array):
    return torch.from_numpy(array).to(torch.get_default_dtype())


def trained(folder, first, pml, metric):
    """The network after the training that the export describes, and the export's arrays."""
    c = configuration(folder)
    e = {k: v for k, v in np.load(folder / "data.npz").items()}
    images, labels = real(e["images"]), torch.from_numpy(e["train_labels"].astype(np.int64))
    net = Embedder(images.shape[1], int(c["width"]), int(c["width"]) * (images.shape[2] // 16) * (images.shape[3] // 16), int(c["dim"]))
    missing, unexpected = net.load_state_dict(read_safetensors(folder / "initial.safetensors"), strict=False)
    if unexpected or not all(name.endswith("num_batches_tracked") for name in missing):
        sys.exit(f"initial.safetensors: {missing} are missing, {unexpected} unknown")
    decay = float(c["weight-decay"])
    if c["optimizer"] == "adam":
        optimizer = torch.optim.Adam(net.parameters(), weight_decay=decay)
    else:
        optimizer = torch.optim.SGD(net.parameters(), lr=1, momentum=float(c["momentum"]), weight_decay=decay)
    terms = (PML if pml else Plain)(c, capacity(c, len(e["train"])))
    net.train()
    for number, ids in enumerate(torch.from_numpy(e["batches"][:first])):
        x = real(e["batch_images"][number]) if "batch_images" in e else images[ids]
        for group in optimizer.param_groups:
            group["lr"] = rate(c, number)
        values, total = terms.step(number, net(x), labels[ids], ids)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        metric({"step": number, "lr": rate(c, number), **values})
    return net, e


def export_embeddings(net, e, out):
    net.eval()
    images = real(e["images"])
    with torch.no_grad():
        emb = torch.cat([net(images[part]) for part in torch.from_numpy(e["test"]).split(256)])
    out.mkdir(parents=True, exist_ok=True)
    np.save(out / "embeddings.npy", emb.float().numpy())
    np.save(out / "labels.npy", e["labels"][e["test"]])


def same_training(arguments):
    p = argparse.ArgumentParser(description="the training that xbm data export describes, in PyTorch")
    p.add_argument("export", type=pathlib.Path)
    p.add_argument("--first", type=int, help="steps; default: all that were exported")
    p.add_argument("--pml", action="store_true", help="losses and memory of pytorch_metric_learning")
    p.add_argument("--double", action="store_true", help="compute in float64")
    p.add_argument("--out", type=pathlib.Path, help="folder for embeddings.npy and labels.npy of the test images")
    p.add_argument("--threads", type=int, default=2)
    a = p.parse_args(arguments)
    torch.set_num_threads(a.threads)
    if a.double:
        torch.set_default_dtype(torch.float64)
    net, e = trained(a.export, a.first, a.pml, lambda m: print(json.dumps(m), flush=True))
    if a.out:
        export_embeddings(net, e, a.out)


def speeds():
    command = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    torch.set_num_threads(2)
    print("PyTorch", torch.__version__)
    for name, make, shape, batch in [("conv4", conv4, (1, 32, 32), 64), ("resnet18", resnet18, (3, 64, 64), 32)]:
        images = torch.randn(batch, *shape)
        net = make(shape[0], 128)
        net(images)
        speeds = [(peer(net, images, 128), ours(command, name, shape, batch, 128)) for _ in range(rounds)]
        for what in ("train", "embed"):
            p = statistics.median(s[0][what] for s in speeds)
            o = statistics.median(s[1][what] for s in speeds)
            print(f"{name} {batch}x{'x'.join(map(str, shape))} {what}: {o:.0f} images/s, PyTorch {p:.0f}, {o / p:.2f} times", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1 and (pathlib.Path(sys.argv[1]) / "data.npz").exists():
        same_training(sys.argv[1:])
    else:
        speeds()
