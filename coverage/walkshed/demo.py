"""The demo county: where its files lie, in an installed package and in a checkout."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from walkshed.errors import InputError


@dataclass(frozen=True, kw_only=True)
class DemoCounty:
    """The files of 安禾县, an invented county: synthetic data, no real place.

    Attributes
    ----------
    streets
        OpenStreetMap data, ``.osm.pbf``.
    stations
        Rest stations and nursing rooms, an Excel workbook with Chinese headings, WGS 84.
    stations_gcj02
        The same workbook with its coordinates as Amap has them, GCJ-02.
    zones
        Neighbourhoods of the county town and townships with their people, polygons.
    hosts
        Banks, power-company counters and post offices that could host a station, CSV.
    town
        The county town's outline, one polygon: the study area of the demo.
    county
        The county's outline, one polygon.

    Examples
    --------
    >>> ws.demo_county().town.name
    'county_town.gpkg'
    """

    streets: Path
    stations: Path
    stations_gcj02: Path
    zones: Path
    hosts: Path
    town: Path
    county: Path


def demo_county() -> DemoCounty:
    """Find the demo county: inside the installed package, else in the repository's ``data/county``.

    Returns
    -------
    DemoCounty
        Paths of its files, all of which exist.

    Raises
    ------
    InputError
        If neither folder holds all the files.

    Examples
    --------
    >>> demo_county().streets.name
    'county.osm.pbf'
    """
    folders = _folders()
    for folder in folders:
        county = _county_in(folder)
        if all(path.is_file() for path in vars(county).values()):
            return county
    raise InputError(
        f"the demo county is not there: its files were looked for in {' and '.join(map(str, folders))}; "
        "install walkshed again, or run data/make_county.py in a checkout"
    )


def _folders() -> tuple[Path, Path]:
    # A wheel is always unpacked and the checkout is a folder, so the resource is a path on disk.
    package = Path(str(files("walkshed")))
    return package / "county", package.parents[1] / "data" / "county"


def _county_in(folder: Path) -> DemoCounty:
    return DemoCounty(
        streets=folder / "county.osm.pbf",
        stations=folder / "stations.xlsx",
        stations_gcj02=folder / "stations_gcj02.xlsx",
        zones=folder / "zones.gpkg",
        hosts=folder / "hosts.csv",
        town=folder / "county_town.gpkg",
        county=folder / "county_area.gpkg",
    )
