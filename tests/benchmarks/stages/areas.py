"""Service areas of what stations reach: the product beside the exact union of buffers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from os import cpu_count
from pathlib import Path

import numpy as np
import shapely

from benchmarks.job import CUTOFFS_MIN, METRES_A_MINUTE, OFF_STREET_M
from benchmarks.stages.contest import Contest, take_turns
from benchmarks.stages.standing import WALK, stand
from walkshed.analysis.areas import service_areas
from walkshed.network.streets import Streets
from walkshed.reach.pieces import Pieces


def compare(rounds: int, streets_file: Path, stations_file: Path) -> list[Contest]:
    standing = stand(streets_file, stations_file)
    streets, reach = standing.streets, standing.reach()
    count = len(standing.node)
    spare = [reach.pieces.within(c * METRES_A_MINUTE - OFF_STREET_M) for c in CUTOFFS_MIN]
    lines = [cut_lines(streets, pieces) for pieces in spare]
    own = [lines[i][spare[i].station == station] for station, i in product(range(count), range(len(CUTOFFS_MIN)))]

    def exact() -> list[shapely.Geometry]:
        with ThreadPoolExecutor(cpu_count()) as pool:
            return list(pool.map(lambda some: shapely.union_all(shapely.buffer(some, OFF_STREET_M)), own))

    ours = np.array([area for areas in service_areas(streets, reach, WALK) for area in areas])
    theirs = np.array(exact())
    apart = shapely.area(shapely.symmetric_difference(ours, theirs)) / shapely.area(theirs)
    seconds = take_turns({"ours": lambda: service_areas(streets, reach, WALK), "theirs": exact}, rounds)
    return [
        Contest(
            "areas-shapely",
            seconds["ours"],
            seconds["theirs"],
            f"symmetric difference: median {np.median(apart):.2%}, at most {apart.max():.2%}, of {len(apart)} areas",
            f"{count} stations x {len(CUTOFFS_MIN)} cutoffs; both with a thread a core; the lines that shapely widens "
            "are cut before",
        )
    ]


def cut_lines(streets: Streets, pieces: Pieces) -> np.ndarray:
    """The pieces as lines, cut by shapely."""
    length_m = streets.edge_length_m[pieces.edge]
    whole = streets.lines[pieces.edge]
    cut = [
        line if a <= 0 and b >= 1 else shapely.ops.substring(line, a, b, normalized=True)
        for line, a, b in zip(whole, pieces.from_m / length_m, pieces.to_m / length_m, strict=True)
    ]
    return np.array(cut, dtype=object)
