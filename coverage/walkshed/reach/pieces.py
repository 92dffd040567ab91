"""Pieces: the stretches of street that each station reaches, with their cost, cut to the metre."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from os import cpu_count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import Floats, Indices
from walkshed.errors import InputError
from walkshed.phrases import Phrase
from walkshed.reach.graph import WalkGraph
from walkshed.reach.search import Entered, walk_each
from walkshed.schema import Progress, quiet

Table = tuple[Indices, Indices, Floats, Floats, Floats, Floats]

BATCH = 64  # stations a task

MOST_PIECES = 50_000_000
"""What one analysis may hold: 2 GB. A city's two thousand stations reach a million."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """One long table of p reached pieces, sorted by station.

    Cost is linear within a piece. An edge reached from both ends gives two that meet at the peak, one after
    the other in the table. For a shorter cutoff, cut the pieces with `within`.

    Attributes
    ----------
    station
        (p,) int32, index of the station.
    edge
        (p,) int32, the edge it lies on.
    from_m, to_m
        (p,) float64, metres along the edge, ``from_m < to_m``.
    cost_from_m, cost_to_m
        (p,) float64, the cost in metres at both, leg included.
    """

    station: NDArray[np.int32]
    edge: NDArray[np.int32]
    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]
    cost_from_m: NDArray[np.float64]
    cost_to_m: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.station)

    def take(self, rows: slice) -> Pieces:
        """Take some of the rows, such as those of one station (`rows_of`)."""
        return Pieces(*(getattr(self, f.name)[rows] for f in fields(self)))

    def within(self, budget_m: float) -> Pieces:
        """Cut the pieces to what `budget_m` metres reach.

        Parameters
        ----------
        budget_m
            Not more than what was searched for.

        Returns
        -------
        Pieces
            In the same order, without those beyond; the same where none is.
        """
        if not (np.maximum(self.cost_from_m, self.cost_to_m) > budget_m).any():
            return self
        keep = np.minimum(self.cost_from_m, self.cost_to_m) < budget_m
        p = Pieces(*(getattr(self, f.name)[keep] for f in fields(self)))
        run = p.to_m - p.from_m
        rise = p.cost_to_m - p.cost_from_m
        steep = np.divide(np.abs(rise), run, out=np.ones_like(run), where=(run > 0) & (rise != 0))
        kept = np.minimum(run, (budget_m - np.minimum(p.cost_from_m, p.cost_to_m)) / steep)
        up = rise >= 0  # the cheap end comes first
        return Pieces(
            p.station,
            p.edge,
            np.where(up, p.from_m, p.to_m - kept),
            np.where(up, p.from_m + kept, p.to_m),
            np.where(up, p.cost_from_m, np.minimum(p.cost_from_m, budget_m)),
            np.where(up, np.minimum(p.cost_to_m, budget_m), p.cost_to_m),
        )

    def rows_of(self, station_count: int) -> NDArray[np.int64]:
        """Tell where each station's rows begin: (station_count + 1,) starts."""
        return np.searchsorted(self.station, np.arange(station_count + 1))


def reached_pieces(
    graph: WalkGraph, leg_m: NDArray[np.float64], budget_m: float, *, progress: Progress = quiet
) -> Pieces:
    """Search from every station as far as `budget_m` goes, and cut the streets there.

    Parameters
    ----------
    graph
        The streets with the stations as nodes.
    leg_m
        (s,) the straight leg of each station.
    budget_m
        Metres of cost, of the largest cutoff.
    progress
        Called with "reach" and the share done.

    Returns
    -------
    Pieces
        Its memory, and the time, follow what is reached.

    Raises
    ------
    InputError
        If that is more than `MOST_PIECES`.
    """
    stations = np.arange(len(leg_m), dtype=np.int32)
    batches = [stations[i : i + BATCH] for i in range(0, len(stations), BATCH)] or [stations]
    tables: list[Table] = []
    count = 0
    for done, table in enumerate(_in_threads(graph, leg_m, budget_m, batches), start=1):
        tables.append(table)
        count += len(table[0])
        if count > MOST_PIECES:
            stood = f"{min(done * BATCH, len(stations)):,}"
            raise InputError(Phrase("asked.most_pieces", stations=stood, of=f"{len(stations):,}", most=MOST_PIECES))
        progress("reach", done / len(batches))
    columns: list[Any] = [np.concatenate(column) for column in zip(*tables, strict=True)]
    return Pieces(*columns)


def _in_threads(
    graph: WalkGraph, leg_m: NDArray[np.float64], budget_m: float, batches: list[NDArray[np.int32]]
) -> Iterator[Table]:
    def search(batch: NDArray[np.int32]) -> Table:
        legs = np.asarray(leg_m, dtype=np.float64)[batch]
        return _cut(graph, batch, walk_each(graph, graph.station_node[batch], legs, budget_m))

    at_once = 4 * (cpu_count() or 1)  # no more are worked on than are asked for
    with ThreadPoolExecutor(cpu_count()) as pool:
        for start in range(0, len(batches), at_once):
            yield from pool.map(search, batches[start : start + at_once])


def _cut(graph: WalkGraph, stations: NDArray[np.int32], found: Entered) -> Table:
    """Cut the pieces out of the parts that each station's walk got into: one from either end."""
    q, (into_u, into_v, cost_u, cost_v) = found.part, found.ends.T
    from_m, to_m = graph.from_m[q], graph.to_m[q]
    station = np.repeat(stations, np.diff(found.first))
    there = np.stack((into_u, into_v), axis=1) > 0
    columns = (
        (station, station),
        (graph.edge[q], graph.edge[q]),
        (from_m, to_m - into_v),
        (from_m + into_u, to_m),
        (cost_u, cost_v + into_v * graph.slow_v[q]),
        (cost_u + into_u * graph.slow_u[q], cost_v),
    )
    return tuple(np.stack(pair, axis=1)[there] for pair in columns)  # type: ignore[return-value]
