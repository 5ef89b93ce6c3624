#!/usr/bin/env python3
"""A step against a full memory, forward and backward: pytorch-metric-learning beside crossbatch, in turns.

    python3 testdata/peers/torch_memory.py [rounds] [rows ...]

Batch 64 of 16 classes, 128 numbers, five rows a class in the memory, which is full. Each
measurement is a process of its own, whose peak beyond what it held with the memory full is what
steps take beside it. A peer gets 12 GiB of addresses; what needs more is said. Needs PyTorch and
both packages; without, it says so and ends well.
"""
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import time

try:
    import torch
except ImportError:
    print("PyTorch is not installed: nothing to compare with")
    sys.exit(0)

BATCH, DIM, EACH = 64, 128, 4
PEERS = ("pytorch_metric_learning", "crossbatch.torch")
LOSSES = {  # the loss and its miner, by both packages' names
    "contrastive": ("ContrastiveLoss", None),
    "multi-similarity, its miner": ("MultiSimilarityLoss", "MultiSimilarityMiner"),
    "supcon": ("SupConLoss", None),
    "triplet, batch-hard": ("TripletMarginLoss", "BatchHardMiner"),
    "nt-xent": ("NTXentLoss", None),
}
LIMIT = 12 << 30


def resident(key):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(key)) / 1024


def measure(package, what, rows):
    if package == PEERS[0]:
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    losses, miners = [importlib.import_module(f"{package}.{part}") for part in ("losses", "miners")]
    torch.manual_seed(0)
    torch.set_num_threads(2)
    loss, miner = LOSSES[what]
    memory = losses.CrossBatchMemory(getattr(losses, loss)(), DIM, rows, miner and getattr(miners, miner)())
    x, labels = torch.nn.functional.normalize(torch.randn(rows, DIM)), torch.randint(0, max(rows // 5, BATCH // EACH), (rows,))
    if hasattr(memory, "fill"):
        memory.fill(x, labels)
    else:
        memory.add_to_memory(x, labels, rows)
    del x

    def step():
        e = torch.randn(BATCH, DIM, requires_grad=True)
        of = labels[torch.randint(0, rows, (BATCH // EACH,))].repeat_interleave(EACH)
        start = time.perf_counter()
        memory(e, of).backward()
        return time.perf_counter() - start

    held = resident("VmRSS")
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")  # the peak begins here
    step()
    begun, took = time.perf_counter(), []
    while (lasted := time.perf_counter() - begun) < 2 or len(took) < 3 and lasted < 10:
        took.append(step())
    return {"ms": 1e3 * statistics.median(took), "MiB": max(0, resident("VmHWM") - held)}


def run(package, what, rows):
    out = subprocess.run([sys.executable, __file__, "--only", package, what, str(rows)], capture_output=True, text=True)
    if out.returncode:
        if "memory" in out.stderr or "MemoryError" in out.stderr or out.returncode < 0:
            return None
        sys.exit(out.stderr)
    return json.loads(out.stdout)


def main():
    if sys.argv[1:2] == ["--only"]:
        print(json.dumps(measure(sys.argv[2], sys.argv[3], int(sys.argv[4]))))
        return
    for package in PEERS:
        if importlib.util.find_spec(package.split(".")[0]) is None:
            print(package, "is not installed: nothing to compare with")
            return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    sizes = [int(a) for a in sys.argv[2:]] or [8192, 60000, 1000000]
    print("PyTorch", torch.__version__, "on 2 threads; medians of", rounds, "rounds in turns")
    print("| batch 64, 128 numbers | rows | pytorch-metric-learning | crossbatch | times |\n|---|---:|---:|---:|---:|")
    for rows in sizes:
        for what in LOSSES:
            got = {package: [] for package in PEERS}
            for _ in range(rounds):
                for package in PEERS:
                    if None not in got[package]:
                        got[package].append(run(package, what, rows))
            cells = []
            for package in PEERS:
                if None in got[package]:
                    cells.append(None)
                    continue
                cells.append([statistics.median(g[k] for g in got[package]) for k in ("ms", "MiB")])
            texts = ["more than 12 GiB" if c is None else f"{c[0]:.1f} ms, {c[1]:.0f} MiB" for c in cells]
            times = "" if None in cells else f"{cells[0][0] / cells[1][0]:.0f}"
            print(f"| {what} | {rows:,} | {texts[0]} | {texts[1]} | {times} |", flush=True)


main()
