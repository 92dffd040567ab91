"""Compile what a report needs, from the last kernel to the first: `Helper` starts this beside the first run ever.

What is kept already is passed over, and what the other process has begun, so it ends where it meets it.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, get_args, get_type_hints

import numpy as np
from numba import from_dtype, types
from numba.core.dispatcher import Dispatcher

from walkshed.compiled import LAST_FIRST, Layout
from walkshed.helper import FREE

ANSWER_S = 60.0
"""Whoever is not answered for so long, has no caller left."""


def main(caller: str) -> None:
    """Compile them all, as long as the process lives that wants them.

    Parameters
    ----------
    caller
        The folder of the package that calls for help: another one's kernels are of no use to it.
    """
    if str(Path(__file__).parent) != caller:
        return
    questions = os.dup(1)
    os.dup2(2, 1)  # whatever prints, asks nothing
    answers: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_listen, args=[answers], daemon=True).start()
    sys.modules["scipy"] = None  # type: ignore[assignment]  # Numba would load it for linear algebra, which is not needed
    gc.disable()  # a tenth of the time, and hardly any garbage
    for name in LAST_FIRST:
        os.write(questions, f"{name}\n".encode())
        if answers.get(timeout=ANSWER_S) == FREE:
            kernel = kernel_of(name)
            kernel.compile(signature_of(kernel))


def kernel_of(name: str) -> Dispatcher:
    """Find a kernel by its name in `LAST_FIRST`."""
    module, _, function = name.partition(":")
    kernel: Dispatcher = getattr(import_module(module), function)
    return kernel


def signature_of(kernel: Dispatcher) -> tuple[types.Type, ...]:
    """Tell with what types a kernel is called, by its annotations."""
    hints = get_type_hints(kernel.py_func, include_extras=True)
    return tuple(_type_of(hint) for name, hint in hints.items() if name != "return")


def _type_of(hint: Any) -> types.Type:
    if hint in _SCALARS:
        return _SCALARS[hint]
    if isinstance(hint, type) and issubclass(hint, tuple):
        fields = [_type_of(field) for field in get_type_hints(hint, include_extras=True).values()]
        alike = len(set(fields)) == 1
        return types.NamedUniTuple(fields[0], len(fields), hint) if alike else types.NamedTuple(fields, hint)
    array, layout = get_args(hint) if isinstance(get_args(hint)[-1], Layout) else (hint, Layout())
    (dtype,) = get_args(get_args(array)[1])
    return types.Array(from_dtype(np.dtype(dtype)), layout.ndim, "C", readonly=not layout.writable)


_SCALARS = {int: types.int64, float: types.float64, bool: types.boolean}


def _listen(answers: SimpleQueue[bytes]) -> None:
    while answer := os.read(0, 1):  # ends when the caller does, however it ends
        answers.put(answer)
    os._exit(0)
