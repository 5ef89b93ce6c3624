"""The C library: loaded at the first call, never used in a forked child."""

from __future__ import annotations

import ctypes
import os
import threading
from ctypes import POINTER, c_char_p, c_double, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Any, Optional

from . import _structs as s
from .errors import DivergedError, InternalError, ShapeError, StateError

ABI_VERSION = 1

#: Where the library is, if not in this folder.
PATH_VARIABLE = "CROSSBATCH_LIBRARY"

_HANDLE = c_uint64
_TEXT_OUT = POINTER(c_void_p)

# The arguments of each function, but for the last one, the error.
_ARGUMENTS: dict[str, list[Any]] = {
    "xbm_names": [c_char_p, _TEXT_OUT],
    "xbm_memory_new": [POINTER(s.MemoryConfig), POINTER(_HANDLE)],
    "xbm_memory_free": [_HANDLE],
    "xbm_memory_get_info": [_HANDLE, POINTER(s.MemoryInfo)],
    "xbm_memory_read": [_HANDLE, s.Floats, s.Int32s, s.Int64s, s.Int64s, c_int64],
    "xbm_memory_reset": [_HANDLE],
    "xbm_memory_expire": [_HANDLE, c_int64],
    "xbm_memory_compensate": [_HANDLE, c_char_p, s.Floats, s.Floats, c_int64, c_int64, c_int64],
    "xbm_memory_save": [_HANDLE, c_void_p, c_int64, POINTER(c_int64)],
    "xbm_memory_load": [_HANDLE, c_void_p, c_int64],
    "xbm_in_batch_new": [POINTER(s.TermConfig), POINTER(_HANDLE)],
    "xbm_cross_batch_new": [_HANDLE, POINTER(s.TermConfig), POINTER(_HANDLE)],
    "xbm_class_weights_new": [POINTER(s.TermConfig), s.Int32s, c_int64, c_int64, POINTER(_HANDLE)],
    "xbm_term_free": [_HANDLE],
    "xbm_term_params": [_HANDLE, POINTER(s.Param), c_int64, POINTER(c_int64), s.Floats],
    "xbm_term_add": [_HANDLE, POINTER(s.Batch), s.Floats, s.Floats, s.Floats, POINTER(s.Summary)],
    "xbm_term_fill": [_HANDLE, POINTER(s.Batch)],
    "xbm_term_inspection": [_HANDLE, _TEXT_OUT],
    "xbm_term_save": [_HANDLE, c_void_p, c_int64, POINTER(c_int64)],
    "xbm_term_load": [_HANDLE, c_void_p, c_int64],
    "xbm_neighbors": [s.Floats, c_int64, c_int64, c_int64, s.Int32s],
    "xbm_search": [s.Floats, c_int64, s.Floats, c_int64, c_int64, c_int64, s.Int32s],
    "xbm_evaluate": [POINTER(s.Retrieval), s.Doubles, _TEXT_OUT],
    "xbm_verification": [s.Floats, c_int64, c_int64, s.Int32s, s.Int32s, c_void_p, c_int64, c_int32, _TEXT_OUT],
    "xbm_agreement": [s.Int32s, s.Int32s, c_int64, POINTER(c_double), POINTER(c_double)],
    "xbm_kmeans": [s.Floats, c_int64, c_int64, c_int64, c_uint64, s.Int32s],
    "xbm_few_shot": [s.Floats, c_int64, c_int64, s.Int32s, c_uint64, _TEXT_OUT],
    "xbm_drift": [s.Floats, s.Floats, c_int64, c_int64, POINTER(c_double)],
}

_EXCEPTIONS = {1: ValueError, 2: ShapeError, 3: StateError, 4: DivergedError, 5: ValueError, 6: InternalError}

_library: Optional[ctypes.CDLL] = None
_loader: Optional[int] = None  # the process that loaded it, or has begun to
_lock = threading.Lock()


def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()  # the thread that may have held it is not in the child


os.register_at_fork(after_in_child=_renew_lock)


def in_fork() -> bool:
    """Whether the library was loaded before this process was forked, and so cannot be used."""
    return _loader is not None and _loader != os.getpid()


def load() -> ctypes.CDLL:
    """Return the library, loading it at the first call.

    Raises
    ------
    RuntimeError
        In a child of a process that had loaded it before it forked.
    ImportError
        Where the library is not there or of another version.
    """
    if in_fork():
        raise RuntimeError(
            f"crossbatch was in use in process {_loader} before this process, {os.getpid()}, was forked from it, and the "
            "library's threads do not survive a fork. Start processes by multiprocessing.get_context('spawn'), or call "
            "crossbatch first in the child. (A torch DataLoader whose workers call no crossbatch needs neither.)"
        )
    return _library if _library is not None else _load()


def _load() -> ctypes.CDLL:
    global _library, _loader
    with _lock:
        if _library is not None:
            return _library
        path = os.environ.get(PATH_VARIABLE) or os.path.join(os.path.dirname(__file__), "_libxbm.so")
        _loader = os.getpid()
        try:
            library = ctypes.CDLL(path)
        except OSError as error:
            _loader = None
            raise ImportError(f"crossbatch: the library cannot be loaded: {error}. {PATH_VARIABLE} says where another one is") from error
        library.xbm_abi_version.restype = c_uint32
        if library.xbm_abi_version() != ABI_VERSION:
            raise ImportError(f"crossbatch: {path} is of version {library.xbm_abi_version()}, this package of {ABI_VERSION}")
        library.xbm_threads.restype, library.xbm_threads.argtypes = c_int32, [c_int32]
        library.xbm_free.restype, library.xbm_free.argtypes = None, [c_void_p]
        for name, arguments in _ARGUMENTS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = c_int32, [*arguments, POINTER(s.Error)]
        _library = library
        return library


def call(name: str, *arguments: Any) -> None:
    """Call a function of the library and raise what it says went wrong."""
    error = s.Error()
    code = getattr(load(), name)(*arguments, ctypes.byref(error))
    if code:
        raise _EXCEPTIONS.get(code, InternalError)(error.message.decode(errors="replace"))


def text_of(name: str, *arguments: Any) -> str:
    """Call a function whose last argument is a text that is handed over."""
    out = c_void_p()
    call(name, *arguments, ctypes.byref(out))
    try:
        return ctypes.string_at(out.value or 0).decode()
    finally:
        load().xbm_free(out)


def free(name: str, handle: int) -> None:
    """Give a handle back; from a finalizer, so nothing is raised, and in a forked child nothing done."""
    if not in_fork() and _library is not None:
        getattr(_library, name)(handle, None)
