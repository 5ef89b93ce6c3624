#!/usr/bin/env python3
"""The same training here, in PyTorch and in pytorch-metric-learning: are the scores equivalent?

    go build -o bin/xbm ./cmd/xbm
    python3 testdata/peers/parity.py bin/xbm parity.jsonl --omniglot PATH --seeds 5
    python3 testdata/peers/parity.py bin/xbm parity.jsonl --table

Each training is exported by xbm data export; all three start from the same weights, see the same
images in the same batches, and are scored on the test classes by xbm eval. The file gets a line a
training and can be gone on with. The table has means over seeds, and the difference to ours,
paired by seed: its 90 % interval, and whether two one-sided t tests put it within a point
(Schuirmann 1987). pytorch-metric-learning's CrossBatchMemory holds the batch, and older copies of
an image: so do all three here. Needs PyTorch, SciPy for the table; --pml is the path to
pytorch_metric_learning where that is not installed.
"""
import argparse
import json
import math
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

STEPS, START, MARGIN = 200, 50, 1.0
WAYS = ["ours", "PyTorch", "PML"]


def settings(data, batch, memory, seed):
    return ["--data", data, "--batch", str(batch), "--memory", memory, "--seed", str(seed), "--combine", "pml", "--keep-copies",
            "--init", "torch", "--lr", "1e-3", "--steps", str(STEPS), "--start", str(START), "--validate-every", str(STEPS), "--inspect-every", "0"]


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout)


def scores(evaluation):
    return {"recall@1": 100 * evaluation["recall"]["1"], "map@r": 100 * evaluation["map_at_r"]}


def cell(xbm, keys, where):
    """Scores of the three trainings of a cell that are not there yet."""
    import torch_train
    given = settings(keys["data"], keys["batch"], keys["memory"], keys["seed"])
    export = where / "export"
    run(xbm, "data", "export", "--out", str(export), "--json", *given)
    for way in WAYS:
        if way == "ours":
            outcome = run(xbm, "train", "--out", str(where / "run"), "--without-memory=false", "--untrained=false", "--json", *given)
            yield way, scores(outcome["test"])
            continue
        net, arrays = torch_train.trained(export, None, way == "PML", lambda metric: None)
        torch_train.export_embeddings(net, arrays, where / way)
        evaluation = run(xbm, "eval", "--json", "--embeddings", str(where / way / "embeddings.npy"), "--labels", str(where / way / "labels.npy"))
        yield way, scores(evaluation)


def make(a):
    import torch
    torch.set_num_threads(a.threads)
    done = {key(line) for line in lines(a.file)}
    sets = {"glyphs": "glyphs"}
    if a.omniglot:
        sets["Omniglot"] = f"omniglot:{a.omniglot}"
    for seed in range(1, a.seeds + 1):
        for batch in (16, 64):
            for memory in ("0", "10%", "100%"):
                for name, data in sets.items():
                    keys = {"data": data, "batch": batch, "memory": memory, "seed": seed}
                    if all((name, batch, memory, seed, way) in done for way in WAYS):
                        continue
                    where = pathlib.Path(tempfile.mkdtemp())
                    try:
                        for way, found in cell(a.xbm, keys, where):
                            line = {**keys, "data": name, "way": way, **found}
                            if key(line) not in done:
                                with open(a.file, "a") as f:
                                    print(json.dumps(line), file=f)
                    finally:
                        shutil.rmtree(where)


def key(line):
    return line["data"], line["batch"], line["memory"], line["seed"], line["way"]


def lines(path):
    path = pathlib.Path(path)
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def equivalence(differences):
    """Mean, half of the 90 % interval, and the larger p of the two one-sided tests."""
    from scipy import stats
    n, mean = len(differences), statistics.mean(differences)
    if n < 2:
        return mean, math.nan, math.nan
    error = statistics.stdev(differences) / math.sqrt(n)
    p = max(stats.t.sf((mean + MARGIN) / error, n - 1), stats.t.cdf((mean - MARGIN) / error, n - 1)) if error else float(abs(mean) >= MARGIN)
    return mean, stats.t.ppf(0.95, n - 1) * error, p


def told(differences):
    mean, half, p = equivalence(differences)
    if len(differences) < 2:
        return f"{mean:+.2f} | –"
    return f"{mean:+.2f} ± {half:.2f} | {p:.3f}{' *' if p < 0.05 else ''}"


def table(path, measure):
    all_lines = {key(line): line for line in lines(path)}
    cells = sorted({k[:3] for k in all_lines}, key=lambda k: (k[0] != "glyphs", k[1], int(k[2].rstrip("%"))))
    print(f"| {measure}, test | batch | memory | seeds | ours | PyTorch | PML | PyTorch - ours | p | PML - ours | p |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    pooled = {way: {} for way in WAYS[1:]}
    for c in cells:
        seeds = sorted(k[3] for k in all_lines if k[:3] == c and k[4] == WAYS[-1] and all((*c, k[3], w) in all_lines for w in WAYS))
        if not seeds:
            continue
        of = {way: [all_lines[(*c, seed, way)][measure] for seed in seeds] for way in WAYS}
        row = [f"{statistics.mean(of[way]):.1f}" for way in WAYS]
        for way in WAYS[1:]:
            apart = [x - y for x, y in zip(of[way], of["ours"])]
            row.append(told(apart))
            for seed, d in zip(seeds, apart):
                pooled[way].setdefault(seed, []).append(d)
        print(f"| {c[0]} | {c[1]} | {c[2]} | {len(seeds)} | " + " | ".join(row) + " |")
    # A seed's mean over the cells is one value: its cells share weights and batches.
    whole = [seed for seed, d in pooled["PML"].items() if len(d) == len(cells)]
    if whole:
        row = [told([statistics.mean(pooled[way][seed]) for seed in whole]) for way in WAYS[1:]]
        print(f"| mean of all | | | {len(whole)} | | | | " + " | ".join(row) + " |")


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("xbm")
    p.add_argument("file", help="JSON lines of the trainings; is gone on with")
    p.add_argument("--omniglot", help="folder of Omniglot's zips; none: glyphs alone")
    p.add_argument("--seeds", type=int, default=5)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--pml", help="folder that holds pytorch_metric_learning")
    p.add_argument("--table", action="store_true", help="only show what is there")
    a = p.parse_args()
    if a.pml:
        sys.path.insert(0, a.pml)
    if not a.table:
        make(a)
    for measure in ("recall@1", "map@r"):
        table(a.file, measure)
        print()


main()
