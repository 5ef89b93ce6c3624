"""What is wrong is said, and nothing has changed."""

import ctypes

import numpy as np
import pytest

import crossbatch
from crossbatch import ShapeError

X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
LABELS = np.arange(6) % 3
IDS = np.arange(6)
G = np.zeros_like(X)


def with_nan(at=(2, 3)):
    x = X.copy()
    x[at] = np.nan
    return x


BATCHES = {
    "embeddings of whole numbers": (TypeError, dict(embeddings=X.astype(int))),
    "embeddings of complex numbers": (TypeError, dict(embeddings=X.astype(complex))),
    "embeddings of objects": (TypeError, dict(embeddings=[[1.0, 2.0], [1.0]])),
    "embeddings that are a text": (TypeError, dict(embeddings="x")),
    "one row without its brackets": (ShapeError, dict(embeddings=X[0])),
    "three dimensions": (ShapeError, dict(embeddings=X[None])),
    "another width than the memory": (ShapeError, dict(embeddings=X[:, :3].copy(), gradient=G[:, :3].copy())),
    "no rows": (ShapeError, dict(embeddings=X[:0], labels=LABELS[:0], ids=None, gradient=G[:0])),
    "a number that is none": (crossbatch.DivergedError, dict(embeddings=with_nan())),
    "infinity": (crossbatch.DivergedError, dict(embeddings=X * np.float32(np.inf))),
    "too few labels": (ShapeError, dict(labels=LABELS[:5])),
    "labels of floating-point numbers": (TypeError, dict(labels=LABELS.astype(float))),
    "labels of bools": (TypeError, dict(labels=LABELS > 1)),
    "labels in two dimensions": (ShapeError, dict(labels=LABELS[:, None])),
    "labels beyond 32 bits": (ValueError, dict(labels=LABELS + 2**31)),
    "too many ids": (ShapeError, dict(ids=np.arange(7))),
    "negative ids": (ValueError, dict(ids=IDS - 1)),
    "ids beyond 64 bits": (ValueError, dict(ids=IDS.astype(np.uint64) + np.uint64(2**63))),
    "keys of another shape": (ShapeError, dict(keys=X[:5])),
    "keys that are no numbers": (crossbatch.DivergedError, dict(keys=with_nan())),
    "a step that is no number": (TypeError, dict(step="1")),
    "a step that is no whole number": (TypeError, dict(step=1.5)),
    "a step beyond 64 bits": (ValueError, dict(step=2**63)),
    "a gradient of another type": (TypeError, dict(gradient=G.astype(float))),
    "a gradient that is a list": (TypeError, dict(gradient=G.tolist())),
    "a gradient of another shape": (ShapeError, dict(gradient=G[:5])),
    "a gradient in strides": (ValueError, dict(gradient=np.zeros((6, 8), np.float32)[:, ::2])),
    "a gradient by columns": (ValueError, dict(gradient=np.asfortranarray(G))),
    "a gradient that cannot be written": (ValueError, dict(gradient=np.frombuffer(G.tobytes(), np.float32).reshape(6, 4))),
    "a gradient that lies crooked": (ValueError, dict(gradient=np.zeros(100, np.uint8)[1:97].view(np.float32).reshape(6, 4))),
}


@pytest.mark.parametrize("name", BATCHES)
def test_a_wrong_batch_is_refused(name):
    error, wrong = BATCHES[name]
    term = crossbatch.CrossBatch(crossbatch.Memory(10, 4), "contrastive")
    term(X, LABELS, IDS)
    before, right = term.memory.state().tobytes(), dict(gradient=np.zeros_like(X), embeddings=X, labels=LABELS, ids=IDS)
    with pytest.raises(error) as told:
        term.add(**{**right, **wrong})
    assert len(str(told.value)) > 10
    assert term.memory.state().tobytes() == before


