"""Streets from the internet: Overpass for the streets, Nominatim for places, through OSMnx's clients."""

from __future__ import annotations

import hashlib
import json
import math
import re
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from types import ModuleType
from typing import Any, TypeVar

import geopandas as gpd
import platformdirs
from shapely.geometry.base import BaseGeometry

from walkshed.errors import FetchError, InputError, InputWarning
from walkshed.network.build import utm_of
from walkshed.network.clip import Clip
from walkshed.network.graph import build_from_graph, extra
from walkshed.network.streets import Source, Streets
from walkshed.network.tagged import FILTER_KEYS, NAME_KEYS
from walkshed.schema import WGS84, Progress, quiet, require_crs

T = TypeVar("T")

TAGS = [*FILTER_KEYS, *NAME_KEYS, "bridge", "tunnel"]
BUSY = (429, 504)
PATIENCE_S = (15.0, 60.0)
"""Waits before a busy public server is asked again; a server that the user names is not waited for."""
SERVER_S = 180
"""Seconds that Overpass may work on an answer, at least: part of the query, and so of the cache's key."""

_one_at_a_time = Lock()  # OSMnx's settings are global


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
    """
    progress("place", 0.0)
    area = fetch_area(place, nominatim=nominatim, timeout_s=timeout_s, cache=cache)
    name = str(area["name"].iloc[0])
    keep = Clip.of(area, budget_m)
    server = _Server.at(endpoint, "overpass_url", timeout_s)
    polygon = _widen(keep.area, budget_m + min_island_m, name)
    progress("streets", 0.0)
    with _folder(cache, server.url, polygon.wkb, *TAGS) as folder:
        G = _ask(server, folder, lambda osmnx: _download(osmnx, polygon), f"walkable street in {name}")
        date = _date(folder)
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
    """
    if not isinstance(place, str):
        return _frame(_name_of(place), Clip.of(place, 1.0).area)
    if not place.strip():
        raise InputError('place: is empty; give a name such as "宝应县, 扬州市", or a polygon')
    server = _Server.at(nominatim, "nominatim_url", timeout_s)
    with _folder(cache, server.url, place.strip().encode("utf-8")) as folder:
        found = _ask(server, folder, lambda osmnx: _geocode(osmnx, place.strip()), f"place called {place.strip()!r}")
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
    return osmnx.graph_from_polygon(
        polygon, network_type="walk", simplify=False, retain_all=True, truncate_by_edge=True
    )


def _geocode(osmnx: ModuleType, place: str) -> gpd.GeoDataFrame:
    try:
        return osmnx.geocode_to_gdf(place)
    except TypeError as error:  # how OSMnx says that none of the results is a polygon
        raise FetchError(
            f"{place}: Nominatim knows it only as a point or a line, without an outline; "
            "give a larger place, or a polygon"
        ) from error


@dataclass(frozen=True)
class _Server:
    """Whom to ask: `kind` is the name of OSMnx's setting."""

    url: str
    kind: str
    timeout_s: float
    public: bool

    @classmethod
    def at(cls, url: str | None, kind: str, timeout_s: float) -> _Server:
        if not (math.isfinite(timeout_s) and timeout_s > 0):
            raise InputError(f"timeout_s: must be a positive number of seconds, found {timeout_s:g}")
        base = str(url or getattr(extra("osmnx").settings, kind))
        if not re.match(r"https?://[^/]", base):
            raise InputError(f"{base}: not the address of a server; give one that starts with https://")
        return cls(re.sub(r"/(interpreter|search)?/*$", "", base), kind, timeout_s, public=url is None)

    def settings(self, folder: Path) -> dict[str, Any]:
        """OSMnx's settings for asking this server, and nothing left to what the user set for other work."""
        server_s = max(SERVER_S, math.ceil(self.timeout_s))
        theirs = extra("osmnx").settings.requests_kwargs
        return {
            self.kind: self.url,
            "all_oneway": False,
            "bidirectional_network_types": ["walk"],
            "cache_folder": folder,
            "cache_only_mode": False,
            "default_access": '["access"!~"private"]',
            "default_crs": WGS84.lower(),
            "doh_url_template": None,  # no second way out where the first does not lead anywhere
            "overpass_rate_limit": False,  # else a minute passes before it is noticed that there is no internet
            "overpass_settings": f"[out:json][timeout:{server_s}]{{maxsize}}",
            "requests_kwargs": {**theirs, "hooks": {"response": self.check}},
            "requests_timeout": self.timeout_s,
            "use_cache": True,
            "useful_tags_way": TAGS,
        }

    def check(self, response: Any, *_: Any, **__: Any) -> None:
        """Refuse an answer that is none before OSMnx keeps it: it would wait for ever, or use half of it."""
        if response.is_redirect:
            return
        if response.status_code in BUSY:
            raise _BusyError(f"{self.url}: is busy (HTTP {response.status_code}); {_remedy(self.kind)}")
        if not response.ok:
            raise self.error(f"answered HTTP {response.status_code} {response.reason}")
        try:
            answer = response.json()
        except ValueError as error:
            raise self.error(f"gave an answer that is no JSON: {response.text[:60]!r}") from error
        if self.kind == "overpass_url":
            if not isinstance(answer, dict) or not isinstance(answer.get("elements"), list):
                raise self.error("gave an answer without elements")
            if "remark" in answer:  # the part that was ready when time or memory ran out
                raise self.error(f"gave half an answer: {str(answer['remark'])[:120]}")
        elif not isinstance(answer, list):
            raise self.error("gave an answer that is no list of places")

    def error(self, what: str) -> FetchError:
        return FetchError(f"{self.url}: {what}; {_remedy(self.kind)}")


