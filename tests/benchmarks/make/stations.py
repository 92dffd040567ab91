"""Choose stations at random junctions: ``python -m benchmarks.make.stations STREETS TARGET COUNT``.

At junctions, so that every peer stands at the same node, for some know no place between two; the same ones every time.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from pyproj import Transformer

import walkshed as ws


def main() -> None:
    choose(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))


def choose(streets_file: Path, target: Path, count: int) -> None:
    streets = ws.read_streets(streets_file)
    lon, lat = Transformer.from_crs(streets.crs, 4326, always_xy=True).transform(*streets.node_xy.T)
    streets_met = np.bincount(np.r_[streets.edge_u, streets.edge_v], minlength=streets.node_count)
    chosen = np.random.default_rng(1).choice(np.flatnonzero(streets_met > 2), count, replace=False)
    with target.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "lon", "lat"])
        rows.writerows([f"s{i:04}", f"{lon[n]:.7f}", f"{lat[n]:.7f}"] for i, n in enumerate(chosen))


if __name__ == "__main__":
    main()