def test_strides_and_types_of_what_is_read_do_not_matter():
    want = crossbatch.InBatch("supcon")(X, LABELS)
    wide = np.zeros((12, 8), np.float32)
    wide[::2, ::2] = X
    crooked = np.frombuffer(b"x" + X.tobytes(), np.uint8)[1:].view(np.float32).reshape(6, 4)
    for x in (wide[::2, ::2], np.asfortranarray(X), X.astype(float), X.astype(">f4"), crooked, X.tolist()):
        for labels in (LABELS, LABELS.astype(np.uint8), LABELS.astype(">i8"), np.repeat(LABELS, 2)[::2], LABELS.tolist()):
            summary, gradient = crossbatch.InBatch("supcon")(x, labels)
            assert summary == want[0] and gradient.astype(np.float32).tobytes() == want[1].tobytes()


SETTINGS = {
    "a size of 0": (ShapeError, lambda: crossbatch.Memory(0, 4)),
    "a negative size": (ShapeError, lambda: crossbatch.Memory(-1, 4)),
    "a size with a point": (TypeError, lambda: crossbatch.Memory(10.0, 4)),
    "a size beyond the machine": (ShapeError, lambda: crossbatch.Memory(2**40, 128)),
    "a size beyond any": (ShapeError, lambda: crossbatch.Memory(2**62, 2**62)),
    "no policy": (ValueError, lambda: crossbatch.Memory(10, 4, policy="best")),
    "a policy that is no text": (TypeError, lambda: crossbatch.Memory(10, 4, policy=None)),
    "a text with a zero": (ValueError, lambda: crossbatch.Memory(10, 4, policy="ring\0")),
    "a cure by probes": (ValueError, lambda: crossbatch.Memory(10, 4, cure="sdc")),
    "a reservoir with an age limit": (ValueError, lambda: crossbatch.Memory(10, 4, policy="reservoir", max_age=3)),
    "a negative seed": (ValueError, lambda: crossbatch.Memory(10, 4, seed=-1)),
    "no loss": (ValueError, lambda: crossbatch.InBatch("")),
    "an unknown loss": (ValueError, lambda: crossbatch.InBatch("best")),
    "an unknown parameter": (ValueError, lambda: crossbatch.InBatch("supcon:t=1")),
    "a parameter out of range": (ValueError, lambda: crossbatch.InBatch("supcon:temperature=0")),
    "an unknown miner": (ValueError, lambda: crossbatch.InBatch("supcon", "best")),
    "class weights within a batch": (ValueError, lambda: crossbatch.InBatch("arcface")),
    "class weights against a memory": (ValueError, lambda: crossbatch.CrossBatch(crossbatch.Memory(10, 4), "arcface")),
    "class weights of a pair loss": (ValueError, lambda: crossbatch.ClassWeights("supcon", [0, 1], 4)),
    "class weights of no class": (ShapeError, lambda: crossbatch.ClassWeights("arcface", [], 4)),
    "no memory": (TypeError, lambda: crossbatch.CrossBatch(None, "supcon")),
    "an unknown way to store": (ValueError, lambda: crossbatch.CrossBatch(crossbatch.Memory(10, 4), "supcon", store="soon")),
    "a weight of 0": (ValueError, lambda: crossbatch.CrossBatch(crossbatch.Memory(10, 4), "supcon", weight=0)),
    "a weight that is none": (ValueError, lambda: crossbatch.CrossBatch(crossbatch.Memory(10, 4), "supcon", weight=float("nan"))),
    "more neighbours than rows": (ValueError, lambda: crossbatch.neighbors(X, 6)),
    "no threads": (ValueError, lambda: crossbatch.set_num_threads(0)),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_wrong_setting_is_refused(name):
    error, make = SETTINGS[name]
    with pytest.raises(error) as told:
        make()
    assert len(str(told.value)) > 10


def test_a_label_without_a_class():
    term = crossbatch.ClassWeights("arcface", [0, 1], 4)
    with pytest.raises(ValueError, match="label 2"):
        term(X, LABELS)


def test_handles_that_are_none():
    memory = crossbatch.Memory(10, 4)
    term = crossbatch.CrossBatch(memory, "supcon")
    for handle in (0, 2**63, term._handle):  # the last one is of another kind
        good, memory._handle = memory._handle, handle
        with pytest.raises(ValueError, match="handle"):
            memory.total
        memory._handle = good
    from crossbatch._library import call, free

    other = crossbatch.Memory(10, 4)
    call("xbm_memory_free", other._handle)
    with pytest.raises(ValueError, match="freed"):
        len(other)
    free("xbm_memory_free", other._handle)  # as a finalizer does: nothing


def test_nulls_are_refused():
    from crossbatch._library import call

    term = crossbatch.InBatch("supcon")
    for name, arguments in {
        "xbm_memory_new": (None, None),
        "xbm_term_add": (term._handle, None, None, None, None, None),
        "xbm_evaluate": (None, None, ctypes.byref(ctypes.c_void_p())),
        "xbm_neighbors": (None, 3, 2, 1, None),
        "xbm_agreement": (None, None, 3, None, None),
    }.items():
        with pytest.raises(ValueError, match="NULL"):
            call(name, *arguments)


def test_tensors_that_are_refused():
    torch = pytest.importorskip("torch")
    from crossbatch.torch import ClassLoss, CrossBatchMemory, Loss, losses

    x, labels = torch.from_numpy(X), torch.from_numpy(LABELS)
    memory = CrossBatchMemory("contrastive", 10, 4)
    for error, arguments in [
        (TypeError, (X, labels)),
        (TypeError, (x.long(), labels)),
        (TypeError, (x.to(torch.complex64), labels)),
        (TypeError, (x.to_sparse(), labels)),
        (TypeError, (x, labels.float())),
        (TypeError, (x, labels > 0)),
        (TypeError, (x, LABELS)),
        (TypeError, (x, labels, labels.float())),
        (ShapeError, (x[0], labels)),
        (ShapeError, (x[:, :3], labels)),
        (ShapeError, (x, labels[:5])),
        (ShapeError, (x, labels[:, None])),
        (ShapeError, (x[:0], labels[:0])),
        (ValueError, (x.to("meta"), labels)),
        (ValueError, (x, labels + 2**31)),
        (crossbatch.DivergedError, (x * float("nan"), labels)),
    ]:
        with pytest.raises(error):
            memory(*arguments)
        if len(arguments) == 2 and arguments[0] is not None and getattr(arguments[0], "shape", (0, 0))[-1] != 3:
            with pytest.raises(error):
                Loss("contrastive")(*arguments)
            with pytest.raises(error):
                losses.ContrastiveLoss()(*arguments)
            with pytest.raises(error):
                ClassLoss("arcface", 3, 4)(*arguments)
    assert len(memory) == 0 and memory.step == 0
    with pytest.raises(TypeError, match="miner"):
        losses.ContrastiveLoss()(x, labels, (labels, labels, labels))
    with pytest.raises(TypeError, match="losses"):
        losses.CrossBatchMemory(losses.ArcFaceLoss(3, 4), 4)
    with pytest.raises(ValueError, match="gather"):
        CrossBatchMemory("contrastive", 10, 4, gather="all")
    with pytest.raises(RuntimeError, match="init_process_group"):
        CrossBatchMemory("contrastive", 10, 4, gather=True)(x, labels)


def test_there_is_no_second_derivative():
    torch = pytest.importorskip("torch")
    from crossbatch.torch import Loss

    x = torch.from_numpy(X).requires_grad_()
    (slope,) = torch.autograd.grad(Loss("supcon")(x, torch.from_numpy(LABELS)), x, create_graph=True)
    with pytest.raises(RuntimeError):
        slope.sum().backward()
