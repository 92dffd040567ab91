"""The nearest station of everywhere: the product's unbounded field beside pandana's nearest points of interest."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import numpy as np

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

    def place() -> None:
        pandana_walk.place_stations(net, snaps.xy, BUDGET_M)

    place()
    graph = split_at_stations(streets, snaps.edge, snaps.at_m)
    ours = np.minimum(nearest_station_field(graph, snaps.leg_m).node_cost[: streets.node_count], BUDGET_M)
    theirs = pandana_walk.nearest(net, BUDGET_M)[1].to_numpy()
    seconds = take_turns(
        {
            "ours": lambda: nearest_station_field(graph, snaps.leg_m),
            "theirs": lambda: pandana_walk.nearest(net, BUDGET_M),
            "split": lambda: split_at_stations(streets, snaps.edge, snaps.at_m),
            "place": place,
        },
        rounds,
    )
    split_s, place_s = median(seconds["split"]), median(seconds["place"])
    return [
        Contest(
            "field-pandana",
            seconds["ours"],
            seconds["theirs"],
            f"{len(ours):,} nodes, metres up to {BUDGET_M:g} differ by {np.abs(ours - theirs).max():.3g} at most",
            f"ours without a bound, pandana's as far as {BUDGET_M:g} m, on all cores; placing the stations before takes "
            f"{1000 * split_s:.1f} and {1000 * place_s:.1f} ms",
        )
    ]
