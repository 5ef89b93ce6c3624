#!/usr/bin/env python3
"""Training and embedding, images a second: PyTorch beside this project, in turns.

    go build -o bin/xbm ./cmd/xbm
    python3 testdata/peers/torch_train.py bin/xbm [rounds]

Both take whole steps on two threads: forward, backward from a given gradient of
the embeddings, SGD. Needs PyTorch; without it, it says so and ends well.
"""
import json
import os
import statistics
import subprocess
import sys
import time

try:
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


def main():
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


main()
