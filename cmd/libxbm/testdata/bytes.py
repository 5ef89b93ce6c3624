"""Prints hashes of what training steps come to, for bytes_test.go to compare with Go's."""

import hashlib

import numpy as np

import crossbatch
import crossbatch.metrics

DIM, ROWS, SIZE, STEPS = 24, 40, 150, 9


def number(i, k):
    """From -0.5 to 0.5, the same in every language."""
    x = (i * 2654435761 + k * 40503 + 12345) % 2**32
    return ((x * 1664525 + 1013904223) % 2**32) / 2**32 - 0.5


def batch(step):
    rows = np.array([number(i, step) for i in range(ROWS * DIM)], np.float32).reshape(ROWS, DIM)
    places = np.arange(ROWS) + step * ROWS
    return rows, places * 7 % 11, places % 130


def digest(*parts):
    return hashlib.sha256(b"".join(parts)).hexdigest()


for line in open(0):
    loss, miner, policy, half, cure = line.split()
    memory = crossbatch.Memory(SIZE, DIM, policy=policy, half=half == "half", cure=cure, seed=3)
    past = crossbatch.CrossBatch(memory, loss, miner, weight=0.5, ramp=4, store="last", seed=3)
    own = crossbatch.InBatch(loss, miner, seed=4)
    parts = []
    for step in range(STEPS):
        rows, labels, ids = batch(step)
        gradient = np.zeros_like(rows)
        a = own.add(gradient, rows, labels, ids, step=step)
        b = past.add(gradient, rows, labels, ids, step=step)
        parts += [np.array([a.value, b.value]).tobytes(), gradient.tobytes()]
    e = crossbatch.metrics.evaluate(memory.rows(), memory.labels(), full=True)
    parts.append(np.array([e["map_at_r"], e["map"], e["nmi"]]).tobytes())
    print(digest(*parts, memory.state().tobytes()))
