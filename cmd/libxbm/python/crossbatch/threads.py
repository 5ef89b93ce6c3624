"""How many threads do the work."""

from __future__ import annotations

from ._library import load
from ._values import whole

_chosen = False  # by the caller: nothing else is followed then
_current = 0


def get_num_threads() -> int:
    """The number of threads that do the work: as chosen, as torch has it, or the processors that there are."""
    return int(load().xbm_threads(0))


def set_num_threads(threads: int) -> None:
    """Choose the number of threads. Results do not depend on it."""
    global _chosen
    _set(whole("threads", threads, 1, 4096))
    _chosen = True


def follow(threads: int) -> None:
    """Take another library's number, unless one was chosen."""
    if not _chosen and threads != _current:
        _set(threads)


def _set(threads: int) -> None:
    global _current
    load().xbm_threads(threads)
    _current = threads
