"""A small result in the shape of `Coverage`, built by hand, so that output is tested on its own.

A grid of 4 x 4 junctions, 300 m apart, near Beijing. One used station stands in the south-west; the
two eastern columns of streets are a gap.
"""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from walkshed.analysis.routes import ARRIVED, Routes
from walkshed.network.streets import Source, Streets, Surroundings
from walkshed.reach.walk import Walk

CRS = "EPSG:32650"
WEST, SOUTH, STEP, SIDE = 500_000.0, 4_400_000.0, 300.0, 4
CUTOFFS = (5.0, 10.0, 15.0)


def toy_streets(**source: object) -> Streets:
    nodes = np.array([(WEST + STEP * x, SOUTH + STEP * y) for y in range(SIDE) for x in range(SIDE)])
    east = [(i, i + 1) for i in range(SIDE * SIDE) if (i + 1) % SIDE]
    north = [(i, i + SIDE) for i in range(SIDE * (SIDE - 1))]
    ends = np.array(east + north, dtype=np.int32)
    m = len(ends)
    length = np.full(m, STEP)
    return Streets(
        node_xy=nodes,
        node_id=np.arange(len(nodes), dtype=np.int64),
        edge_u=ends[:, 0],
        edge_v=ends[:, 1],
        edge_length_m=length,
        cost_uv=length,
        cost_vu=length,
        edge_name=np.arange(m, dtype=np.int32) % 3,
        names=("", "人民路", "Station Road"),
        edge_highway=1 + np.arange(m, dtype=np.int32) % 3,
        highways=("", "residential", "primary", "footway"),
        edge_osm_id=np.zeros(m, dtype=np.int64),
        edge_flags=np.zeros(m, dtype=np.uint8),
        coords=nodes[ends].reshape(-1, 2),
        offsets=2 * np.arange(m + 1, dtype=np.int64),
        crs=CRS,
        source=Source(**({"name": "toy.osm.pbf", "origin": "osm", "date": "2025-08-09",
                          "extent": (116.99, 39.74, 117.02, 39.76), "islands_left_out_m": 1234.0} | source)),
        surroundings=toy_surroundings(),
    )  # fmt: skip


