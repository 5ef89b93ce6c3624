"""The reference cases, which another implementation computed in float64, through Python."""

import json
import pathlib

import numpy as np
import pytest

import crossbatch
from crossbatch import metrics

REFERENCE = pathlib.Path(__file__).parents[4] / "testdata" / "reference"
FILES = sorted([*REFERENCE.glob("cases/*.json"), *REFERENCE.glob("scores/*.json")])
TOLERANCE = 1e-4


def spec(method):
    if method is None:
        return "none"
    given = {k: v for k, v in method.items() if k != "name" and v is not None}
    given.pop("embedding_size", None), given.pop("num_classes", None)
    text = ",".join(f"{k}={str(v).lower()}" for k, v in given.items())
    return method["name"] + (":" + text if text else "")


def rows(case, key="embeddings"):
    return np.array(case[key], np.float32).reshape(-1, case["dim"])


def close(got, want):
    want = np.asarray(want, float).reshape(got.shape)
    assert np.linalg.norm(got - want) <= TOLERANCE * max(np.linalg.norm(want), 1e-8)


def near(got, want):
    assert got == pytest.approx(want, rel=TOLERANCE, abs=1e-8)


@pytest.mark.parametrize("file", FILES, ids=[f.stem for f in FILES])
def test_a_case(file):
    case = json.loads(file.read_text())
    loss, miner = [spec(case.get(k)) for k in ("loss", "miner")]
    if loss.startswith("angular"):
        loss += ",raw_negatives=true"
    kinds = {
        "loss": in_batch, "memory": memory, "proxy": proxies, "metrics": scores, "clusters": clusters,
        "cameras": cameras, "several": several, "verification": verification,
    }  # fmt: skip
    kinds[case["kind"]](case, loss, miner)


def in_batch(case, loss, miner):
    summary, gradient = crossbatch.InBatch(loss, miner)(rows(case), case["labels"])
    near(summary.value, case["want"]["loss"])
    close(gradient, case["want"]["grad"])


def memory(case, loss, miner):
    held = crossbatch.Memory(case["capacity"], case["dim"])
    term = crossbatch.CrossBatch(held, loss, miner)
    for number, step in enumerate(case["steps"]):
        x = np.array(step["embeddings"], np.float32).reshape(-1, case["dim"])
        summary, gradient = term(x, step["labels"], step=number)
        near(summary.value, step["want"]["loss"])
        close(gradient, step["want"]["grad"])
        assert (len(held), held.next) == (step["want"]["memory_len"], step["want"]["next_slot"])
    assert held.labels().tolist() == case["final_memory_labels"]


def proxies(case, loss, miner):
    shape, name = case["weight_shape"], case["loss"]["name"]
    weight, want = [np.array(w, float).reshape(shape) for w in (case["weight"], case["want"]["weight_grad"])]
    if name not in ("proxy-nca", "proxy-anchor"):
        weight, want = weight.T, want.T
    per = case["loss"].get("centers", 1)
    term = crossbatch.ClassWeights(loss, range(len(weight) // per), case["dim"])
    values, grad = np.ascontiguousarray(weight, np.float32).ravel(), np.zeros(weight.size, np.float32)
    summary, gradient = term(rows(case), case["labels"], values=values, value_gradient=grad)
    near(summary.value, case["want"]["loss"])
    close(gradient, case["want"]["grad"])
    close(grad, want)


def scores(case, *_):
    want = case["want"]
    ks = [int(k) for k in want["recall"]]
    e = metrics.evaluate(rows(case), case["labels"], ranks=[*ks, 1], full=True)
    near(e["precision_at_1"], want["precision_at_1"])
    near(e["r_precision"], want["r_precision"])
    near(e["map_at_r"], want["map_at_r"])
    near(e["map"], want["map"])
    for k in ks:
        near(e["recall"][k], want["recall"][str(k)])
    assert e["skipped"] == want["skipped"]


def clusters(case, *_):
    nmi, ami = metrics.agreement(case["labels"], case["clusters"])
    near(nmi, case["want"]["nmi"])
    near(ami, case["want"]["ami"])


def ranked(case, *arguments, **options):
    for distance, want in case["want"].items():
        e = metrics.evaluate(*arguments, ranks=[int(k) for k in want["recall"]], distance=distance, full=True, ranks_only=True, **options)
        near(e["map"], want["map"])
        near(e["mrr"], want["mrr"])
        assert e["queries"] == want["queries"]
        for k, share in want["recall"].items():
            near(e["recall"][int(k)], share)
        if "class_map" in want:
            near(e["class_means"]["map"], want["class_map"])


def cameras(case, *_):
    q, x, labels, by = case["queries"], rows(case), case["labels"], case["cameras"]
    ranked(
        case, x[:q], labels[:q], x[q:], labels[q:], cameras=by[:q], gallery_cameras=by[q:], junk=np.array(case["junk"]), class_means=True
    )


def several(case, *_):
    ranked(case, rows(case), case["labels"])


def verification(case, *_):
    x, labels = rows(case), np.array(case["labels"])
    places = np.array([(i, j) for i in range(len(x)) for j in range(i + 1, len(x))])
    for distance, want in case["want"].items():
        got = metrics.verification(x, labels, distance=distance)
        for name in ("roc_auc", "average_precision", "equal_error_rate"):
            near(got[name], want[name])
        listed = metrics.verification(x, pairs=places, same=labels[places[:, 0]] == labels[places[:, 1]], distance=distance)
        assert listed["roc_auc"] == got["roc_auc"] and listed["positives"] == got["positives"]
    with pytest.raises(ValueError, match="row 99"):
        metrics.verification(x, pairs=[[0, 99]], same=np.array([True]))


def test_there_are_cases():
    assert len(FILES) >= 88
