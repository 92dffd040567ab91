"""``Bench``: how often and where, and how figures are written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.measure import Run
from benchmarks.places import Places


@dataclass(frozen=True)
class Bench:
    """What every row is told.

    Attributes
    ----------
    places
        The inputs.
    work
        A folder for what jobs write.
    rounds
        How often everything runs.
    osmnx_stations
        How many stations the OSMnx example takes; None for all.
    large_stations
        How many stations the row of memory takes.
    """

    places: Places
    work: Path
    rounds: int
    osmnx_stations: int | None = None
    large_stations: int = 2000


def seconds(value: float) -> str:
    """Three digits, in the unit that fits."""
    if value >= 1:
        return f"{value:.1f} s" if value >= 10 else f"{value:.2f} s"
    return f"{1000 * value:.3g} ms"


def times(ratio: float) -> str:
    return f"{ratio:.0f} x" if ratio >= 10 else f"{ratio:.1f} x"


def cpu(runs: list[Run]) -> str:
    return f"{median(run.cpu_s for run in runs):.2f}"


def mb(runs: list[Run]) -> str:
    return f"{max(run.peak_mb for run in runs):,.0f}"