def toy_surroundings() -> Surroundings:
    def frame(geometry: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame({"name": [""] * len(geometry)} | columns, geometry=geometry, crs=CRS)

    lake = shapely.box(WEST + 320, SOUTH + 20, WEST + 580, SOUTH + 280)
    rail = shapely.LineString([(WEST - 500, SOUTH + 450), (WEST + 2000, SOUTH + 450)])
    village = shapely.Point(WEST + 150, SOUTH + 750)
    return Surroundings(
        water=frame([lake]),
        rail=frame([rail], tunnel=[False], crossable=[False]),
        walls=frame([]),
        buildings=frame([]),
        places=frame([village], place=["village"]).assign(name="小村 <Village>"),
        hosts=frame([], kind=[]),
    )


def fake_result(
    *, people: bool = True, zones: bool = True, covered: str = "some", origin: str = "osm", name: str = "First"
) -> SimpleNamespace:
    """Build a result. `covered` is ``some``, ``none`` or ``all``."""
    streets = toy_streets(origin=origin)
    area_polygon = shapely.box(WEST - 50, SOUTH - 50, WEST + 950, SOUTH + 950)
    stretches = _stretches(streets, covered)
    gaps = _gaps(stretches, people)
    total_km = stretches["length_m"].sum() / 1000.0
    coverage = [_coverage_row(stretches, c, total_km, people) for c in CUTOFFS]
    gap_km = float(gaps["street_km"].sum())
    in_gaps = float(gaps["people"].sum()) if people else None
    last = coverage[-1]
    result = SimpleNamespace(
        walk=Walk(),
        network=streets,
        crs=CRS,
        notes=(),
        profiles=None,
        area=gpd.GeoDataFrame({"name": ["Toy Town"]}, geometry=[area_polygon], crs=CRS),
        streets=stretches,
        gaps=gaps,
        stations=_stations(name, people, covered),
        service_areas=_service_areas(name),
        covered=_covered(),
        zones=_zones(area_polygon, people, last) if zones else None,
        people=_people(stretches) if people else None,
        routes=_routes(stretches),
        people_inside_drawn_area_uncovered=12.0 if people else None,
        has_hours=False,
        moment=None,
    )
    result.summary = {
        "walkshed": "0.1.0",
        "settings": {"cutoffs_min": [5, 10, 15], "speed_kmh": 4.8, "off_street_m": 100.0, "max_snap_m": 250.0,
                     "min_island_m": 1000.0, "min_gap_m": 200.0, "barriers": False,
                     "datum": "wgs84"},
        "streets": {"street_km": total_km, "islands_left_out_km": 1.234, "nodes": 16, "edges": 24,
                    "km_per_km2": 7.2, "date": streets.source.date},
        "stations": {"read": 3, "used": 1, "unsnapped": ["2"], "outside": ["3"]},
        "people": {"total": 1000.0 if people else None, "unknown": 40.0 if people else None,
                   "in_gaps": in_gaps, "scattered": 10.0 if people else None},
        "coverage": coverage,
        "gaps": {"cutoff_min": 15, "count": len(gaps), "street_km": gap_km,
                 "sliver_km": total_km - last["street_km"] - gap_km, "people": in_gaps},
        "seconds": {"streets": 0.1, "reach": 0.1, "areas": 0.1, "gaps": 0.1, "outputs": 0.0},
    }  # fmt: skip
    one = result.stations["status"] == "used"
    result.categories = pd.DataFrame(coverage).assign(category="爱心驿站", stations=int(one.sum()))
    result.zones_served_share = 0.5 if zones else None
    result.zone_stations = (
        pd.DataFrame({"zone": ["西片区", "<i>East</i>"], "category": "爱心驿站", "stations": [1, 0]}) if zones else None
    )
    result.curve = _curve(people)
    result.depth = _depth(last)
    result.headline = {
        "cutoff_min": 15.0,
        "street_share": last["street_share"],
        "people_share": last["people_share"],
        "gaps": len(gaps),
        "gap_street_km": gap_km,
        "gap_people": in_gaps,
        "stations_used": 1,
    }
    return result


def _stretches(streets: Streets, covered: str) -> gpd.GeoDataFrame:
    frame = streets.to_frame()[["name", "highway", "length_m", "geometry"]]
    metres = np.array([line.centroid.x - WEST + line.centroid.y - SOUTH for line in frame.geometry])
    eastern = np.array([line.centroid.x - WEST > 500 for line in frame.geometry])
    reached = {"some": ~eastern, "none": np.zeros(len(frame), bool), "all": np.ones(len(frame), bool)}[covered]
    minutes = metres / 80.0
    cutoff = np.select([minutes <= 5, minutes <= 10], [5.0, 10.0], 15.0)
    gap = np.where(reached, 0, np.where(metres > 1400, 0, 1))
    return frame.assign(
        edge=np.arange(len(frame)),
        walk_min=np.where((gap > 0) & (metres > 1300), np.nan, minutes),
        cutoff_min=np.where(reached, cutoff, np.nan),
        covered=reached,
        station_id=np.where(reached, "1", None),
        depth=reached.astype(int),
        gap_id=gap,
    )


def _curve(people: bool) -> pd.DataFrame:
    minutes = np.arange(31.0)
    shares = np.minimum(minutes / 20, 1.0)
    return pd.DataFrame(
        {"minute": minutes, "street_share": shares, "people_share": shares if people else np.nan * shares}
    )


def _depth(last: dict[str, float]) -> pd.DataFrame:
    share = last["street_share"]
    rows = [(c, d, 7.2 * s, s) for c in CUTOFFS for d, s in enumerate((1 - share, share, 0.0, 0.0))]
    return pd.DataFrame(rows, columns=["cutoff_min", "depth", "street_km", "street_share"])


def _routes(stretches: gpd.GeoDataFrame) -> Routes:
    """Every line leads from its end to its start, and there to the station; nothing lies around the area."""
    arrived = np.full(len(stretches), ARRIVED)
    return Routes(stretches.iloc[:0][["highway", "geometry"]], np.ones(len(stretches)), arrived, arrived)


def _gaps(stretches: gpd.GeoDataFrame, people: bool) -> gpd.GeoDataFrame:
    inside = stretches[stretches["gap_id"] == 1]
    n = 1 if len(inside) else 0
    drawn = [shapely.MultiPolygon([shapely.union_all(inside.geometry).convex_hull.buffer(40)])] * n
    return gpd.GeoDataFrame(
        {
            "gap_id": np.arange(1, n + 1),
            "street_km": np.array([inside["length_m"].sum() / 1000.0] * n),
            "area_km2": np.array([0.25] * n),
            "people": np.array([240.0 if people else np.nan] * n),
            "walk_min_median": np.array([17.5] * n),
            "walk_min_max": np.array([np.nan] * n),
            "station_id": ["1"] * n,
            "station_name": ["First"] * n,
            "zone": [None] * n,
            "streets": ["Station Road / 人民路"] * n,
            "center_lon": np.array([117.008] * n),
            "center_lat": np.array([39.745] * n),
            "cause": ["barrier"] * n,
            "air_km": np.array([0.71] * n),
            "walk_km": np.array([1.36] * n),
            "detour": np.array([1.915] * n),
            "air_station_id": ["1"] * n,
            "crosses": ["water"] * n,
            "crosses_name": ["大河 <River>"] * n,
            "host": ["邮局 <Post>"] * n,
            "host_kind": ["post_office"] * n,
            "host_km": np.array([1.2] * n),
            "host_people": np.array([120.0 if people else np.nan] * n),
            "host_lon": np.array([117.009] * n),
            "host_lat": np.array([39.746] * n),
            "closed_station": [None] * n,
            "closed_km": [np.nan] * n,
        },
        geometry=drawn,
        crs=CRS,
    )


def _stations(name: str, people: bool, covered: str) -> gpd.GeoDataFrame:
    points = [shapely.Point(WEST, SOUTH), shapely.Point(WEST + 5, SOUTH - 40), shapely.Point(WEST + 9e4, SOUTH)]
    served = 0.0 if covered == "none" else 1.5
    return gpd.GeoDataFrame(
        {
            "station_id": ["1", "2", "3"],
            "name": [name, "", "Far <b>away</b>"],
            "category": ["爱心驿站", "", "cafe"],
            "row": [2, 3, 4],
            "status": ["used", "unsnapped", "outside"],
            "snap_m": [3.5, np.nan, np.nan],
            "snapped": [True, False, False],
            "street": ["人民路", "", ""],
            "street_km_5": [served / 3, np.nan, np.nan],
            "street_km_10": [served / 2, np.nan, np.nan],
            "street_km_15": [served, np.nan, np.nan],
            "people": [710.0 if people else np.nan, np.nan, np.nan],
            "street_km_only": [served, np.nan, np.nan],
            "people_only": [710.0 if people else np.nan, np.nan, np.nan],
        },
        geometry=points,
        crs=CRS,
    )


def _reach(cutoff: float) -> shapely.MultiPolygon:
    """A square with a hole that grows with the cutoff, as one part."""
    outer = shapely.box(WEST - 60, SOUTH - 60, WEST + 30 * cutoff, SOUTH + 30 * cutoff)
    return shapely.MultiPolygon([outer.difference(shapely.box(WEST + 20, SOUTH + 20, WEST + 60, SOUTH + 60))])


def _service_areas(name: str) -> gpd.GeoDataFrame:
    n = len(CUTOFFS)
    columns = {"station_id": ["1"] * n, "name": [name] * n, "category": ["爱心驿站"] * n, "cutoff_min": CUTOFFS}
    return gpd.GeoDataFrame(columns, geometry=[_reach(c) for c in CUTOFFS], crs=CRS)


def _covered() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"cutoff_min": CUTOFFS}, geometry=[_reach(c) for c in CUTOFFS], crs=CRS)


