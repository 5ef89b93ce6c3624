"""Scores are what they say, and the fast way is the plain one."""

import numpy as np
import pytest

import crossbatch
from crossbatch import metrics


def clustered(n=120, dim=5, classes=9, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    return rng.normal(size=(classes, dim))[labels] + rng.normal(size=(n, dim)), labels


def ranked(queries, gallery, leave_out):
    d = ((queries[:, None].astype(np.float32).astype(float) - gallery[None].astype(np.float32).astype(float)) ** 2).sum(-1)
    if leave_out:
        d[np.arange(len(queries)), np.arange(len(queries))] = np.inf
    order = np.argsort(d, axis=1, kind="stable")
    return order[:, :-1] if leave_out else order


def test_neighbours():
    x, _ = clustered()
    x[7] = x[3] = x[50]  # ties
    assert (crossbatch.neighbors(x, 119) == ranked(x, x, True)).all()
    assert (crossbatch.search(x[:30], x, 120) == ranked(x[:30], x, False)).all()


def plainly(hits, relevant):
    """The scores by loops over queries."""
    p1, rp, mapr, mean, mrr = [], [], [], [], []
    for row, r in zip(hits, relevant):
        if r == 0:
            continue
        found = [(k, sum(row[:k]) / k) for k in range(1, len(row) + 1) if row[k - 1]]
        p1.append(row[0])
        rp.append(sum(row[:r]) / r)
        mapr.append(sum(p for k, p in found if k <= r) / r)
        mean.append(sum(p for _, p in found) / r)
        mrr.append(1 / found[0][0] if found else 0)
    return {k: float(np.mean(v)) for k, v in dict(precision_at_1=p1, r_precision=rp, mean_average_precision_at_r=mapr, mean_average_precision=mean, mean_reciprocal_rank=mrr).items()}


BY_RANK = ["mean_average_precision", "mean_average_precision_at_r", "mean_reciprocal_rank", "precision_at_1", "r_precision"]


@pytest.mark.parametrize("case", ["alone", "gallery", "included"])
def test_the_calculator(case):
    x, labels = clustered()
    labels[5] = 77  # alone
    queries, of, gallery, among, includes = x, labels, None, None, False
    if case == "gallery":
        queries, of, gallery, among = x[:40], labels[:40], x[40:], labels[40:]
    if case == "included":
        queries, of, gallery, among, includes = x[:40], labels[:40], x, labels, True
    g, y, leave = (x, labels, True) if case != "gallery" else (gallery, among, False)
    hits = y[ranked(queries, g, leave)] == of[:, None]
    want = plainly(hits.tolist(), hits.sum(1))
    calculator = metrics.AccuracyCalculator(exclude=("NMI", "AMI"))
    got = calculator.get_accuracy(queries, of, gallery, among, includes)
    assert list(got) == BY_RANK
    assert got == pytest.approx(want)
    by_rank = metrics.AccuracyCalculator(include=BY_RANK, k=len(g) - 1 if leave else len(g))
    assert by_rank.get_accuracy(queries, of, gallery, among, includes) == pytest.approx(want)


def test_the_calculator_by_class():
    x, labels = clustered()
    each = metrics.AccuracyCalculator(include=["precision_at_1", "r_precision"], return_per_class=True).get_accuracy(x, labels)
    mean = metrics.AccuracyCalculator(include=["precision_at_1", "r_precision"], avg_of_avgs=True).get_accuracy(x, labels)
    hits = labels[ranked(x, x, True)] == labels[:, None]
    want = [hits[labels == c, 0].mean() for c in np.unique(labels)]
    assert each["precision_at_1"] == pytest.approx(want)
    assert mean["precision_at_1"] == pytest.approx(np.mean(want))
    assert mean["r_precision"] == pytest.approx(np.mean(each["r_precision"]))


def test_equal_rows_are_left_out_by_place():
    x, labels = np.zeros((9, 3), np.float32), np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
    hits = labels[ranked(x[:6], x, True)[:, :4]] == labels[:6, None]
    got = metrics.AccuracyCalculator(include=["precision_at_1"], k=4).get_accuracy(x[:6], labels[:6], x, labels, True)
    assert got["precision_at_1"] == hits[:, 0].mean()


def test_evaluate():
    x, labels = clustered()
    e = metrics.evaluate(x, labels, ranks=(1, 4), full=True, resamples=100)
    want = plainly((labels[ranked(x, x, True)] == labels[:, None]).tolist(), np.bincount(labels)[labels] - 1)
    assert e["recall"][1] == pytest.approx(want["precision_at_1"]) == pytest.approx(e["precision_at_1"])
    assert e["map_at_r"] == pytest.approx(want["mean_average_precision_at_r"]) == pytest.approx(metrics.map_at_r(x, labels))
    assert e["map"] == pytest.approx(want["mean_average_precision"]) and e["mrr"] == pytest.approx(want["mean_reciprocal_rank"])
    assert metrics.recall_at_k(x, labels, 4) == e["recall"][4] and metrics.r_precision(x, labels) == e["r_precision"]
    assert e["bootstrap"]["low"]["map_at_r"] < e["map_at_r"] < e["bootstrap"]["high"]["map_at_r"]
    assert e["diagnosis"]["effective_rank"] > 1 and 0 < e["nmi"] < 1
    assert "nmi" not in metrics.evaluate(x, labels, ranks_only=True)
    assert metrics.evaluate(x, labels, most_work=1.0)["left_out"]
    with pytest.raises(ValueError, match="retrieve"):
        metrics.evaluate(x[:3], [0, 1, 2])


def test_clusters_and_the_rest():
    x, labels = clustered()
    clusters = metrics.kmeans(x, 9, seed=1)
    nmi, ami = metrics.agreement(labels, clusters)
    assert 0 < ami < nmi < 1 and metrics.agreement(labels, labels) == pytest.approx((1, 1))
    try:
        from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score
    except ImportError:
        pass
    else:
        assert nmi == pytest.approx(normalized_mutual_info_score(labels, clusters))
        assert ami == pytest.approx(adjusted_mutual_info_score(labels, clusters))
    assert 0 < metrics.few_shot(x, labels)["linear"] <= 1
    y = x + 0.1
    assert metrics.drift(y, x) == pytest.approx(0.01 * x.shape[1], rel=1e-5)


def test_compensation_moves_the_rows():
    memory = crossbatch.Memory(40, 5)
    x, labels = clustered(40)
    crossbatch.CrossBatch(memory, "supcon").fill(x, labels, step=1)
    before = memory.rows()
    memory.compensate(before, before[:, ::-1], 1, 5, "sdc:sigma=0.05")
    now = memory.rows()
    assert ((now - before[:, ::-1]) ** 2).mean() < ((now - before) ** 2).mean()


def test_inspection():
    term = crossbatch.CrossBatch(crossbatch.Memory(40, 5), "multi-similarity")
    for step in range(3):
        term(*clustered(12, seed=step), step=step, inspect=True)
    seen = term.inspection()
    assert len(seen["positives"]) == 40 and 0 < seen["old_share"] < 1 and seen["effective_negatives"] > 1
