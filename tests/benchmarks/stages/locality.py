"""What stations cost on a large network and on one tile of it alone: search and areas."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import shapely

from benchmarks.job import BUDGET_M
from benchmarks.stages.contest import Contest, take_turns
from benchmarks.stages.standing import WALK, Standing, stand
from walkshed.analysis.areas import service_areas
from walkshed.reach.pieces import reached_pieces


def compare(rounds: int, large_file: Path, tile_file: Path, stations_file: Path) -> list[Contest]:
    large, tile = stand(large_file, stations_file), stand(tile_file, stations_file)
    km2 = [sum(shapely.area(a).sum() for a in areas) / 1e6 for areas in (walk(large)(), walk(tile)())]
    seconds = take_turns({"ours": walk(large), "theirs": walk(tile)}, rounds)
    return [
        Contest(
            "locality",
            seconds["ours"],
            seconds["theirs"],
            f"the areas add up to {km2[0]:.3f} and {km2[1]:.3f} km²",
            f"{len(large.streets):,} edges against {len(tile.streets):,}; the same {len(tile.node)} stations",
        )
    ]


def walk(standing: Standing) -> Callable[[], list[list[shapely.MultiPolygon]]]:
    """Search from every station and draw its areas; the graph stands ready."""
    reach = standing.reach()

    def once() -> list[list[shapely.MultiPolygon]]:
        reached_pieces(reach.graph, reach.leg_m, BUDGET_M)
        return service_areas(standing.streets, reach, WALK)

    return once
