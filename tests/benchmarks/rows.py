"""Every row, in the order that they are printed, and what measures it."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatch

from benchmarks import start, steps
from benchmarks.bench import Bench
from benchmarks.table import Line
from benchmarks.whole import OSMNX, SCIPY, SCIPY_DENSE, VALHALLA, Whole

PORTO = {"porto-osmnx": OSMNX, "porto-scipy": SCIPY, "porto-valhalla": VALHALLA}
DENSE = {"dense-scipy": SCIPY_DENSE, "dense-valhalla": VALHALLA}
LARGE = {"large-scipy": SCIPY, "large-valhalla": VALHALLA}


def porto(bench: Bench, wanted: set[str]) -> list[Line]:
    peers = {row: peer for row, peer in PORTO.items() if row in wanted}
    return Whole(bench, bench.places.porto(), "porto").lines(peers)


def dense(bench: Bench, wanted: set[str]) -> list[Line]:
    peers = {row: peer for row, peer in DENSE.items() if row in wanted}
    return Whole(bench, bench.places.dense(), "dense").lines(peers)


def large(bench: Bench, wanted: set[str]) -> list[Line]:
    peers = {row: peer for row, peer in LARGE.items() if row in wanted}
    return Whole(bench, bench.places.large(200), "large").lines(peers)


Measure = Callable[[Bench, set[str]], list[Line]]

GROUPS: list[tuple[tuple[str, ...], Measure]] = [
    (("import", "help"), start.cold),
    (("compile",), start.compile_kernels),
    (("read-only",), start.read_only),
    (("store",), steps.store),
    (tuple(steps.SEARCH), steps.search),
    (("field-pandana",), steps.field),
    (("areas-sparse", "areas-dense"), steps.areas),
    (("locality",), steps.locality),
    (("memory",), start.memory),
    (tuple(PORTO), porto),
    (tuple(DENSE), dense),
    (tuple(LARGE), large),
]
"""Rows that are measured together, and the function that does it."""

NAMES = [name for names, _ in GROUPS for name in names]


def chosen(patterns: list[str]) -> list[str]:
    """The rows that any of the patterns names; all, if there is none."""
    return [name for name in NAMES if not patterns or any(fnmatch(name, p) for p in patterns)]
