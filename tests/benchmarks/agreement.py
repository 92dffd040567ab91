"""Hold one job's areas against another's: ``python -m benchmarks.agreement OURS THEIRS``.

Prints how far apart the service areas are, as the area that lies in one but not in the other over the area of theirs,
and how far apart the street within each cutoff is, where both tell it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np


def main() -> None:
    print(json.dumps(compare(Path(sys.argv[1]), Path(sys.argv[2]))))


def compare(ours: Path, theirs: Path) -> dict[str, float | int | None]:
    """Compare two folders that jobs wrote, over the stations that both have.

    Returns
    -------
    dict
        ``areas`` compared; ``apart`` over all of them, ``apart_median`` and ``apart_most`` of one; ``larger``, their
        area over ours; ``street_apart``, the largest relative difference of street within a cutoff, or None.
    """
    mine = gpd.read_file(ours / "areas.gpkg", engine="pyogrio").set_index(["station_id", "cutoff_min"]).geometry
    their_frame = gpd.read_file(theirs / "areas.gpkg", engine="pyogrio").to_crs(mine.crs)
    their = their_frame.set_index(["station_id", "cutoff_min"]).geometry
    mine, their = mine[mine.index.isin(their.index)].sort_index().make_valid(), their.sort_index().make_valid()
    if not len(their) or not mine.index.equals(their.index):
        raise ValueError(f"{ours} and {theirs} do not tell of the same stations and cutoffs")
    apart_m2 = mine.symmetric_difference(their).area.to_numpy()
    each = apart_m2 / their.area.to_numpy()
    return {
        "areas": len(each),
        "apart": float(apart_m2.sum() / their.area.sum()),
        "apart_median": float(np.median(each)),
        "apart_most": float(each.max()),
        "larger": float(their.area.sum() / mine.area.sum()),
        "street_apart": street_apart(ours, theirs),
    }


def street_apart(ours: Path, theirs: Path) -> float | None:
    """Compare the street within each cutoff."""
    mine, their = (street_km(folder) for folder in (ours, theirs))
    return max(abs(mine[c] / their[c] - 1) for c in their) if their else None


def street_km(folder: Path) -> dict[float, float]:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return {row["cutoff_min"]: row["street_km"] for row in summary.get("coverage", []) if "street_km" in row}


if __name__ == "__main__":
    main()
