"""``kernel``: the one way a function is compiled with Numba here."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
Longs = NDArray[np.int64]

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile `function` to machine code at its first call, without the interpreter lock.

    The code is cached beside the module, or in the user's cache folder where the install is read-only;
    where neither can be written it is compiled anew in every process.

    Parameters
    ----------
    function
        Takes and returns NumPy arrays and scalars only.

    Returns
    -------
    callable
        The same function, compiled.
    """
    try:  # nobody calls kernels from C: without the wrappers for it, they compile a twentieth faster
        return numba.njit(cache=True, nogil=True, no_cfunc_wrapper=True)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # Numba found no folder that it may write its cache to
        return numba.njit(nogil=True)(function)  # type: ignore[no-any-return]
