"""What lies around the streets: water, rail, walls, buildings, places and hosts, told by their OSM tags."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from walkshed.network.clip import Box
from walkshed.network.polylines import Placed, Polylines, offsets_of
from walkshed.network.sea import Shapes, sea_within
from walkshed.network.streets import Surroundings, SurroundingsLater
from walkshed.network.walkable import Tags
from walkshed.schema import WGS84

WATERWAYS = ("river", "canal", "stream")
RAILWAYS = ("rail", "light_rail", "subway", "tram", "monorail", "narrow_gauge")
CROSSABLE = ("tram", "monorail")
"""Railways in the street or on a beam."""
WALLS = ("wall", "city_wall", "retaining_wall", "fence")
PLACES = ("city", "town", "suburb", "village", "neighbourhood", "quarter", "hamlet", "locality")
HOSTS: dict[str, tuple[str, ...]] = {
    "amenity": (
        *("bank", "clinic", "community_centre", "courthouse", "doctors", "fire_station", "fuel", "hospital"),
        *("library", "pharmacy", "police", "post_office", "social_facility", "townhall"),
    ),
    "office": ("government", "energy", "power_utility", "telecommunication", "water_utility"),
    "shop": ("convenience", "supermarket"),
}

NODE_TAGS = [("place", p) for p in PLACES] + [(key, value) for key, values in HOSTS.items() for value in values]
WAY_KEYS = ("highway", "building", "natural", "waterway", "railway", "amenity", "office", "shop", "barrier")
"""Ways with none of these are passed over unseen."""

SEA, SHORE = "sea", "shore"
"""Parts of water: polygons of the sea, and the coastlines along them."""

WAY_LAYERS = ("water", "river", "coast", "rail", "wall", "building", "host")

Ring = NDArray[np.float64]
_Point = tuple[float, float, str, str]


def name_of(tags: Tags) -> str:
    """Find the local name, else the Chinese or the English one, else ""."""
    return tags.get("name", "") or tags.get("name:zh", "") or tags.get("name:en", "")


def host_kind(tags: Tags) -> str:
    """Tell which kind of public counter this is; "" if it is none."""
    return next((tags.get(key, "") for key, kinds in HOSTS.items() if tags.get(key, "") in kinds), "")


def area_kind(tags: Tags) -> str:
    """Tell whether an area is "water" or a "building"; "" if neither."""
    if tags.get("building", "no") != "no":
        return "building"
    return "water" if tags.get("natural", "") == "water" or tags.get("waterway", "") == "riverbank" else ""


def is_crossable(tags: Tags) -> bool:
    """Tell whether a railway can be crossed anywhere along it."""
    return tags.get("railway", "") in CROSSABLE or any(tags.get(key, "no") != "no" for key in ("tunnel", "bridge"))


def way_kind(tags: Tags) -> str:
    """Tell what a way is, that is no street: an area, a "river", "coast", "rail", "wall" or "host"; "" if nothing."""
    if kind := area_kind(tags):
        return kind
    if tags.get("natural", "") == "coastline":
        return "coast"
    if tags.get("waterway", "") in WATERWAYS:
        return "river" if tags.get("tunnel", "no") == "no" else ""
    if tags.get("railway", "") in RAILWAYS:
        return "rail"
    if tags.get("barrier", "") in WALLS:
        return "wall"
    return "host" if host_kind(tags) else ""


def layers_of(tags: Tags) -> dict[str, Any]:
    """Tell in which layers a way belongs that is no street, and what is noted of it there; in most cases one, or none.

    Rail is noted by whether it is in a tunnel and can be crossed, a host by its kind.
    """
    layers: dict[str, Any] = {}
    if not (kind := way_kind(tags)):
        return layers
    if kind not in ("coast", "wall", "host"):
        layers[kind] = (tags.get("tunnel", "no") != "no", is_crossable(tags))
    if tags.get("natural", "") == "coastline":  # of a mole or a fort, too
        layers["coast"] = None
    if tags.get("barrier", "") in WALLS:  # of a pond or a school, too
        layers["wall"] = None
    if counter := host_kind(tags):
        layers["host"] = counter
    return layers


def drawn_water(around: Surroundings) -> gpd.GeoDataFrame:
    """Give water as it is drawn: a shore is the edge of the sea, and no line of its own."""
    return around.water[_part(around.water) != SHORE]


def banks(around: Surroundings) -> Shapes:
    """List the lines of water that nobody steps over: not where the sea merely ends, since nothing is known beyond."""
    shapes = around.water.geometry.to_numpy()
    flat = shapely.get_dimensions(shapes) == 2
    outlines = shapely.boundary(shapes[flat & (_part(around.water) != SEA)])
    lines: Shapes = np.concatenate((outlines, shapes[~flat]))
    return lines


def barrier_lines(around: Surroundings) -> Shapes:
    """List all lines that a straight leg may not cross: banks, railways on the ground, and walls."""
    rail = around.rail[~around.rail["crossable"].astype(bool)] if len(around.rail) else around.rail
    lines: Shapes = np.concatenate((banks(around), rail.geometry.to_numpy(), around.walls.geometry.to_numpy()))
    return lines


def _part(water: gpd.GeoDataFrame) -> NDArray[np.object_]:
    part: NDArray[np.object_] = water["part"].to_numpy(dtype=object) if "part" in water else np.full(len(water), "")
    return part


@dataclass
class _Layer:
    """Ways of one kind, each with its name and one thing more."""

    lines: Any = field(default_factory=Polylines)  # or Placed
    names: list[str] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.names)

    def add(self, outline: str, name: str, note: Any) -> None:
        self.lines.add(outline)
        self.names.append(name)
        self.notes.append(note)


class Collector:
    """Takes in what is met on the way through a file, and makes the frames at the end."""

    def __init__(self) -> None:
        self._places: list[_Point] = []
        self._hosts: list[_Point] = []
        self._areas: dict[str, list[tuple[str, list[Ring]]]] = {"water": [], "building": []}
        self.forget_ways()

    def forget_ways(self) -> None:
        """Start the ways anew: the file is read a second time."""
        self._ways = {kind: _Layer() for kind in WAY_LAYERS}

    def add_node(self, lon: float, lat: float, tags: Tags) -> None:
        """Take in a place that has a name, or a host."""
        if tags.get("place", "") in PLACES and name_of(tags):
            self._places.append((lon, lat, name_of(tags), tags.get("place", "")))
        if kind := host_kind(tags):
            self._hosts.append((lon, lat, name_of(tags), kind))

    def add_way(self, outline: str, tags: Tags) -> None:
        """Take in a way that is no street."""
        for layer, note in layers_of(tags).items():
            self._ways[layer].add(outline, name_of(tags), note)

    def take_ways(self, layer: str, lines: Placed, names: list[str], notes: list[Any]) -> None:
        """Take in all ways of a layer at once."""
        self._ways[layer] = _Layer(lines, names, notes)

    def add_area(self, kind: str, name: str, rings: list[Ring]) -> None:
        """Take in water or a building of several ways: outlines, islands and all."""
        self._areas[kind].append((name, rings))

    def frames(self, crs: str, box: Box) -> Surroundings | None:
        """Hand out the frames, cut at `box` (degrees), each to be made when it is first asked for.

        Returns
        -------
        Surroundings or None
            None if there is nothing at all.
        """
        if not (self._places or self._hosts or any(self._areas.values()) or any(map(len, self._ways.values()))):
            return None
        return SurroundingsLater(partial(self._frame, _Plane(crs, box)))

    def _frame(self, plane: _Plane, name: str) -> gpd.GeoDataFrame:
        ways = self._ways
        if name == "water":
            sea = sea_within(plane.box, _lines(ways["coast"]))
            whole = np.concatenate([_polygons(ways["water"]), _lines(ways["river"]), self._joined("water")])
            shores, nameless = [ways["coast"].names[i] for i in sea.coast.tolist()], [""] * len(sea.parts)
            parts = [""] * len(whole), [SHORE if is_shore else "" for is_shore in sea.is_shore], [SEA] * len(sea.parts)
            return plane.frame(
                np.concatenate([plane.cut(whole), sea.lines, sea.parts]),  # to cut the sea again may turn it inside out
                name=_texts(ways["water"].names, ways["river"].names, self._names("water"), shores, nameless),
                part=_texts(*parts),
            )
        if name == "rail":
            return plane.frame(
                plane.cut(_lines(ways["rail"])),
                name=_texts(ways["rail"].names),
                tunnel=np.array([tunnel for tunnel, _ in ways["rail"].notes], dtype=np.bool_),
                crossable=np.array([crossable for _, crossable in ways["rail"].notes], dtype=np.bool_),
            )
        if name == "walls":
            return plane.frame(plane.cut(_lines(ways["wall"])), name=_texts(ways["wall"].names))
        if name == "buildings":
            return plane.frame(
                np.concatenate([_polygons(ways["building"]), self._joined("building")]),
                name=_texts(ways["building"].names, self._names("building")),
            )
        if name == "places":
            return plane.points(self._places, "place")
        return plane.points([*self._hosts, *_centres(ways["host"])], "kind")

    def _joined(self, kind: str) -> Shapes:
        shapes = np.full(len(self._areas[kind]), None, dtype=object)
        for i, (_, rings) in enumerate(self._areas[kind]):
            shapes[i] = _joined(rings)
        return _mended(shapes)

    def _names(self, kind: str) -> list[str]:
        return [name for name, _ in self._areas[kind]]


class _Plane:
    """From degrees to metres, within a box."""

    def __init__(self, crs: str, box: Box) -> None:
        self._crs, self.box = crs, box
        self._transform = Transformer.from_crs(WGS84, crs, always_xy=True).transform

    def cut(self, shapes: Shapes) -> Shapes:
        within: Shapes = shapely.clip_by_rect(shapes, *self.box)
        return within

    def frame(self, shapes: Shapes, **columns: NDArray[Any]) -> gpd.GeoDataFrame:
        inside = np.asarray(shapely.intersects(shapes, shapely.box(*self.box)), dtype=np.bool_)
        shapes = shapely.transform(shapes[inside], lambda xy: np.column_stack(self._transform(*xy.T)))
        kept = {key: values[inside] for key, values in columns.items()}
        return gpd.GeoDataFrame(kept, geometry=shapes, crs=self._crs)

    def points(self, rows: list[_Point], column: str) -> gpd.GeoDataFrame:
        lonlat = np.array([row[:2] for row in rows], dtype=np.float64).reshape(-1, 2)
        texts: dict[str, Any] = {"name": _texts([row[2] for row in rows]), column: _texts([row[3] for row in rows])}
        return self.frame(shapely.points(lonlat), **texts)


def _texts(*parts: list[str]) -> NDArray[np.object_]:
    return np.array([text for part in parts for text in part], dtype=object)


def _centres(layer: _Layer) -> Iterator[_Point]:
    for shape, name, kind in zip(_polygons(layer), layer.names, layer.notes, strict=True):
        if shape is not None:
            yield shape.centroid.x, shape.centroid.y, name, kind


def _polygons(layer: _Layer) -> NDArray[np.object_]:
    """Make a polygon of each ring; None where a ring is open, or not all of it is in the file."""
    lonlat, offsets = layer.lines.lonlat(), offsets_of(layer.lines.sizes)
    made = np.full(len(layer), None, dtype=object)
    if not len(made):
        return made
    first, last = offsets[:-1], offsets[1:] - 1
    missing = np.add.accumulate(np.r_[0, np.isnan(lonlat[:, 0])])
    good = (last - first >= 3) & (missing[last + 1] == missing[first])
    good[good] = (lonlat[first[good]] == lonlat[last[good]]).all(axis=1)
    part = np.repeat(np.arange(len(made)), np.diff(offsets))
    rings = shapely.linearrings(lonlat[good[part]], indices=np.cumsum(good)[part[good[part]]] - 1)
    made[good] = _mended(shapely.polygons(rings))
    return made


def _lines(layer: _Layer) -> NDArray[np.object_]:
    """Make a line of each way, in parts where some of it is not in the file."""
    lonlat, offsets = layer.lines.lonlat(), offsets_of(layer.lines.sizes)
    made = np.full(len(layer), None, dtype=object)
    if not len(made):
        return made
    missing = np.add.accumulate(np.r_[0, np.isnan(lonlat[:, 0])])
    size, broken = np.diff(offsets), missing[offsets[1:]] > missing[offsets[:-1]]
    whole = ~broken & (size > 1)
    points = np.repeat(whole, size)
    made[whole] = shapely.linestrings(lonlat[points], indices=np.repeat(np.arange(whole.sum()), size[whole]))
    for i in np.flatnonzero(broken):
        xy = lonlat[offsets[i] : offsets[i + 1]]
        parts = [p[~np.isnan(p[:, 0])] for p in np.split(xy, np.flatnonzero(np.isnan(xy[:, 0])))]
        parts = [p for p in parts if len(p) > 1]
        if parts:
            made[i] = shapely.LineString(parts[0]) if len(parts) == 1 else shapely.MultiLineString(parts)
    return made


def _joined(members: list[Ring]) -> shapely.Geometry | None:
    """Close the members to rings; what lies in an odd number of them belongs to the area."""
    lines = [shapely.LineString(m) for m in members if len(m) > 1 and not np.isnan(m).any()]
    return shapely.build_area(shapely.union_all(lines)) if lines else None


def _mended(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """Mend what crosses itself; None where no surface is left."""
    wrong = ~shapely.is_valid(polygons) & ~shapely.is_missing(polygons)
    polygons[wrong] = [_surface(p) for p in shapely.make_valid(polygons[wrong])]
    polygons[shapely.is_empty(polygons)] = None
    return polygons


def _surface(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
