"""Valhalla: build its tiles from the file, then ask for the isochrones of every station, as its documentation has it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from time import perf_counter

import geopandas as gpd
import pandas as pd
import valhalla
from shapely.geometry import shape

from benchmarks.job import CUTOFFS_MIN, SPEED_KMH


def work(streets: Path, stations: Path, out: Path) -> dict[str, float]:
    begun = perf_counter()
    config = build_tiles(streets, out)
    tiles_s = perf_counter() - begun
    actor = valhalla.Actor(config)
    frame = pd.read_csv(stations, dtype={"id": str})
    rows = []
    for station, lon, lat in frame[["id", "lon", "lat"]].itertuples(index=False):
        found = actor.isochrone(
            {
                "locations": [{"lon": lon, "lat": lat}],
                "costing": "pedestrian",
                "costing_options": {"pedestrian": {"walking_speed": SPEED_KMH}},
                "contours": [{"time": cutoff} for cutoff in CUTOFFS_MIN],
                "polygons": True,
            }
        )
        rows += [(station, f["properties"]["contour"], shape(f["geometry"])) for f in found["features"]]
    areas = gpd.GeoDataFrame(rows, columns=["station_id", "cutoff_min", "geometry"], crs=4326)
    areas.to_file(out / "areas.gpkg", engine="pyogrio")
    km2 = areas.to_crs(areas.estimate_utm_crs()).area.groupby(areas["cutoff_min"]).sum() / 1e6
    (out / "summary.json").write_text(json.dumps({"stations_km2": km2.to_dict()}), encoding="utf-8")
    return {"tiles_s": tiles_s}


def build_tiles(streets: Path, out: Path) -> str:
    """The path of a configuration whose tiles are built."""
    tiles = out / "tiles"
    tiles.mkdir(exist_ok=True)
    config = valhalla.get_config(tile_dir=tiles, tile_extract="")
    path = out / "valhalla.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    builder = valhalla.PYVALHALLA_DIR / "bin" / "valhalla_build_tiles"
    command = [builder, "-c", path.resolve(), streets.resolve()]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=out)  # it leaves notes where it runs
    return str(path)
