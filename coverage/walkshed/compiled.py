"""``kernel``: the one way a function is compiled with Numba here.

The first run on a machine compiles for seconds. It has help: while it reads (`get_ready`) and compiles what it needs
from the first kernel on, another process compiles from the last (`walkshed.helper`, `walkshed.ahead`), and where they
meet, each finds in the cache what the other left there.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numba
import numpy as np
from numba.core.caching import FunctionCache
from numba.core.runtime import rtsys
from numpy.typing import NDArray

from walkshed.helper import Helper


@dataclass(frozen=True)
class Layout:
    """How an array lies in memory, where it is not one row of numbers that may be written to."""

    ndim: int = 1
    writable: bool = True


Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
Longs = NDArray[np.int64]
Bools = NDArray[np.bool_]
FloatRows = Annotated[NDArray[np.float64], Layout(2)]
BoolRows = Annotated[NDArray[np.bool_], Layout(2)]
IndexRows = Annotated[NDArray[np.int32], Layout(2)]
LongRows = Annotated[NDArray[np.int64], Layout(2)]
Coords = Annotated[NDArray[np.float64], Layout(2, writable=False)]
Offsets = Annotated[NDArray[np.int64], Layout(writable=False)]

LAST_FIRST = (
    "walkshed.output.linework:_keep_far",
    "walkshed.analysis.drawing:draw_parts",
    "walkshed.analysis.canvas:_cut_lines",
    "walkshed.analysis.stock:_take",
    "walkshed.analysis.stock:_next",
    "walkshed.analysis.gains:best_of",
    "walkshed.analysis.stock:_file",
    "walkshed.analysis.stock:try_each",
    "walkshed.analysis.only:_sole",
    "walkshed.analysis.intervals:_runs",
    "walkshed.reach.search:_walk",
    "walkshed.reach.search:spread",
    "walkshed.reach.snap:_nearest",  # this module and the next need GeoPandas, which takes half a second to load
    "walkshed.reach.segments:_bin",
    "walkshed.network.chains:_follow",
    "walkshed.network.chains:_join",
    "walkshed.sorting:_place",
)
"""The kernels that every report calls, about from the last that it comes to; those that they call come with them."""

HELPER = Helper()

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile `function` to machine code at its first call, without the interpreter lock.

    The code is cached beside the module, or in the user's cache folder where the install is read-only;
    where neither can be written it is compiled anew in every process.

    Parameters
    ----------
    function
        Takes and returns NumPy arrays and scalars only, as its annotations say, and makes no arrays of its own: what
        need not count references is compiled in three quarters of the time.

    Returns
    -------
    callable
        The same function, compiled.
    """
    return _compiled(function, counted=False)


def array_kernel(function: F) -> F:
    """Compile `function` as `kernel` does; it may make arrays."""
    return _compiled(function, counted=True)


def _compiled(function: F, *, counted: bool) -> F:
    # Nobody calls kernels from C, and none computes with whole arrays: what is there for that need not be compiled.
    compiled = numba.njit(nogil=True, no_cfunc_wrapper=True, no_rewrites=True, _nrt=counted)(function)
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
        file = self._cache_file
        file._source_stamp = file._source_stamp, _sources()
        # Numba writes the index first and the code after it. Whoever is killed between the two, or reads then, must not
        # find the code of another version under the name that the index tells.
        stamp = hashlib.sha256(repr(file._source_stamp).encode()).hexdigest()[:12]
        file._data_name_pattern = file._index_name.removesuffix("nbi") + stamp + ".{number:d}.nbc"
        self._stamp, self._name = stamp, f"{function.__module__}:{function.__name__}"

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the code for a signature, and that of no other version."""
        super().save_overload(sig, data)
        with suppress(OSError):
            for path in Path(self.cache_path).glob(self._cache_file._index_name.removesuffix("nbi") + "*.nbc"):
                if self._stamp not in path.name:
                    path.unlink()

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Find the code for a signature; None if it must be compiled.

        Numba would first import all that it can compile (linear algebra, random numbers, SciPy where it is installed),
        half a second or more in each process. Code that is kept needs nothing of that but the place of its arrays.
        """
        kept = self._kept(sig, target_context)
        if kept is None and self._name in LAST_FIRST:
            HELPER.call()
            HELPER.take(self._name)
            kept = self._kept(sig, target_context)
        return kept

    def _kept(self, sig: Any, target_context: Any) -> Any:
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
    stats = [(path.name, path.stat()) for path in files if b"kernel\ndef " in path.read_bytes()]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]


def get_ready() -> None:
    """Have the first run's kernels compiled from now on, beside all that comes before it needs them."""
    module, _, name = LAST_FIRST[-1].partition(":")  # the first that a report comes to
    cache = getattr(import_module(module), name)._cache
    if isinstance(cache, KernelCache) and not Path(cache._cache_file._index_path).exists():
        HELPER.call()
