"""Pieces: the stretches of street that each station reaches, with their cost, cut to the metre."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from os import cpu_count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import Floats, Indices, kernel
from walkshed.reach.graph import Arcs, Parts, WalkGraph
from walkshed.reach.search import Heap, Work, clear, enter, new_heap, new_work, spread
from walkshed.schema import Progress, quiet

Table = tuple[Indices, Indices, Floats, Floats, Floats, Floats]

BATCH = 64  # stations a task


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

    def within(self, budget_m: float) -> Pieces:
        """Cut the pieces to what `budget_m` metres reach.

        Parameters
        ----------
        budget_m
            Not more than what was searched for.

        Returns
        -------
        Pieces
            In the same order, without those beyond.
        """
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
    """
    stations = np.arange(len(leg_m), dtype=np.int32)
    batches = [stations[i : i + BATCH] for i in range(0, len(stations), BATCH)]
    tables: list[Table] = []
    for done, table in enumerate(_in_threads(graph, leg_m, budget_m, batches), start=1):
        tables.append(table)
        progress("reach", done / len(batches))
    columns: list[Any] = [np.concatenate(column) for column in zip(*tables, strict=True)]
    return Pieces(*columns)


def _in_threads(
    graph: WalkGraph, leg_m: NDArray[np.float64], budget_m: float, batches: list[NDArray[np.int32]]
) -> Iterator[Table]:
    def search(batch: NDArray[np.int32]) -> Table:
        legs = np.asarray(leg_m, dtype=np.float64)[batch]
        seeds = graph.station_node[batch]
        table: Table = _search_each(graph.arcs, graph.parts, batch, seeds, legs, budget_m, new_work(graph), new_heap())
        return table

    with ThreadPoolExecutor(cpu_count()) as pool:
        yield from pool.map(search, batches)


@kernel
def _more(array: Any, used: int) -> Any:
    """Double an array that is full."""
    bigger = np.empty(2 * len(array), array.dtype)
    bigger[:used] = array[:used]
    return bigger


@kernel
def _search_each(
    arcs: Arcs,
    parts: Parts,
    stations: Indices,
    seeds: Indices,
    legs: Floats,
    budget: float,
    work: Work,
    heap: Heap,
) -> tuple[Indices, Indices, Floats, Floats, Floats, Floats]:
    out_station, out_edge = np.empty(4096, np.int32), np.empty(4096, np.int32)
    out_from, out_to = np.empty(4096, np.float64), np.empty(4096, np.float64)
    out_cost_from, out_cost_to = np.empty(4096, np.float64), np.empty(4096, np.float64)
    rows = 0
    for k in range(len(stations)):
        reached, heap, _ = spread(arcs, seeds[k : k + 1], legs[k : k + 1], budget, work, heap)
        entered = enter(arcs, parts, reached, budget, work)
        while rows + 2 * entered > len(out_station):
            out_station, out_edge = _more(out_station, rows), _more(out_edge, rows)
            out_from, out_to = _more(out_from, rows), _more(out_to, rows)
            out_cost_from, out_cost_to = _more(out_cost_from, rows), _more(out_cost_to, rows)
        for i in range(entered):
            q, into_u, into_v = work.part[i], work.into_u[i], work.into_v[i]
            if into_u > 0:
                cost_u = work.cost[parts.u[q]]
                out_station[rows], out_edge[rows] = stations[k], parts.edge[q]
                out_from[rows], out_to[rows] = parts.from_m[q], parts.from_m[q] + into_u
                out_cost_from[rows], out_cost_to[rows] = cost_u, cost_u + into_u * parts.slow_u[q]
                rows += 1
            if into_v > 0:
                cost_v = work.cost[parts.v[q]]
                out_station[rows], out_edge[rows] = stations[k], parts.edge[q]
                out_from[rows], out_to[rows] = parts.to_m[q] - into_v, parts.to_m[q]
                out_cost_from[rows], out_cost_to[rows] = cost_v + into_v * parts.slow_v[q], cost_v
                rows += 1
        clear(reached, work)
    return (
        out_station[:rows],
        out_edge[:rows],
        out_from[:rows],
        out_to[:rows],
        out_cost_from[:rows],
        out_cost_to[:rows],
    )
