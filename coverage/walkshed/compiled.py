"""``kernel``: the one way a function is compiled with Numba here."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np
from numba.core.caching import FunctionCache
from numba.core.runtime import rtsys
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
    # Nobody calls kernels from C: without the wrappers for it they compile a twentieth faster.
    compiled = numba.njit(nogil=True, no_cfunc_wrapper=True)(function)
    with suppress(RuntimeError):  # Numba found no folder that it may write its cache to
        compiled._cache = KernelCache(function)
    return compiled  # type: ignore[no-any-return]


class KernelCache(FunctionCache):  # type: ignore[misc]
    """Numba's cache, which does not outlive an upgrade.

    Numba compiles the kernels that a kernel calls into it, but looks only at the file of the outer one to tell
    whether its code is stale; and it fails at a cache that names a class which is there no more.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file._source_stamp = self._cache_file._source_stamp, _sources()

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Find the code for a signature; None if it must be compiled.

        Numba would first import all that it can compile (linear algebra, random numbers, SciPy where it is installed),
        half a second or more in each process. Code that is kept needs nothing of that but the place of its arrays.
        """
        try:
            rtsys.initialize(target_context)
            with self._guard_against_spurious_io_errors():
                return self._load_overload(sig, target_context)
        except Exception:  # whatever unpickling may raise
            with suppress(OSError):
                self.flush()
            return None


@cache
def _sources() -> list[tuple[str, int, int]]:
    """Stamp the package's files with kernels: name, bytes and time of change."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    stats = [(path.name, path.stat()) for path in files if b"@kernel\n" in path.read_bytes()]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]
