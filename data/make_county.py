"""Make the demo county, 安禾县: an invented place, in the formats real data comes in.

    python data/make_county.py [FOLDER]

The same script on the same libraries gives the same bytes; see README.md beside it.
"""

import sys
from pathlib import Path

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parent))

from county_maker import plan, tables
from county_maker.buildings import make_buildings, outline
from county_maker.country import Village, draw_country
from county_maker.fabric import Fabric, Parcel, Street
from county_maker.ground import Ground, make_ground
from county_maker.network import Way, node_streets
from county_maker.osm import Sheet, write_osm
from county_maker.shapes import polygons
from county_maker.sites import BANK, LANDMARKS, POST, POWER, Site, make_sites
from county_maker.town import draw_town
from county_maker.zones import make_zones, people_of

HOST_TAGS = {BANK: ("amenity", "bank"), POST: ("amenity", "post_office"), POWER: ("office", "energy_supplier")}
PARCEL_TAGS = {
    "park": ("leisure", "park"),
    "lawn": ("leisure", "park"),
    "school": ("amenity", "school"),
    "compound": ("landuse", "residential"),
    "works": ("landuse", "industrial"),
    "mall": ("landuse", "retail"),
}
README = """合成数据，并非真实地点

安禾县 is an invented county. Every street, name, station and number in this folder is synthetic, made by
data/make_county.py; no real place is meant. The coordinates (WGS 84, in one list GCJ-02) lie in the plains of eastern
China only so that maps, projections and units behave as they do there.

county.osm.pbf    streets, water, railway, buildings, places and public counters, with OpenStreetMap tags
stations.xlsx     29 rest stations 爱心驿站 (15 in town, 14 in the townships), 12 nursing rooms 爱心母婴室
stations_gcj02.xlsx  the same, with coordinates in GCJ-02, as Amap has them
zones.gpkg        16 neighbourhoods and 14 townships with their people (名称, 人口)
hosts.csv         banks, power-company counters and post offices that could host a station
county_town.gpkg  the outline of the county town
county_area.gpkg  the outline of the county

In the public domain (CC0 1.0): use it for anything, as test data, but not as a map.
"""


def make_county(folder: Path) -> None:
    """Draw the county and write its files into `folder`."""
    ground, fabric = make_ground(), Fabric()
    lakes = draw_town(fabric, ground)
    villages = draw_country(fabric, ground)
    ways = node_streets(fabric.streets)
    zones = make_zones(ground)
    stations, hosts = make_sites(ways, zones)

    reached = shapely.STRtree([shapely.LineString(w.xy) for w in ways])
    blocks = [p.block for p in fabric.parcels]
    kept = np.unique(reached.query(blocks, predicate="dwithin", distance=15.0)[0])
    parcels = [fabric.parcels[i] for i in kept]  # a block that no street reached stays a field

    sheet = Sheet()
    add_streets(sheet, ways, ground)
    add_ground(sheet, ground, lakes)
    add_parcels(sheet, parcels, fabric.streets)
    add_places(sheet, zones, villages, hosts)

    folder.mkdir(parents=True, exist_ok=True)
    county = tables.on_ground([ground.county.buffer(600)])[0]
    write_osm(sheet, folder / "county.osm.pbf", np.round(county.bounds, 4))
    tables.write_stations(stations, folder / "stations.xlsx")
    tables.write_stations(stations, folder / "stations_gcj02.xlsx", datum="gcj02")
    tables.write_hosts(hosts, folder / "hosts.csv")
    tables.write_zones(zones, people_of(zones, ways), folder / "zones.gpkg")
    tables.write_area("安禾县城", ground.town, folder / "county_town.gpkg")
    tables.write_area("安禾县", shapely.coverage_union_all([z for _, z in zones]), folder / "county_area.gpkg")
    (folder / "README.txt").write_text(README, encoding="utf-8", newline="\n")


def add_streets(sheet: Sheet, ways: list[Way], ground: Ground) -> None:
    """Add the streets and the railway, which share a node at the level crossing only."""
    for way in ways:
        tags = {"highway": way.street.highway, **dict(way.street.tags)}
        if way.street.name:
            tags["name"] = way.street.name
        sheet.add_way(way.xy, tags)
    sheet.add_way(ground.rail_line.coords, {"railway": "rail", "name": "禾淮铁路"})
    crossing = ground.level_crossing
    sheet.add_node((crossing.x, crossing.y), {"railway": "level_crossing"})


def add_ground(sheet: Sheet, ground: Ground, lakes: list[tuple[str, shapely.Polygon]]) -> None:
    """Add the water: middle lines and surfaces."""
    for name, (kind, line, width) in ground.courses.items():
        sheet.add_way(line.coords, {"waterway": kind, "name": name})
        surface = {"natural": "water", "water": kind, "name": name}
        for part in polygons(line.buffer(width / 2, cap_style="flat").simplify(1.5)):
            sheet.add_polygon(part, surface)
    for name, lake in [("鹤湖", ground.lake), *lakes]:
        sheet.add_polygon(lake, {"natural": "water", "water": "lake", "name": name})


def add_parcels(sheet: Sheet, parcels: list[Parcel], streets: list[Street]) -> None:
    """Add the grounds that bear a use, and a sample of the buildings."""
    for parcel in parcels:
        if parcel.use in PARCEL_TAGS:
            sheet.add_way(outline(parcel).coords, _parcel_tags(parcel))
    for kind, house in make_buildings(parcels, streets):
        sheet.add_polygon(house, {"building": kind})


def _parcel_tags(parcel: Parcel) -> dict[str, str]:
    key, value = PARCEL_TAGS[parcel.use]
    return {key: value, "name": parcel.name} if parcel.name else {key: value}


def add_places(
    sheet: Sheet, zones: list[tuple[str, shapely.Polygon]], villages: list[Village], hosts: list[Site]
) -> None:
    """Add the named places, the public counters and the landmarks."""
    sheet.add_node((0.5, 0.5), {"place": "town", "name": "安禾县城", "note": plan.NOTE})
    for name, xy, _ in plan.NEIGHBOURHOODS:
        sheet.add_node(xy, {"place": "suburb", "name": name})
    for name, (x, y), _, _ in plan.TOWNSHIPS:
        sheet.add_node((x + 0.5, y + 0.5), {"place": "town", "name": name})
    for village in villages:
        middle = village.outline.centroid
        sheet.add_node((middle.x, middle.y), {"place": "village", "name": village.name})
    for host in hosts:
        key, value = HOST_TAGS[host.kind]
        sheet.add_node(host.xy, {key: value, "name": host.name})
    for key, value, name, xy in LANDMARKS:
        sheet.add_node(xy, {key: value, "name": name})


if __name__ == "__main__":
    make_county(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent / "county")
