"""The nearest station of everywhere: the product's unbounded field beside pandana's nearest points of interest.

pandana wants a bound: it is set beyond the farthest node that any station is reached from, so that both tell of all;
and then to one walk, which only pandana profits from.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from benchmarks.job import BUDGET_M
from benchmarks.peers import pandana_walk
from benchmarks.stages.contest import Contest, take_turns
from benchmarks.stages.standing import stand
from walkshed.reach.field import nearest_station_field
from walkshed.reach.graph import split_at_stations


def compare(rounds: int, streets_file: Path, stations_file: Path) -> list[Contest]:
    standing = stand(streets_file, stations_file)
    streets, snaps = standing.streets, standing.snaps
    net = pandana_walk.network(streets)

    graph = split_at_stations(streets, snaps.edge, snaps.at_m)
    ours = nearest_station_field(graph, snaps.leg_m).node_cost[: streets.node_count]
    reached = np.isfinite(ours)
    bound_m = float(np.ceil(ours[reached].max()))

    def place(most_m: float) -> None:
        pandana_walk.place_stations(net, snaps.xy, most_m)

    place(bound_m)
    apart_m = [apart(ours, pandana_walk.nearest(net, most_m), most_m) for most_m in (bound_m, BUDGET_M)]
    seconds = take_turns(
        {
            "ours": lambda: nearest_station_field(graph, snaps.leg_m),
            "theirs": lambda: pandana_walk.nearest(net, bound_m),
            "near": lambda: pandana_walk.nearest(net, BUDGET_M),
            "split": lambda: split_at_stations(streets, snaps.edge, snaps.at_m),
            "place": lambda: place(bound_m),
        },
        rounds,
    )
    ours_s, near_s = median(seconds["ours"]), median(seconds["near"])
    split_s, place_s = median(seconds["split"]), median(seconds["place"])
    return [
        Contest(
            "field-pandana",
            seconds["ours"],
            seconds["theirs"],
            f"{len(ours):,} nodes, {reached.sum():,} of them with a station, the farthest {bound_m:,.0f} m away; metres "
            f"differ by {max(apart_m):.3g} at most",
            f"pandana on all cores; as far as {BUDGET_M:g} m alone it takes {1000 * near_s:.0f} ms, {near_s / ours_s:.1f} "
            f"times as long as ours without a bound; placing the stations before takes {1000 * split_s:.1f} and "
            f"{1000 * place_s:.1f} ms",
        )
    ]


def apart(ours: np.ndarray, theirs: pd.DataFrame, most_m: float) -> float:
    """How many metres two fields differ at most, as far as `most_m`."""
    return float(np.abs(np.minimum(ours, most_m) - theirs[1].to_numpy()).max())
