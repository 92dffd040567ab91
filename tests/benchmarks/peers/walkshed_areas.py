"""The product, through its public names: read, analyze, and write what the peers write."""

from __future__ import annotations

import json
from pathlib import Path

import walkshed as ws
from benchmarks.job import CUTOFFS_MIN, OFF_STREET_M, SPEED_KMH


def work(streets: Path, stations: Path, out: Path, store: str | None = None) -> None:
    result = ws.analyze(
        ws.read_streets(streets, store=store),
        ws.read_stations(stations),
        walk=ws.Walk(cutoffs=CUTOFFS_MIN, speed=SPEED_KMH, off_street=OFF_STREET_M),
    )
    result.service_areas.to_file(out / "areas.gpkg", engine="pyogrio")
    (out / "summary.json").write_text(json.dumps(result.summary), encoding="utf-8")
