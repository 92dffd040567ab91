"""A toy province: one street of 12 km with side streets, cut into areas of 3 km; as files, and as a batch file."""

from __future__ import annotations

import json
from pathlib import Path

import shapely

from osm_files import NORTH, STEP, WEST, nodes_of, write_osm

TOWN = nodes_of("""
A-----------------------------B-----------------------------C-----------------------------D----------------------------E
      F              G              H               I               J            K              L           M
""")
WAYS = [("ABCDE", {"highway": "residential", "name": "长街"}), ("AFGHIJKLM", {"highway": "path"}),
        ("BH", {"highway": "footway"}), ("CJ", {"highway": "footway"}), ("DL", {"highway": "footway"}),
        ("EM", {"highway": "footway"})]  # fmt: skip
AREAS = {"甲县": (0, 30), "乙县": (30, 60), "丙县": (60, 90), "丁县": (90, 119)}
"""Name -> first and last column of the drawing."""


def box(first: float, last: float) -> shapely.Polygon:
    south, north = NORTH - 0.004, NORTH + 0.004
    return shapely.box(WEST + (first - 0.5) * STEP, south, WEST + (last - 0.5) * STEP, north)


def write_layer(path: Path, shapes: dict[str, shapely.Geometry]) -> Path:
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": json.loads(shapely.to_geojson(shape))}
        for name, shape in shapes.items()
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def write_province(folder: Path, areas: dict[str, tuple[int, int]] | None = None) -> Path:
    """Write the streets, one list of stations, the layer of areas, the people, and ``province.toml``."""
    write_osm(folder / "streets.osm", TOWN, WAYS)
    columns = {"东站": 8, "<b>北站</b>": 42, "=SUM(A1)": 70, "南站": 100}
    rows = [f"{name},{WEST + x * STEP:.6f},{NORTH:.6f}" for name, x in columns.items()]
    (folder / "stations.csv").write_text("\n".join(["名称,经度,纬度", *rows]), encoding="utf-8")
    people = [f"{WEST + x * STEP:.6f},{NORTH + 0.0002:.6f},{10 + x}" for x in range(0, 120, 3)]
    (folder / "people.csv").write_text("\n".join(["lon,lat,population", *people]), encoding="utf-8")
    write_layer(folder / "areas.geojson", {n: box(*c) for n, c in (areas or AREAS).items()})
    path = folder / "province.toml"
    path.write_text(
        'title = "省"\nlang = "zh"\nout = "out"\n[defaults]\nstreets = "streets.osm"\nstations = "stations.csv"\n'
        'people = "people.csv"\ncutoff = [5, 10]\n[split]\nareas = "areas.geojson"\n',
        encoding="utf-8",
    )
    return path
