"""The product once more, step by step: what a report's seconds go to."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.job import CUTOFFS_MIN, OFF_STREET_M, SPEED_KMH


def work(streets: Path, stations: Path, out: Path) -> dict[str, list[float]]:
    """Do each step by itself, one after the other; tell its seconds and CPU seconds."""
    spent: dict[str, list[float]] = {}

    def step(name: str, do: Callable[[], Any]) -> Any:
        begun, cpu = time.perf_counter(), time.process_time()
        made = do()
        spent[name] = [time.perf_counter() - begun, time.process_time() - cpu]
        return made

    step("libraries, kernels from the cache", start)
    import walkshed as ws
    from walkshed.output.export import write_geopackage, write_summary, write_tables
    from walkshed.output.report import render_report
    from walkshed.output.webmap import render_map

    walk = ws.Walk(cutoffs=CUTOFFS_MIN, speed=SPEED_KMH, off_street=OFF_STREET_M)
    network = step("streets from the file", lambda: ws.read_streets(streets))
    points = step("stations", lambda: ws.read_stations(stations))
    result = step("who reaches what, gaps", lambda: ws.analyze(network, points, walk=walk))
    step("service areas", lambda: result.service_areas)
    step("covered areas, gap areas", lambda: (result.covered, result.gaps))
    step("coverage.gpkg", lambda: write_geopackage(result, out / "coverage.gpkg"))
    step("map.html", lambda: (out / "map.html").write_text(render_map(result), encoding="utf-8"))
    step("report.html", lambda: (out / "report.html").write_text(render_report(result), encoding="utf-8"))
    step("tables.xlsx", lambda: write_tables(result, out / "tables.xlsx"))
    step("summary.json", lambda: write_summary(result, out / "summary.json", seconds=0.0))
    return spent


def start() -> None:
    """Load what every report needs, and the first kernel with Numba's own parts."""
    import numpy as np

    from walkshed.network.chains import components

    components(np.zeros(0, np.int32), np.zeros(0, np.int32), 1)
