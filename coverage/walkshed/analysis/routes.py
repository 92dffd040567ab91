"""Routes: from every street point the way to its nearest station, as pointers from line to line."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from walkshed.analysis.canvas import lines_of
from walkshed.analysis.intervals import SAME_PLACE_M, Intervals
from walkshed.analysis.stretches import Stretches
from walkshed.network.chains import components
from walkshed.network.streets import Streets
from walkshed.reach.field import Field

ARRIVED = -1
"""Instead of a next line: the station, or the start of the straight leg to it, is at this end."""


@dataclass(frozen=True, eq=False)
class Routes:
    """How to walk on from each of n lines of the street table and b lines around the study area.

    Lines are numbered as those of the street table, then as those of `around`. Whoever stands before
    `peak_share` of a line walks to its start, whoever stands beyond it to its end.

    Attributes
    ----------
    around
        The rest of the network: `highway` and lines, none inside the study area.
    peak_share
        (n + b,) where along the line the walk is longest, 0 to 1.
    next_start, next_end
        (n + b,) int64, the line to go on with from the start and from the end; `ARRIVED` where there is none.
    """

    around: gpd.GeoDataFrame
    peak_share: NDArray[np.float64]
    next_start: NDArray[np.int64]
    next_end: NDArray[np.int64]


def walking_routes(streets: Streets, field: Field, stretches: Stretches, shown: Intervals) -> Routes:
    """Work out all ways at once.

    Parameters
    ----------
    streets, field, stretches
        The network, the least cost on it, and the stretches it is cut into.
    shown
        The lines of the street table, in its order: stretches inside the area, or several joined.

    Returns
    -------
    Routes
        Each line lies on one part of the walk graph, so that what is between its ends is one street.
    """
    rest = _rest(stretches)
    edge = np.concatenate((shown.edge, rest.edge))
    from_m, to_m = np.concatenate((shown.from_m, rest.from_m)), np.concatenate((shown.to_m, rest.to_m))
    part = field.part_of(edge, (from_m + to_m) / 2)
    order = np.lexsort((from_m, part))
    first = np.searchsorted(part[order], np.arange(len(field.graph.u)))
    last = np.searchsorted(part[order], np.arange(len(field.graph.u)), side="right") - 1
    # Between two stations at one place there may be a part too short to have a line.
    has_line = last >= first
    on = _exits(
        field,
        np.where(has_line, order[np.minimum(first, len(order) - 1)], ARRIVED),
        np.where(has_line, order[last], ARRIVED),
        np.flatnonzero(~has_line),
    )
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    starts, ends = place == first[part], place == last[part]
    g, run_m = field.graph, to_m - from_m
    before_m = np.clip(field.peak_m()[part] - from_m, 0.0, run_m)
    return Routes(
        gpd.GeoDataFrame(
            {"highway": np.asarray(streets.highways, dtype=object)[streets.edge_highway[rest.edge]]},
            geometry=lines_of(streets, rest),
            crs=streets.crs,
        ),
        np.divide(before_m, run_m, out=np.ones_like(run_m), where=run_m > 0),
        np.where(starts, on[g.u[part]], order[np.maximum(place - 1, 0)]),
        np.where(ends, on[g.v[part]], order[np.minimum(place + 1, len(order) - 1)]),
    )


def _rest(stretches: Stretches) -> Intervals:
    """Join the neighbours outside the area that lie on one part."""
    row = np.flatnonzero(~stretches.inside)
    head = np.ones(len(row), dtype=bool)
    head[1:] = (np.diff(row) > 1) | (np.diff(stretches.part[row]) != 0)
    last = np.append(np.flatnonzero(head)[1:], len(row)) - 1
    edge = stretches.edge[row[head]]
    return Intervals(edge, stretches.from_m[row[head]], stretches.to_m[row[last[: len(edge)]]], edge)


def _exits(
    field: Field, first: NDArray[np.int64], last: NDArray[np.int64], pointlike: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Tell with which line to walk on from each node; `ARRIVED` where a station's leg begins.

    Parameters
    ----------
    field
        The least cost of every node.
    first, last
        (q,) the first and last line of each part.
    pointlike
        Parts without a line: their two ends are one place, and share the way on.
    """
    g, cost = field.graph, field.node_cost
    node = np.concatenate((g.u, g.v))
    via = np.concatenate((cost[g.v] + g.length_m * g.slow_v, cost[g.u] + g.length_m * g.slow_u))
    other = cost[np.concatenate((g.v, g.u))]
    line = np.concatenate((first, last))
    # The least cost is that of its own leg or of one way on; what only equals it by rounding is as good.
    way = np.flatnonzero((other < cost[node]) & (via <= cost[node] + SAME_PLACE_M))
    way = way[np.lexsort((line[way], via[way], node[way]))][::-1]
    on = np.full(len(cost), ARRIVED, dtype=np.int64)
    on[node[way]] = line[way]
    place = components(g.u[pointlike], g.v[pointlike], g.node_count)
    shared = np.full(len(on), ARRIVED, dtype=np.int64)
    np.maximum.at(shared, place, on)
    return np.where(on == ARRIVED, shared[place], on)
