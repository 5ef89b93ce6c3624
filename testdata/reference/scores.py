"""Scores of verification, re-identification and of several labels a row, by scikit-learn.

    python3 scores.py        writes scores/*.json

Needs NumPy and scikit-learn (Debian: python3-sklearn). Of ours it uses nothing.
"""
import json
import os

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
from sklearn.metrics.pairwise import cosine_similarity, euclidean_distances

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "scores")
FARS = [1e-1, 1e-2, 1e-3]


def equal_error_rate(fpr, tpr):
    """Where the ROC curve, straight between its points, meets tpr = 1 - fpr."""
    for (x0, y0), (x1, y1) in zip(zip(fpr, 1 - tpr), zip(fpr[1:], 1 - tpr[1:])):
        if x1 >= y1:
            s = (y0 - x0) / ((x1 - x0) - (y1 - y0))
            return x0 + s * (x1 - x0)
    raise ValueError("the curve has no end")


def verification(similarity, same):
    fpr, tpr, thresholds = roc_curve(same, similarity, drop_intermediate=False)
    best = int(np.argmax(tpr - fpr))
    return {
        "roc_auc": roc_auc_score(same, similarity),
        "average_precision": average_precision_score(same, similarity),
        "equal_error_rate": equal_error_rate(fpr, tpr),
        "tar_at_far": {str(far): float(tpr[fpr <= far].max()) for far in FARS},
        "best_gain": float(tpr[best] - fpr[best]),
        "best_threshold": float(thresholds[best]),
    }


def retrieval(similarity, match, left_out):
    """Means over the queries that have a match, and over the rows of each query's class."""
    aps, firsts, queries = [], [], []
    for q in range(len(similarity)):
        keep = ~left_out[q]
        if not match[q][keep].any():
            continue
        aps.append(average_precision_score(match[q][keep], similarity[q][keep]))
        order = np.argsort(-similarity[q][keep], kind="stable")
        firsts.append(1 + int(np.argmax(match[q][keep][order])))
        queries.append(q)
    firsts = np.array(firsts)
    return queries, {
        "map": float(np.mean(aps)),
        "mrr": float(np.mean(1 / firsts)),
        "recall": {str(k): float(np.mean(firsts <= k)) for k in (1, 5, 10, 20)},
        "queries": len(queries),
    }, aps


def write(name, case):
    with open(os.path.join(HERE, name), "w") as f:
        json.dump(case, f)
        f.write("\n")


def rows(rng, n, dim, classes):
    labels = rng.integers(0, classes, n)
    centers = rng.normal(size=(classes, dim))
    return (centers[labels] + rng.normal(size=(n, dim))).astype(np.float32), labels


def similarities(x, y):
    x, y = x.astype(np.float64), y.astype(np.float64)
    return {"euclidean": -euclidean_distances(x, y), "cosine": cosine_similarity(x, y)}


def main():
    rng = np.random.default_rng(17)
    for number, (n, dim, classes) in enumerate([(60, 4, 6), (90, 7, 30)]):
        x, labels = rows(rng, n, dim, classes)
        i, j = np.triu_indices(n, 1)
        want = {name: verification(s[i, j], labels[i] == labels[j]) for name, s in similarities(x, x).items()}
        write(f"verification-{number}.json", {
            "kind": "verification", "n": n, "dim": dim, "embeddings": x.ravel().tolist(), "labels": labels.tolist(), "want": want})

    # Re-identification: same class by the same camera is left out, junk too.
    x, labels = rows(rng, 140, 5, 12)
    cameras, junk, q = rng.integers(0, 4, 140), rng.random(140) < 0.1, 40
    match = labels[:q, None] == labels[None, q:]
    left_out = match & (cameras[:q, None] == cameras[None, q:]) | junk[None, q:]
    want = {}
    for name, s in similarities(x[:q], x[q:]).items():
        queries, want[name], aps = retrieval(s, match, left_out)
        of = labels[queries]
        want[name]["class_map"] = float(np.mean([np.mean(np.array(aps)[of == c]) for c in np.unique(of)]))
    write("cameras.json", {
        "kind": "cameras", "dim": 5, "queries": q, "embeddings": x.ravel().tolist(), "labels": labels.tolist(),
        "cameras": cameras.tolist(), "junk": junk[q:].tolist(), "want": want})

    # Several labels a row: a match is a shared label.
    n = 80
    x, _ = rows(rng, n, 6, 9)
    sets = rng.random((n, 9)) < 0.15
    match, left_out = (sets.astype(int) @ sets.T.astype(int)) > 0, np.eye(n, dtype=bool)
    want = {name: retrieval(s, match, left_out)[1] for name, s in similarities(x, x).items()}
    write("several.json", {
        "kind": "several", "dim": 6, "embeddings": x.ravel().tolist(), "labels": [np.flatnonzero(s).tolist() for s in sets], "want": want})


if __name__ == "__main__":
    main()
