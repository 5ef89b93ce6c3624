"""The losses and miners as their formulas say, in torch double, with every matrix in full.

Rows are brought to unit length; s is the cosine, d the Euclidean distance. A loss gets the
pairs that a miner chose: ``pos`` and ``neg`` are masks of anchors × columns, and ``chosen``,
anchors × columns × columns, are triplets, or None for all that the pairs make.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Callable, Optional

import torch
from torch import Tensor

NEG = float("-inf")


@dataclass
class Pairs:
    """Anchors against columns, both of unit rows."""

    a: Tensor
    c: Tensor
    la: Tensor
    lc: Tensor
    own: Tensor  # mask of an anchor's own column
    oldest: int = 0
    symmetric: bool = False
    pos: Tensor = field(init=False)
    neg: Tensor = field(init=False)
    chosen: Optional[Tensor] = None

    def __post_init__(self) -> None:
        same = self.la[:, None] == self.lc[None, :]
        self.pos, self.neg = same & ~self.own, ~same

    @property
    def s(self) -> Tensor:
        return self.a @ self.c.T

    @property
    def d(self) -> Tensor:
        return apart(self.s)

    def triplets(self) -> Tensor:
        return self.pos[:, :, None] & self.neg[:, None, :] if self.chosen is None else self.chosen


def unit(x: Tensor) -> Tensor:
    return x / x.norm(dim=1, keepdim=True)


def apart(s: Tensor) -> Tensor:
    """The distance of unit rows of that cosine; rows of 16 bits are a little shorter, and count as such."""
    return (2 - 2 * s).clamp_min(1e-24).sqrt()


def over_active(terms: Tensor) -> Tensor:
    active = terms > 1e-6
    return terms[active].mean() if active.any() else terms.sum() * 0


def lse(x: Tensor, mask: Tensor) -> Tensor:
    """log Σ e^x over the mask of each row; -inf for none."""
    return torch.logsumexp(x.masked_fill(~mask, NEG), 1)


def contrastive(p: Pairs, distance="cosine", pos_margin=None, neg_margin=None):
    if distance == "cosine":
        pm, nm = (1 if pos_margin is None else pos_margin), (0.5 if neg_margin is None else neg_margin)
        return over_active((pm - p.s)[p.pos].relu()) + over_active((p.s - nm)[p.neg].relu())
    pm, nm = (0 if pos_margin is None else pos_margin), (1 if neg_margin is None else neg_margin)
    return over_active((p.d - pm)[p.pos].relu()) + over_active((nm - p.d)[p.neg].relu())


def triplet(p: Pairs, distance="euclidean", margin=None, smooth=False, swap=False):
    if distance == "euclidean":
        d, margin = p.d, 0.05 if margin is None else margin
        an = d[:, None, :]
        if swap:
            an = torch.minimum(an, d[None])
        v = d[:, :, None] - an + margin
    else:
        s, margin = p.s, 0.1 if margin is None else margin
        v = s[:, None, :] - s[:, :, None] + margin
    v = v[p.triplets()]
    if smooth:
        v = torch.nn.functional.softplus(v)
    return over_active(v.relu())


def multi_similarity(p: Pairs, alpha=2, beta=50, base=0.5):
    zero = torch.zeros(len(p.a), 1, dtype=torch.double)
    pos = torch.logsumexp(torch.cat([zero, (-alpha * (p.s - base)).masked_fill(~p.pos, NEG)], 1), 1) / alpha
    neg = torch.logsumexp(torch.cat([zero, (beta * (p.s - base)).masked_fill(~p.neg, NEG)], 1), 1) / beta
    return (pos + neg).mean()


def nt_xent(p: Pairs, temperature=0.07):
    s = p.s / temperature
    negatives = lse(s, p.neg)
    if not p.neg.any():
        return s.sum() * 0
    each = torch.logaddexp(s, negatives[:, None].expand_as(s)) - s
    return each[p.pos].mean() if p.pos.any() else s.sum() * 0


def supcon(p: Pairs, temperature=0.1):
    s = p.s / temperature
    some = p.pos.any(1)
    if not some.any() or not p.neg.any():
        return s.sum() * 0
    mean = (s * p.pos).sum(1) / p.pos.sum(1).clamp_min(1)
    return over_active((lse(s, p.pos | p.neg) - mean)[some])


def circle(p: Pairs, m=0.4, gamma=80):
    s, both = p.s, p.pos.any(1) & p.neg.any(1)
    if not both.any():
        return s.sum() * 0
    weigh = s.detach()
    n = lse(gamma * (weigh + m).relu() * (s - m), p.neg)
    q = lse(-gamma * (1 + m - weigh).relu() * (s - 1 + m), p.pos)
    return over_active(torch.nn.functional.softplus((n + q)[both]))


def lifted(p: Pairs, pos_margin=0, neg_margin=1):
    d = p.d
    of_anchor = lse(neg_margin - d, p.neg)
    if p.symmetric:
        of_column = of_anchor
    else:
        inner = apart(p.c @ p.c.T)
        of_column = lse(neg_margin - inner, p.lc[:, None] != p.lc[None])
    both = torch.logaddexp(of_anchor[:, None].expand_as(d), of_column[None].expand_as(d))
    have = p.pos & torch.isfinite(both)
    if not p.pos.any():
        return d.sum() * 0
    return (0.5 * (d - pos_margin + both)[have].relu().pow(2)).sum() / p.pos.sum()


def generalized_lifted(p: Pairs, pos_margin=0, neg_margin=1):
    pos, neg = lse(p.d - pos_margin, p.pos), lse(neg_margin - p.d, p.neg)
    zero = torch.zeros_like(pos)
    return (torch.where(p.pos.any(1), pos, zero) + torch.where(p.neg.any(1), neg, zero)).relu().mean()


def margin(p: Pairs, margin=0.2, beta=1.2, nu=0, learn_beta=False):
    chosen, d = p.triplets(), p.d
    far, near = (d - beta + margin).relu()[:, :, None] * chosen, (beta - d + margin).relu()[:, None, :] * chosen
    active = (far > 1e-9).sum() + (near > 1e-9).sum()
    return (far.sum() + near.sum()) / active.clamp_min(1) + nu * beta


def tuplet_margin(p: Pairs, margin_degrees=5.73, scale=64):
    s, m = p.s, math.radians(margin_degrees)
    eased = torch.cos(torch.arccos(s.clamp(-1 + 1e-12, 1 - 1e-12)) - m)
    negatives = lse(scale * s, p.neg)
    each = torch.nn.functional.softplus(negatives[:, None] - scale * eased)
    return each[p.pos].mean() if p.pos.any() else s.sum() * 0


def intra_pair_variance(p: Pairs, pos_eps=0.01, neg_eps=0.01):
    value = p.s.sum() * 0
    if p.pos.any():
        s = p.s[p.pos]
        value = value + ((1 - pos_eps) * s.mean() - s).relu().pow(2).mean()
    if p.neg.any():
        s = p.s[p.neg]
        value = value + (s - (1 + neg_eps) * s.mean()).relu().pow(2).mean()
    return value


def snr_contrastive(p: Pairs, pos_margin=0, neg_margin=1):
    d = (p.a[:, None] - p.c[None]).var(-1) / p.a.var(-1)[:, None]
    return over_active((d - pos_margin)[p.pos].relu()) + over_active((neg_margin - d)[p.neg].relu())


def angular(p: Pairs, alpha_degrees=40):
    t = math.tan(math.radians(alpha_degrees)) ** 2
    s, inner = p.s, p.c @ p.c.T
    unlike = p.la[:, None] != p.lc[None]
    each = []
    for i, j in p.pos.nonzero().tolist():
        x = (4 * t * (s[i] + inner[j]) - 2 * (1 + t) * s[i, j])[unlike[i]]
        each.append(torch.nn.functional.softplus(torch.logsumexp(x, 0)) if len(x) else x.sum())
    return torch.stack(each).mean() if each else s.sum() * 0


def nca(p: Pairs, softmax_scale=1):
    x, some = -softmax_scale * p.d.pow(2), p.pos.any(1)
    each = (lse(x, p.pos | p.neg) - lse(x, p.pos))[some]
    return each.mean() if some.any() else x.sum() * 0


def n_pairs(p: Pairs):
    firsts, own, stands = {}, set(), {}
    for i, label in enumerate(p.la.tolist()):
        if label not in firsts:
            firsts[label] = i
            own.update(p.own[i].nonzero().flatten().tolist())
    m = len(p.lc)
    for k in range(m):
        j = (p.oldest + k) % m
        if j not in own:
            stands.setdefault(int(p.lc[j]), j)
    rows = [i for label, i in firsts.items() if label in stands]
    if not rows:
        return p.s.sum() * 0
    columns = list(stands.values())
    logits = p.s[rows][:, columns]
    right = torch.tensor([columns.index(stands[int(p.la[i])]) for i in rows])
    return torch.nn.functional.cross_entropy(logits, right)


def histograms(x: Tensor, low: float, high: float, bins: int) -> Tensor:
    """The share of each value at each edge, linear between the two next to it: … × edges."""
    at = (x - low) / (high - low) * bins
    edges = torch.arange(bins + 1, dtype=torch.double)
    return (1 - (at[..., None] - edges).abs()).clamp_min(0)


def fast_ap(p: Pairs, bins=10):
    h = histograms(p.d.pow(2), 0, 4, bins)
    pos, every = (h * p.pos[..., None]).sum(1), (h * (p.pos | p.neg)[..., None]).sum(1)
    cumulative, all_of = pos.cumsum(1), every.cumsum(1)
    ap = torch.where(all_of > 0, pos * cumulative / all_of.clamp_min(1e-12), torch.zeros_like(pos)).sum(1)
    some = p.pos.any(1)
    return (1 - ap / p.pos.sum(1).clamp_min(1))[some].mean() if some.any() else p.s.sum() * 0


def histogram(p: Pairs, bins=100):
    if not p.pos.any() or not p.neg.any():
        return p.s.sum() * 0
    h = histograms(p.s, -1, 1, bins)
    pos, neg = h[p.pos].sum(0) / p.pos.sum(), h[p.neg].sum(0) / p.neg.sum()
    return (neg * pos.cumsum(0)).sum()


def smooth_ap(p: Pairs, temperature=0.01):
    s, each = p.s, []
    for i in range(len(p.a)):
        mine, every = p.pos[i].nonzero().flatten(), (p.pos[i] | p.neg[i]).nonzero().flatten()
        if len(mine) == 0:
            continue
        above = torch.sigmoid((s[i][None, every] - s[i][mine][:, None]) / temperature)
        other = every[None] != mine[:, None]
        among = p.pos[i][every][None] & other
        each.append(((1 + (above * among).sum(1)) / (1 + (above * other).sum(1))).mean())
    return 1 - torch.stack(each).mean() if each else s.sum() * 0


LOSSES: dict[str, Callable] = {
    "contrastive": contrastive,
    "triplet": triplet,
    "multi-similarity": multi_similarity,
    "nt-xent": nt_xent,
    "supcon": supcon,
    "circle": circle,
    "lifted": lifted,
    "generalized-lifted": generalized_lifted,
    "margin": margin,
    "tuplet-margin": tuplet_margin,
    "intra-pair-variance": intra_pair_variance,
    "snr-contrastive": snr_contrastive,
    "angular": angular,
    "nca": nca,
    "n-pairs": n_pairs,
    "fast-ap": fast_ap,
    "histogram": histogram,
    "smooth-ap": smooth_ap,
}


def mine_multi_similarity(p: Pairs, epsilon=0.1):
    s = p.s.detach()
    hardest_pos = s.masked_fill(~p.pos, math.inf).min(1).values[:, None]
    hardest_neg = s.masked_fill(~p.neg, -math.inf).max(1).values[:, None]
    p.pos, p.neg = p.pos & (s - epsilon < hardest_neg), p.neg & (s + epsilon > hardest_pos)


def mine_batch_hard(p: Pairs):
    s, both = p.s.detach(), p.pos.any(1) & p.neg.any(1)
    pos, neg = torch.zeros_like(p.pos), torch.zeros_like(p.neg)
    for i in both.nonzero().flatten().tolist():
        pos[i, s[i].masked_fill(~p.pos[i], math.inf).argmin()] = True
        neg[i, s[i].masked_fill(~p.neg[i], -math.inf).argmax()] = True
    p.pos, p.neg = pos, neg


def mine_pair_margin(p: Pairs, pos_margin=0.2, neg_margin=0.8):
    d = p.d.detach()
    p.pos, p.neg = p.pos & (d > pos_margin), p.neg & (d < neg_margin)


def mine_triplets(kind: str) -> Callable:
    def mine(p: Pairs, margin=0.2):
        d = p.d.detach()
        gap = d[:, None, :] - d[:, :, None]
        want = {"all": gap <= margin, "hard": gap <= min(margin, 0), "semihard": (gap > 0) & (gap <= margin), "easy": gap > margin}[kind]
        p.chosen = p.triplets() & want

    return mine


MINERS: dict[str, Callable] = {
    "none": lambda p: None,
    "multi-similarity": mine_multi_similarity,
    "batch-hard": mine_batch_hard,
    "pair-margin": mine_pair_margin,
    **{f"triplet-{k}": mine_triplets(k) for k in ("all", "hard", "semihard", "easy")},
}


# What the formulas here divide by, where it is not "pairs". Other reductions are compared
# with pytorch-metric-learning's in testdata/reference/reductions.py.
OWN_REDUCTION = {
    **dict.fromkeys(("contrastive", "triplet", "supcon", "circle", "margin", "snr-contrastive"), "active"),
    **dict.fromkeys(("multi-similarity", "generalized-lifted"), "anchors"),
}


def parameters(spec: str) -> tuple[str, dict]:
    name, _, rest = spec.partition(":")
    found = {}
    for item in filter(None, rest.split(",")):
        key, value = item.split("=")
        if key == "reduction":
            assert value == OWN_REDUCTION.get(name, "pairs"), f"{spec}: there is no formula for this reduction"
            continue
        found[key] = {"true": True, "false": False}.get(value, value)
        if not isinstance(found[key], bool) and key != "distance":
            found[key] = float(value)
    return name, found


def value(loss: str, pairs: Pairs, miner: str = "none") -> Tensor:
    """The loss of pairs that a miner chose, both as texts."""
    name, given = parameters(miner)
    MINERS[name](pairs, **given)
    name, given = parameters(loss)
    if "bins" in given:
        given["bins"] = int(given["bins"])
    return LOSSES[name](pairs, **given)


def in_batch(loss: str, x: Tensor, labels: Tensor, miner: str = "none") -> Tensor:
    """The loss of a batch, with the gradient through both sides."""
    u = unit(x)
    return value(loss, Pairs(u, u, labels, labels, torch.eye(len(x), dtype=torch.bool), symmetric=True), miner)


def against(loss: str, x: Tensor, labels: Tensor, rows: Tensor, row_labels: Tensor, own: Tensor, oldest: int = 0, miner: str = "none") -> Tensor:
    """The loss between a batch and rows that are constants."""
    return value(loss, Pairs(unit(x), rows, labels, row_labels, own, oldest), miner)


def classes(loss: str, x: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """The loss between a batch and weights of classes, from 0 on."""
    name, g = parameters(loss)
    s = unit(x) @ unit(weights).T
    per = int(g.get("centers", 10)) if name == "soft-triple" else 1
    count = len(weights) // per
    right = torch.nn.functional.one_hot(labels, count).bool()
    ce = torch.nn.functional.cross_entropy
    if name == "normalized-softmax":
        return ce(s / g.get("temperature", 0.05), labels)
    if name == "cosface":
        return ce(g.get("scale", 64) * (s - g.get("margin", 0.35) * right), labels)
    if name == "arcface":
        m = math.radians(g.get("margin_degrees", 28.6))
        angle = torch.arccos(s.clamp(-1 + 1e-12, 1 - 1e-12))
        eased = torch.where(angle <= math.pi - m, torch.cos(angle + m), s - m * math.sin(m))
        return ce(g.get("scale", 64) * torch.where(right, eased, s), labels)
    if name == "soft-triple":
        of = s.view(len(x), count, per)
        to = (torch.softmax(of / g.get("gamma", 0.1), 2) * of).sum(2)
        return ce(g.get("la", 20) * (to - g.get("margin", 0.01) * right), labels)
    if name == "proxy-nca":
        return ce(-g.get("softmax_scale", 1) * (2 - 2 * s), labels)
    alpha, m = g.get("alpha", 32), g.get("margin", 0.1)
    zero = torch.zeros(1, count, dtype=torch.double)
    pos = torch.logsumexp(torch.cat([zero, (-alpha * (s - m)).masked_fill(~right, NEG)]), 0)
    neg = torch.logsumexp(torch.cat([zero, (alpha * (s + m)).masked_fill(right, NEG)]), 0)
    return pos[right.any(0)].mean() + neg.mean()
