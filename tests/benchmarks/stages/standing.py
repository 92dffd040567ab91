"""Streets with stations on them: where every stage starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

import walkshed as ws
from benchmarks.job import BUDGET_M, CUTOFFS_MIN, OFF_STREET_M, SPEED_KMH
from walkshed.network.streets import Streets
from walkshed.reach.pieces import Pieces
from walkshed.reach.reach import Reach, walk_out
from walkshed.reach.snap import Snapper, Snaps

Costs = list[dict[int, float]]
"""For each station the nodes reached and their metres."""

WALK = ws.Walk(cutoffs=CUTOFFS_MIN, speed=SPEED_KMH, off_street=OFF_STREET_M)


@dataclass(frozen=True)
class Standing:
    """Streets, the stations on them, and the node that each stands at."""

    streets: Streets
    snaps: Snaps
    node: NDArray[np.int64]

    def reach(self) -> Reach:
        return walk_out(self.streets, self.snaps, BUDGET_M)


def stand(streets_file: Path, stations_file: Path) -> Standing:
    streets = ws.read_streets(streets_file)
    stations = ws.read_stations(stations_file).to_crs(streets.crs)
    xy = shapely.get_coordinates(stations.geometry.array)
    snaps = Snapper(streets).snap(xy, WALK.max_snap)
    _, node = KDTree(streets.node_xy).query(snaps.xy)
    return Standing(streets, snaps, node)


def node_costs(streets: Streets, pieces: Pieces, count: int) -> Costs:
    """Read off the pieces, for each station, the nodes reached and their metres."""
    at_u = pieces.from_m <= 1e-6
    at_v = pieces.to_m >= streets.edge_length_m[pieces.edge] - 1e-6
    station = np.r_[pieces.station[at_u], pieces.station[at_v]]
    node = np.r_[streets.edge_u[pieces.edge[at_u]], streets.edge_v[pieces.edge[at_v]]]
    cost = np.r_[pieces.cost_from_m[at_u], pieces.cost_to_m[at_v]]
    costs: Costs = [{} for _ in range(count)]
    for s, n, c in zip(station.tolist(), node.tolist(), cost.tolist(), strict=True):
        costs[s][n] = min(c, costs[s].get(n, np.inf))
    return costs


def agree(ours: Costs, theirs: Costs) -> str:
    """Say how many nodes each reached, how many only one of them, and the largest difference in metres."""
    one_sided = sum(len(a.keys() ^ b.keys()) for a, b in zip(ours, theirs, strict=True))
    most = max((abs(a[n] - b[n]) for a, b in zip(ours, theirs, strict=True) for n in a.keys() & b.keys()), default=0.0)
    reached = sum(map(len, ours))
    return f"{reached:,} nodes reached, {one_sided} by one side alone; metres differ by {most:.3g} at most"
