"""Self-check: random places walked again through NetworkX, on an independent road from the same streets.

Nothing of `reach` takes part: stations are put on the streets by Shapely's nearest line, less the shadows of barriers
where these stop legs (`shadows`), and each place has a graph of its own, made from the arrays of `Streets` within a
circle that no walk of the length in question can leave.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.analysis.shadows import Shadows
from walkshed.network.graph import extra
from walkshed.network.streets import Streets
from walkshed.schema import Progress, quiet

if TYPE_CHECKING:
    import networkx as nx

    from walkshed.analysis.result import Coverage

PLACES = 200
SEED = 20_240_229
REACH = 1.25
"""A place is searched as far as this many budgets, so that places just outside have metres to compare too."""
SLACK = 1.005
"""Planar metres of UTM against geodesic ones along the streets."""
AGREES_M = 0.5
"""Costs that differ by less than this agree: a station may snap to either of two streets that are equally near."""


@dataclass(frozen=True)
class Verification:
    """What walking again found.

    Attributes
    ----------
    inside, outside
        Places tried on covered and on uncovered street.
    agreeing
        Places of both kinds where both searches give the same verdict, and a cost that agrees or none within `REACH`.
    compared
        Places where both measured a cost.
    worst_m
        The largest difference of these costs in metres; None where none was compared.
    """

    inside: int
    outside: int
    agreeing: int
    compared: int
    worst_m: float | None

    @property
    def share(self) -> float:
        """The share of the places that agree; 1 where there was nothing to try."""
        tried = self.inside + self.outside
        return self.agreeing / tried if tried else 1.0


def verify(result: Coverage, *, places: int = PLACES, seed: int = SEED, progress: Progress = quiet) -> Verification:
    """Walk from random places on covered and on uncovered street to the stations again, through NetworkX.

    Parameters
    ----------
    result
        What `analyze` returned.
    places
        How many of each kind; street is drawn by length.
    seed
        The same seed draws the same places.
    progress
        Called with "verify" and the share done.

    Returns
    -------
    Verification

    Raises
    ------
    InputError
        If NetworkX is not installed.
    """
    extra("networkx")
    rng = np.random.default_rng(seed)
    budget_m = result.walk.budget_m(result.walk.largest)
    ground = _Ground(result, REACH * budget_m)
    kinds = [_draw(result, rng, places, covered=covered, budget_m=budget_m) for covered in (True, False)]
    edge, at_m, cost_m = (np.concatenate(columns) for columns in zip(*kinds, strict=True))
    again_m = np.empty(len(edge))
    for i, (on, at) in enumerate(zip(edge.tolist(), at_m.tolist(), strict=True)):
        again_m[i] = ground.cost_m(on, at)
        progress("verify", (i + 1) / len(edge))
    return _compared(cost_m, again_m, budget_m, (len(kinds[0][0]), len(kinds[1][0])))


def _compared(
    cost_m: NDArray[np.float64], again_m: NDArray[np.float64], budget_m: float, tried: tuple[int, int]
) -> Verification:
    both = np.isfinite(again_m) & (cost_m <= REACH * budget_m)
    off_m = np.abs(np.where(both, again_m, 0.0) - np.where(both, cost_m, 0.0))
    same_side = (again_m <= budget_m + AGREES_M) & (cost_m <= budget_m + AGREES_M)
    same_side |= (again_m > budget_m - AGREES_M) & (cost_m > budget_m - AGREES_M)
    # A walk that only one of the two found within reach is no agreement, though both may call it too long.
    found = np.isfinite(again_m)
    alone = (found & (cost_m > REACH * budget_m + AGREES_M)) | (~found & (cost_m < REACH * budget_m - AGREES_M))
    return Verification(
        inside=tried[0],
        outside=tried[1],
        agreeing=int((same_side & (off_m <= AGREES_M) & ~alone).sum()),
        compared=int(both.sum()),
        worst_m=float(off_m[both].max()) if both.any() else None,
    )


def _draw(
    result: Coverage, rng: np.random.Generator, places: int, *, covered: bool, budget_m: float
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    """Draw street points by length: the edge, the metres along it, and the cost that the analysis gave."""
    table = result.stretches
    rows = np.flatnonzero(table.inside & ((table.cost_m <= budget_m) == covered) & (table.length_m > 0))
    if not len(rows):
        return np.empty(0, dtype=np.int32), np.empty(0), np.empty(0)
    length_m = table.length_m[rows]
    row = rng.choice(rows, size=places, p=length_m / length_m.sum())
    at_m = table.from_m[row] + rng.random(places) * table.length_m[row]
    return table.edge[row], at_m, result.reach.field.at(table.part[row], at_m)[0]


class _Ground:
    """The streets as lines to search among, and the stations that stand on them."""

    def __init__(self, result: Coverage, reach_m: float) -> None:
        streets = result.network
        self._streets, self._reach_m = streets, reach_m
        self._lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, streets.coords, (streets.offsets,))
        self._tree = shapely.STRtree(self._lines)
        used = result.stations["status"] == "used"
        spots = result.stations.geometry[used].to_numpy()
        edge, self._leg_m, share = self._stand(spots, result)
        self._at_m = share * streets.edge_length_m[edge]
        self._on: dict[int, list[int]] = {}
        for station, on in enumerate(edge.tolist()):
            self._on.setdefault(on, []).append(station)

    def _stand(
        self, spots: NDArray[np.object_], result: Coverage
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Put stations on the nearest street: the edge, the leg, and where along the edge, 0 to 1."""
        around = result.network.surroundings
        if result.walk.barriers and around is not None:
            edge, feet = self._in_sight(spots, Shadows(around), result.walk.max_snap)
        else:
            _, edge = self._tree.query_nearest(spots, all_matches=False)
            feet = shapely.get_point(shapely.shortest_line(self._lines[edge], spots), 0)
        return edge, shapely.distance(spots, feet), shapely.line_locate_point(self._lines[edge], feet, normalized=True)

    def _in_sight(
        self, spots: NDArray[np.object_], shadows: Shadows, max_snap_m: float
    ) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
        """Find the nearest street that no barrier hides: the edge, and the point on it."""
        edge, feet = np.empty(len(spots), dtype=np.int64), np.empty(len(spots), dtype=object)
        for i, spot in enumerate(spots):
            near = self._tree.query(spot, predicate="dwithin", distance=max_snap_m * SLACK)
            seen = shapely.difference(self._lines[near], shadows.behind(spot, max_snap_m * SLACK))
            nearest = np.argmin(np.nan_to_num(shapely.distance(seen, spot), nan=np.inf))
            edge[i], feet[i] = near[nearest], shapely.get_point(shapely.shortest_line(seen[nearest], spot), 0)
        return edge, feet

    def cost_m(self, edge: int, at_m: float) -> float:
        """Walk from a street point to the nearest station; infinite where none is within reach."""
        import networkx as nx

        line, share = self._lines[edge], at_m / self._streets.edge_length_m[edge]
        here = shapely.line_interpolate_point(line, share, normalized=True)
        farthest_m = self._reach_m * SLACK / self._streets.least_cost  # gently downhill a budget goes farther
        around = self._tree.query(here, predicate="dwithin", distance=farthest_m)
        graph = self._graph(np.union1d(around, [edge]).tolist(), edge, at_m)
        walked = nx.single_source_dijkstra_path_length(graph, "place", cutoff=self._reach_m, weight="m")
        ends = (walked[x] + self._leg_m[x[1]] for x in walked if isinstance(x, tuple))
        return min((c for c in ends if c <= self._reach_m), default=float("inf"))

    def _graph(self, edges: list[int], place_edge: int, place_at_m: float) -> nx.DiGraph:
        """Make the graph of some edges, each cut where stations stand and at the place."""
        import networkx as nx

        graph = nx.DiGraph()
        graph.add_node("place")
        for edge in edges:
            stops: list[tuple[float, Any]] = [(float(self._at_m[s]), ("station", s)) for s in self._on.get(edge, ())]
            if edge == place_edge:
                stops.append((place_at_m, "place"))
            for a, b, cost_ab, cost_ba in _steps(self._streets, edge, stops):
                _add_shorter(graph, a, b, cost_ab)
                _add_shorter(graph, b, a, cost_ba)
        return graph


def _steps(streets: Streets, edge: int, stops: list[tuple[float, Any]]) -> Iterator[tuple[Any, Any, float, float]]:
    """Cut one edge at its stops: both ends of each step, and what it costs either way."""
    length_m = float(streets.edge_length_m[edge])
    chain = [
        (0.0, int(streets.edge_u[edge])),
        *sorted(stops, key=lambda stop: stop[0]),
        (length_m, int(streets.edge_v[edge])),
    ]
    for (from_m, a), (to_m, b) in pairwise(chain):
        share = (to_m - from_m) / length_m if length_m else 1.0
        yield a, b, share * float(streets.cost_uv[edge]), share * float(streets.cost_vu[edge])


def _add_shorter(graph: nx.DiGraph, a: Any, b: Any, cost_m: float) -> None:
    """Of parallel streets the shortest counts."""
    if not graph.has_edge(a, b) or graph[a][b]["m"] > cost_m:
        graph.add_edge(a, b, m=cost_m)
