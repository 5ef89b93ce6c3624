#!/usr/bin/env python3
"""A trainer in PyTorch: a small ResNet learns Omniglot with either memory, from the same seed.

    python3 testdata/peers/torch_omniglot.py ../shared/data/omniglot [steps]

The trainer is one; what it imports is pytorch_metric_learning or crossbatch.torch. Each runs in
a process of its own. Printed are both curves, seconds, and peak memory. Needs PyTorch, Pillow
and both packages; without, it says so and ends well.
"""
import importlib.util
import io
import json
import pathlib
import resource
import subprocess
import sys
import time
import zipfile

try:
    import numpy as np
    import torch
    from PIL import Image
    from torch import nn
    from torch.nn import functional as F
except ImportError as missing:
    print(missing, "- nothing to compare with")
    sys.exit(0)

PEERS = {"pytorch-metric-learning": "pytorch_metric_learning", "crossbatch": "crossbatch.torch"}
DIM, MEMORY, CLASSES, EACH = 64, 2000, 16, 4


def omniglot(folder):
    """Images of 28×28 and labels: an alphabet's character is one class, whichever zip has it."""
    images, labels, names = [], [], {}
    for path in sorted(pathlib.Path(folder).glob("*.zip")):
        with zipfile.ZipFile(path) as z:
            for name in sorted(n for n in z.namelist() if n.endswith(".png")):
                image = Image.open(io.BytesIO(z.read(name))).convert("L").resize((28, 28))
                images.append(1 - np.asarray(image, np.float32) / 255)
                labels.append(names.setdefault("/".join(name.split("/")[1:3]), len(names)))
    return torch.from_numpy(np.stack(images))[:, None], torch.tensor(labels)


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Conv2d(inputs, outputs, 1, 2, bias=False)

    def forward(self, x):
        return F.relu(self.main(x) + self.shortcut(x))


def train(module, folder, steps):
    losses, miners = [importlib.import_module(f"{module}.{part}") for part in ("losses", "miners")]
    images, labels = omniglot(folder)
    known = labels < labels.max() // 2 + 1  # the other half of the characters is for the test
    torch.manual_seed(0)
    network = nn.Sequential(Block(1, 16), Block(16, 32), Block(32, 64), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, DIM))
    memory = losses.CrossBatchMemory(losses.MultiSimilarityLoss(), DIM, MEMORY, miners.MultiSimilarityMiner())
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    places = [((labels == c) & known).nonzero().flatten() for c in labels[known].unique()]
    curve, in_memory, began = [], 0.0, time.time()
    for _ in range(steps):
        chosen = [p[torch.randperm(len(p))[:EACH]] for p in (places[c] for c in torch.randperm(len(places))[:CLASSES])]
        batch = torch.cat(chosen)
        embeddings = network(images[batch])
        before = time.time()
        loss = memory(embeddings, labels[batch])
        in_memory += time.time() - before
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        curve.append(loss.item())
    seconds = time.time() - began
    network.eval()
    with torch.no_grad():
        x, y = F.normalize(network(images[~known])), labels[~known]
        near = torch.cdist(x, x).fill_diagonal_(9).argmin(1)
    return {
        "curve": curve, "seconds": seconds, "seconds in the memory's forward": in_memory,
        "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "recall@1": (y[near] == y).float().mean().item(),
    }


def main():
    if sys.argv[1] == "--only":
        print(json.dumps(train(sys.argv[2], sys.argv[3], int(sys.argv[4]))))
        return
    for module in PEERS.values():
        if importlib.util.find_spec(module.split(".")[0]) is None:
            print(module, "is not installed: nothing to compare with")
            return
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    got = {}
    for name, module in PEERS.items():
        out = subprocess.run([sys.executable, __file__, "--only", module, sys.argv[1], str(steps)], check=True, capture_output=True, text=True)
        got[name] = json.loads(out.stdout)
        curve = got[name].pop("curve")
        print(name, {k: round(v, 3) for k, v in got[name].items()})
        print("  loss", [round(x, 4) for x in curve[:: max(1, steps // 10)]], flush=True)
        got[name]["curve"] = np.array(curve)
    a, b = [g["curve"] for g in got.values()]
    apart = np.abs(a - b) / np.abs(a)
    print("relative difference of the losses at steps 1, 2, 5, 10, 20, ...:")
    print({n: float(f"{apart[n - 1]:.1e}") for n in (1, 2, 5, 10, 20, 50, 100, 200, 500) if n <= steps})


main()