def _zones(area: shapely.Polygon, people: bool, last: dict[str, float]) -> gpd.GeoDataFrame:
    columns: dict[str, list[object]] = {
        "zone": ["西片区", "<i>East</i>"],
        "street_km": [3.6, 0.0],
        "stations": [1, 0],
        "people": [700.0, 300.0] if people else [np.nan, np.nan],
        "people_unknown": [0.0, 300.0] if people else [np.nan, np.nan],
        "gaps": [0, 1],
        "walk_min_mean": [6.5, np.nan],
        "walk_min_p95": [12.5, np.nan],
        "cross_covered_share": [0.25, np.nan],
        "stations_per_10k": [14.3, 0.0] if people else [np.nan, np.nan],
    }
    for c in CUTOFFS:
        columns |= {
            f"covered_km_{c:g}": [3.6 * c / 20, 0.0],
            f"street_share_{c:g}": [c / 20, np.nan],
            f"people_{c:g}": [700 * c / 20, 0.0] if people else [np.nan, np.nan],
            f"people_share_{c:g}": [c / 20, np.nan] if people else [np.nan, np.nan],
        }
    west, south, east, north = area.bounds
    half = (west + east) / 2
    boxes = [shapely.box(west, south, half, north), shapely.box(half, south, east, north)]
    return gpd.GeoDataFrame(columns, geometry=boxes, crs=CRS)


def _people(stretches: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    n = len(stretches)
    return gpd.GeoDataFrame(
        {
            "population": np.full(n, 1000.0 / n),
            "state": np.where(stretches["covered"], "covered", "gap"),
            "walk_min": stretches["walk_min"].to_numpy(),
            "gap_id": stretches["gap_id"].to_numpy(),
        },
        geometry=stretches.geometry.centroid,
        crs=stretches.crs,
    )


def _coverage_row(stretches: gpd.GeoDataFrame, cutoff: float, total_km: float, people: bool) -> dict[str, float]:
    km = float(stretches.loc[stretches["cutoff_min"] <= cutoff, "length_m"].sum()) / 1000.0
    share = km / total_km
    return {
        "cutoff_min": cutoff,
        "street_km": km,
        "street_share": share,
        "cross_covered_share": 0.0,
        "people": 960.0 * share if people else None,
        "people_share": share if people else None,
    }
