"""Ranks that gather have the gradients and the memory of one process."""

import multiprocessing
import tempfile

import numpy as np
import pytest

torch = pytest.importorskip("torch")
if not torch.distributed.is_available():
    pytest.skip("torch has no distributed", allow_module_level=True)

from crossbatch.torch import CrossBatchMemory

OPTIONS = dict(size=50, dim=6, policy="class-balanced:9", half=True)
LOSS, MINER = "margin:learn_beta=true", "distance-weighted"
SIZES = [(7, 5), (3, 9), (6, 6), (8, 4), (1, 11)]  # of the ranks' batches


def network():
    torch.manual_seed(0)
    return torch.nn.Linear(10, 6)


def batch(step):
    generator = torch.Generator().manual_seed(step)
    return torch.randn(12, 10, generator=generator), torch.randint(0, 3, (12,), generator=generator), torch.arange(12) + 12 * step


def train(part, gather, reduce):
    layer, memory = network(), CrossBatchMemory(LOSS, miner=MINER, gather=gather, **OPTIONS)
    parameters = [*layer.parameters(), *memory.parameters()]
    optimizer = torch.optim.SGD(parameters, 0.1)
    values = []
    for step in range(len(SIZES)):
        x, labels, ids = [t[part(step)] for t in batch(step)]
        optimizer.zero_grad()
        loss = memory(layer(x), labels, ids)
        loss.backward()
        reduce(parameters)
        optimizer.step()
        values.append(loss.item())
    return values, [p.detach().numpy().copy() for p in parameters], memory.memory.state().tobytes()


def rank(number, file, gather, queue):
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", init_method=f"file://{file}", rank=number, world_size=2)

    def part(step):
        return slice(0, SIZES[step][0]) if number == 0 else slice(SIZES[step][0], 12)

    def reduce(parameters):
        for p in parameters:
            torch.distributed.all_reduce(p.grad)
            if gather is True:  # as DistributedDataParallel does
                p.grad /= 2

    queue.put((number, train(part, gather, reduce)))
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize("gather", [True, "sum"])
def test_two_ranks_are_one_process(gather):
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    with tempfile.TemporaryDirectory() as folder:
        ranks = [context.Process(target=rank, args=(n, f"{folder}/store", gather, queue)) for n in range(2)]
        for r in ranks:
            r.start()
        got = dict(queue.get(timeout=120) for _ in ranks)
        for r in ranks:
            r.join(60)
            assert r.exitcode == 0
    assert got[0][2] == got[1][2]  # the same memory, to the bit
    values, parameters, _ = train(lambda step: slice(None), False, lambda parameters: None)
    for n in range(2):
        assert got[n][0] == pytest.approx(values, rel=1e-5)
        for a, b in zip(got[n][1], parameters):
            assert np.allclose(a, b, rtol=1e-4, atol=1e-6)
