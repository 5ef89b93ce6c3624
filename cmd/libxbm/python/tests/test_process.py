"""Forks, threads, signals and processes: an error or the same bytes, and never a hang."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import crossbatch

LIMIT = 60  # seconds, after which a hang is certain


def work(seed=0, steps=10):
    rng = np.random.default_rng(seed)
    term = crossbatch.CrossBatch(crossbatch.Memory(200, 16), "multi-similarity", "multi-similarity")
    out = []
    for step in range(steps):
        summary, gradient = term(rng.normal(size=(32, 16)).astype(np.float32), rng.integers(0, 9, 32), step=step)
        out.append((summary.value, gradient.tobytes()))
    return out, term.memory.state().tobytes()


def run(code, **settings):
    """A Python of its own."""
    return subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=LIMIT, **settings)


def in_child(queue, what):
    try:
        queue.put(what())
    except BaseException as error:  # noqa: BLE001 - told to the parent
        queue.put(error)


def child(method, what):
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    process = context.Process(target=in_child, args=(queue, what))
    process.start()
    got = queue.get(timeout=LIMIT)
    process.join(LIMIT)
    assert process.exitcode == 0
    return got


HELD = None


def use_held():
    return HELD.memory.state()


def test_a_forked_child_gets_an_error():
    global HELD
    HELD = crossbatch.CrossBatch(crossbatch.Memory(10, 4), "contrastive")
    for what in (use_held, work, crossbatch.losses, crossbatch.get_num_threads):
        got = child("fork", what)
        assert isinstance(got, RuntimeError) and "spawn" in str(got)
    HELD = None  # and what it inherited is freed without a call


def test_a_spawned_child_works():
    assert child("spawn", work) == work()


def test_a_child_that_was_forked_before_works():
    r = run(
        """
        import os
        import crossbatch
        child = os.fork()
        memory = crossbatch.Memory(10, 4)
        if child:
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        print(len(memory), crossbatch.losses()[0].split(":")[0])
        """
    )
    assert r.returncode == 0, r.stderr
    assert r.stdout.split() == ["0", "contrastive"] * 2


def test_importing_loads_nothing():
    r = run("import crossbatch, crossbatch.metrics, crossbatch._library as l; assert l._library is None; assert 'torch' not in __import__('sys').modules")
    assert r.returncode == 0, r.stderr


def test_workers_of_a_data_loader():
    torch = pytest.importorskip("torch")
    from crossbatch.torch import CrossBatchMemory

    memory = CrossBatchMemory("supcon", 60, 8)
    data = torch.utils.data.TensorDataset(torch.randn(64, 8), torch.arange(64) % 4)
    loader = torch.utils.data.DataLoader(data, batch_size=16, num_workers=2, multiprocessing_context="fork", timeout=LIMIT)
    for epoch in range(2):
        for x, labels in loader:
            assert torch.isfinite(memory(x, labels))
    assert len(memory) == 60


def test_threads_work_side_by_side():
    want = [work(seed) for seed in range(8)]
    got = [None] * 8

    def one(seed):
        got[seed] = work(seed)

    threads = [threading.Thread(target=one, args=(seed,)) for seed in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(LIMIT)
    assert got == want


def test_threads_share_a_memory():
    memory = crossbatch.Memory(1000, 8)
    terms = [crossbatch.CrossBatch(memory, loss) for loss in ("contrastive", "supcon", "triplet")]

    def one(term):
        for step in range(50):
            term(np.ones((4, 8), np.float32), np.arange(4), step=step)

    threads = [threading.Thread(target=one, args=(term,)) for term in terms]
    for t in threads:
        t.start()
    for t in threads:
        t.join(LIMIT)
    assert memory.total == 3 * 50 * 4 and len(memory) == 600


def test_any_number_of_threads_gives_the_same_bytes():
    r = run(
        """
        import sys; sys.path.insert(0, sys.argv[1]) if len(sys.argv) > 1 else None
        import hashlib, numpy as np, crossbatch
        for threads in (1, 2, 5):
            crossbatch.set_num_threads(threads)
            assert crossbatch.get_num_threads() == threads
            rng, digest = np.random.default_rng(0), hashlib.sha256()
            term = crossbatch.CrossBatch(crossbatch.Memory(3000, 32), "nt-xent", "multi-similarity")
            for step in range(30):
                digest.update(term(rng.normal(size=(64, 32)), rng.integers(0, 9, 64), step=step)[1].tobytes())
            print(digest.hexdigest())
        """
    )
    assert r.returncode == 0, r.stderr
    assert len(set(r.stdout.split())) == 1


def test_two_processes_at_a_time():
    codes = "import numpy as np, crossbatch, hashlib; rng = np.random.default_rng(0); t = crossbatch.CrossBatch(crossbatch.Memory(500, 16), 'supcon')\nfor s in range(40): t(rng.normal(size=(32, 16)), rng.integers(0, 9, 32), step=s)\nprint(hashlib.sha256(t.memory.state()).hexdigest())"
    both = [subprocess.Popen([sys.executable, "-c", codes], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    out = [p.communicate(timeout=LIMIT)[0] for p in both]
    assert [p.returncode for p in both] == [0, 0] and out[0] == out[1] and len(out[0]) > 60


def test_an_interrupt_is_a_KeyboardInterrupt():
    # A shell starts what it has in the background with SIGINT ignored; Python then leaves it so.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    work(steps=1)

    def interrupt():
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        end = time.time() + LIMIT
        while time.time() < end:
            work()
    assert work() == work()


def test_a_closed_pipe_is_a_BrokenPipeError():
    work(steps=1)
    read, write = os.pipe()
    os.close(read)
    with pytest.raises(BrokenPipeError):
        os.write(write, b"x")
    os.close(write)


def test_a_signal_handler_of_python_is_called():
    work(steps=1)
    got = []
    before = signal.signal(signal.SIGUSR1, lambda *_: got.append(1))
    try:
        os.kill(os.getpid(), signal.SIGUSR1)
        work(steps=1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert got == [1]


def test_it_ends_well():
    r = run("import crossbatch; m = crossbatch.Memory(10, 4); t = crossbatch.CrossBatch(m, 'supcon')")
    assert (r.returncode, r.stdout, r.stderr) == (0, "", "")
