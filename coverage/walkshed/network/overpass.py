"""Streets from the internet: Overpass for the streets, Nominatim for places, through OSMnx's clients."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import geopandas as gpd
from shapely.geometry.base import BaseGeometry

from walkshed.errors import FetchError, InputError
from walkshed.network.clip import Clip
from walkshed.network.graph import build_from_graph
from walkshed.network.plane import utm_of
from walkshed.network.servers import TAGS, Server, ask, date_of, folder_for
from walkshed.network.streets import Source, Streets
from walkshed.phrases import Phrase
from walkshed.schema import WGS84, Progress, quiet, require_crs


def fetch_streets(
    place: str | gpd.GeoDataFrame | BaseGeometry,
    *,
    budget_m: float = 1200.0,
    min_island_m: float = 1000.0,
    endpoint: str | None = None,
    nominatim: str | None = None,
    timeout_s: float = 180.0,
    cache: str | Path | None = None,
    progress: Progress = quiet,
) -> Streets:
    """Fetch the streets within one budget of a place from Overpass.

    Ways, filter and lengths are those of `read_streets` on an OpenStreetMap file. Needs the extra
    ``walkshed[osmnx]``; OSMnx's settings are as before afterwards. Answers are kept in `cache` and never
    asked for again: delete the folder for newer streets (``streets.source.date`` tells how old they are).
    Water, rail, buildings, place names and hosts are not fetched: ``surroundings`` is None.

    Parameters
    ----------
    place
        A name that Nominatim knows with an outline, such as "宝应县, 扬州市"; or a polygon, WGS 84.
    budget_m
        Metres around the place within which streets are kept.
    min_island_m
        Connected pieces with less street than this are left out, in metres.
    endpoint
        Base address of an Overpass server, such as "https://overpass-api.de/api"; by default OSMnx's.
    nominatim
        Base address of a Nominatim server; by default OSMnx's.
    timeout_s
        Seconds without an answer after which to give up.
    cache
        Folder; by default the user's cache folder.
    progress
        Called with the step and its share done.

    Raises
    ------
    FetchError
        If a server cannot be reached or gives no good answer, the place is not known or has no outline, or
        nothing there can be walked.
    InputError
        If OSMnx is not installed, or an argument cannot be used.
    NoStreetsError
        If all streets there are in pieces shorter than `min_island_m`.

    See Also
    --------
    fetch_area : the outline of the place.

    Examples
    --------
    >>> ws.fetch_streets("宝应县, 扬州市")  # doctest: +SKIP

    From a server of one's own, which this one is not:

    >>> ws.fetch_streets(area, endpoint="http://127.0.0.1:9/api")
    Traceback (most recent call last):
    walkshed.errors.FetchError: http://127.0.0.1:9/api: ...
    """
    progress("place", 0.0)
    area = fetch_area(place, nominatim=nominatim, timeout_s=timeout_s, cache=cache)
    name = str(area["name"].iloc[0])
    keep = Clip.of(area, budget_m)
    server = Server.at(endpoint, "overpass_url", timeout_s)
    polygon = _widen(keep.area, budget_m + min_island_m, name)
    progress("streets", 0.0)
    with folder_for(cache, server.url, polygon.wkb, *TAGS) as folder:
        G = ask(server, folder, lambda osmnx: _download(osmnx, polygon), Phrase("network.wanted_streets", place=name))
        date = date_of(folder)
    progress("streets", 0.9)
    source = Source(name=name, origin="osm", date=date, extent=keep.box(budget_m))
    streets = build_from_graph(G, source, min_island_m=min_island_m, keep=keep)
    progress("streets", 1.0)
    return streets


def fetch_area(
    place: str | gpd.GeoDataFrame | BaseGeometry,
    *,
    nominatim: str | None = None,
    timeout_s: float = 180.0,
    cache: str | Path | None = None,
) -> gpd.GeoDataFrame:
    """Fetch the outline of a place from Nominatim; a polygon is handed through.

    Parameters
    ----------
    place, nominatim, timeout_s, cache
        As for `fetch_streets`.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, one row: ``name`` (as asked for), ``geometry`` (polygon or multipolygon).

    Raises
    ------
    FetchError
        If Nominatim cannot be reached, or knows no place of this name with an outline.
    InputError
        If OSMnx is not installed, or `place` is neither a text nor a polygon.

    Examples
    --------
    >>> ws.fetch_area("宝应县, 扬州市")  # doctest: +SKIP
    >>> ws.fetch_area(area)[["name"]].values.tolist()  # a polygon needs no internet
    [['安禾县城']]
    """
    if not isinstance(place, str):
        return _frame(_name_of(place), Clip.of(place, 1.0).area)
    if not place.strip():
        raise InputError(Phrase("network.place_empty"))
    server = Server.at(nominatim, "nominatim_url", timeout_s)
    with folder_for(cache, server.url, place.strip().encode("utf-8")) as folder:
        found = ask(
            server,
            folder,
            lambda osmnx: _geocode(osmnx, place.strip()),
            Phrase("network.wanted_place", place=place.strip()),
        )
    require_crs(found, "place")
    return _frame(place.strip(), Clip.of(found, 1.0).area)


def _frame(name: str, shape: BaseGeometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": [name]}, geometry=[shape], crs=WGS84)


def _name_of(place: gpd.GeoDataFrame | BaseGeometry) -> str:
    named = isinstance(place, gpd.GeoDataFrame) and len(place) == 1 and "name" in place.columns
    name = place["name"].iloc[0] if named else None
    return name if isinstance(name, str) and name else "area"


def _widen(area: BaseGeometry, margin_m: float, name: str) -> BaseGeometry:
    """Draw the outline `margin_m` around an area, with few corners, as it goes into the question."""
    plane = gpd.GeoSeries([area], crs=WGS84).to_crs(utm_of(area.bounds, name))
    return plane.buffer(margin_m * 1.05, quad_segs=4).simplify(margin_m * 0.04).to_crs(WGS84).iloc[0]


def _download(osmnx: ModuleType, polygon: BaseGeometry) -> Any:
    """All ways as mapped: unsimplified, and every connected piece."""
    G = osmnx.graph_from_polygon(polygon, network_type="walk", simplify=False, retain_all=True, truncate_by_edge=True)
    if not G.number_of_edges():
        raise ValueError("no way in the answer")
    return G


def _geocode(osmnx: ModuleType, place: str) -> gpd.GeoDataFrame:
    try:
        return osmnx.geocode_to_gdf(place)
    except TypeError as error:  # how OSMnx says that none of the results is a polygon
        raise FetchError(Phrase("network.place_outline", place=place)) from error
