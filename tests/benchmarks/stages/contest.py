"""One step of the product beside one peer's."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Contest:
    """What was measured.

    Attributes
    ----------
    name
        Of the row.
    ours, theirs
        Seconds of each round.
    agreement, note
        How near the two answers are; what a reader must know.
    cannot
        Why the peer could not run; then there is nothing else.
    """

    name: str
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    agreement: str = ""
    note: str = ""
    cannot: str = ""


def take_turns(once: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Run each once a round, after the agreement check has warmed them, and tell the seconds."""
    seconds: dict[str, list[float]] = {name: [] for name in once}
    for _ in range(rounds):
        for name, job in once.items():
            gc.collect()
            begun = time.perf_counter()
            job()
            seconds[name].append(time.perf_counter() - begun)
    return seconds