class _BusyError(FetchError):
    """The server asks to wait."""


def _remedy(kind: str) -> str:
    if kind == "nominatim_url":
        return "try again later, set nominatim=, or give the area as a polygon"
    return "try again later, set endpoint=, or use read_streets on an extract, e.g. from download.geofabrik.de"


def _ask(server: _Server, folder: Path, request: Callable[[ModuleType], T], what: str) -> T:
    """Ask once, and again where the server is busy or a kept answer is damaged."""
    for wait_s in (*(PATIENCE_S if server.public else ()), None):
        try:
            return _ask_once(server, folder, request, what)
        except _BusyError:
            if wait_s is None:
                raise
            time.sleep(wait_s)
        except (json.JSONDecodeError, UnicodeDecodeError):
            _forget(folder)
    return _ask_once(server, folder, request, what)


def _ask_once(server: _Server, folder: Path, request: Callable[[ModuleType], T], what: str) -> T:
    from requests import RequestException, Timeout

    try:
        with _settings(server.settings(folder)) as osmnx:
            return request(osmnx)
    except Timeout as error:
        raise server.error(f"did not answer within {server.timeout_s:g} s") from error
    except RequestException as error:
        raise server.error("cannot be reached: no internet, or the server is down") from error
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError as error:  # what OSMnx raises when the answer holds nothing
        _forget(folder)
        raise FetchError(f"{server.url}: found no {what} ({error}); check its name, or give another area") from error
    except (KeyError, TypeError, AttributeError) as error:
        _forget(folder)
        raise server.error(f"gave an answer that cannot be understood ({type(error).__name__}: {error})") from error


@contextmanager
def _settings(values: dict[str, Any]) -> Iterator[ModuleType]:
    """Lend OSMnx other settings; it also changes how the whole process finds addresses, which is undone."""
    osmnx = extra("osmnx")
    with _one_at_a_time:
        before = {key: getattr(osmnx.settings, key) for key in values}
        getaddrinfo = socket.getaddrinfo
        try:
            for key, value in values.items():
                setattr(osmnx.settings, key, value)
            yield osmnx
        finally:
            socket.getaddrinfo = getaddrinfo
            for key, value in before.items():
                setattr(osmnx.settings, key, value)


@contextmanager
def _folder(cache: str | Path | None, *key: str | bytes) -> Iterator[Path]:
    """Find the folder for the answers to one question; a passing one where none can be made."""
    base = Path(cache) if cache is not None else Path(platformdirs.user_cache_dir("walkshed", False)) / "fetched"
    digest = hashlib.sha256(b"\0".join(k.encode("utf-8") if isinstance(k, str) else k for k in key)).hexdigest()
    folder = base / digest[:20]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "writable").touch()
        (folder / "writable").unlink()
    except OSError as error:
        warnings.warn(f"{base}: cannot be written ({error}); answers are not kept", InputWarning, stacklevel=4)
        with TemporaryDirectory() as passing:
            yield Path(passing)
        return
    yield folder


def _forget(folder: Path) -> None:
    for kept in folder.glob("*.json"):
        kept.unlink()


def _date(folder: Path) -> str | None:
    """The data's date, as Overpass states it at the head of each answer."""
    dates = []
    for kept in folder.glob("*.json"):
        with kept.open(encoding="utf-8") as file:
            stated = re.search(r'"timestamp_osm_base": "(\d{4}-\d\d-\d\d)', file.read(2000))
        dates += [stated[1]] if stated else []
    return min(dates, default=None)
