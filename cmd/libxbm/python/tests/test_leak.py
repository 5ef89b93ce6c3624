"""As it goes on, it takes no more of anything. XBM_SOAK has it go on for longer."""

import gc
import os

import numpy as np
import pytest

import crossbatch

STEPS = int(os.environ.get("XBM_SOAK", "3000"))


def resident():
    """KiB in RAM."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="no /proc")
def test_no_more_room_is_taken():
    torch = pytest.importorskip("torch")
    from crossbatch.torch import CrossBatchMemory

    memory = CrossBatchMemory("multi-similarity", 512, 32, "multi-similarity")
    generator, seen = torch.Generator().manual_seed(0), []
    for step in range(STEPS):
        x = torch.randn(32, 32, generator=generator, requires_grad=True)
        memory(x, torch.randint(0, 16, (32,), generator=generator)).backward()
        if step % 100 == 0:  # what is made and thrown away, and errors
            other = crossbatch.CrossBatch(crossbatch.Memory(2048, 32), "supcon")
            other.memory.load_state(other.memory.state())
            crossbatch.metrics.evaluate(np.eye(8, dtype=np.float32), np.arange(8) % 2)
            with pytest.raises(ValueError):
                crossbatch.InBatch("none such")
            del other
        if step * 10 % STEPS == 0:
            gc.collect()
            seen.append(resident())
    print("KiB resident:", seen)
    settled = seen[3:]
    assert max(settled) - min(settled) < 12 * 1024, seen


import crossbatch.metrics  # noqa: E402
