"""Bounds on memory and time for whatever reads hostile input."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST_MB = 1000
MOST_SECONDS = 60
"""Of a processor, not of the wall's clock: the machine may be busy."""


@contextmanager
def bounded(megabytes: int = MOST_MB, seconds: float = MOST_SECONDS) -> Iterator[None]:
    """Let this process take so much more memory, and so much processor time; where the system can bound it (Linux)."""
    if sys.platform != "linux":
        yield
        return
    import resource

    def over(*_: object) -> None:
        raise AssertionError(f"took over {seconds:g} s of a processor")

    taken = Path("/proc/self/status").read_text(encoding="utf-8").partition("VmData:")[2].split()[0]
    limits = resource.getrlimit(resource.RLIMIT_DATA)
    before = signal.signal(signal.SIGPROF, over)
    resource.setrlimit(resource.RLIMIT_DATA, (int(taken) * 1024 + megabytes * 1_000_000, limits[1]))
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_DATA, limits)
        signal.signal(signal.SIGPROF, before)
