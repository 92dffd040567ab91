"""``Clip``: the study area and how far around it the streets are kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import cos, isfinite, radians
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from walkshed.errors import InputError, NoStreetsError, warn_user
from walkshed.phrases import Phrase
from walkshed.schema import WGS84, to_crs

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

LEAST_METRES_PER_DEGREE = 110_500.0  # of latitude, at the equator: so boxes come out too wide
PLANAR = 1.01  # UTM and geodesic metres differ by less than this, so that nothing within reach is lost


@dataclass(frozen=True, eq=False)
class Clip:
    """What to keep: the streets that come within one budget of an area.

    Attributes
    ----------
    area
        Valid (multi)polygon, WGS 84.
    budget_m
        Straight distance in metres.
    """

    area: BaseGeometry
    budget_m: float

    @classmethod
    def of(cls, area: gpd.GeoDataFrame | gpd.GeoSeries | BaseGeometry, budget_m: float) -> Clip:
        """Check what the user gave; the union of a frame is taken.

        Raises
        ------
        InputError
            If `area` is not a polygon in degrees, or `budget_m` not a positive number.
        CRSError
            If a frame states no coordinate system.
        """
        if not (isfinite(budget_m) and budget_m > 0):
            raise InputError(f"budget_m: must be a positive number of metres, found {budget_m:g}")
        return cls(_polygon(area), float(budget_m))

    def box(self, margin_m: float = 0.0) -> Box:
        """Bound all that lies within `margin_m` of the area, in degrees; never too small."""
        return widen(self.area.bounds, margin_m)

    def misses(self, what: str, streets: Box) -> NoStreetsError:
        """Say that the area lies elsewhere, with both boxes; or, where they reach it, that it has none."""
        west, south, east, north = self.box()
        reached = west <= streets[2] and streets[0] <= east and south <= streets[3] and streets[1] <= north
        boxes = {"area": say_box(self.box()), "streets": say_box(streets)}
        code = "network.bare" if reached else "network.misses"
        if reached and east - west > 180:  # no plane holds it, so that nothing in it is near it
            code = "network.globe"
        return NoStreetsError(Phrase(code, source=what, metres=self.budget_m, **boxes), reached=reached)

    def described(self) -> dict[str, Any]:
        """Say exactly what is kept, for the key of a stored network."""
        return {"area": hashlib.sha256(shapely.to_wkb(self.area)).hexdigest(), "budget_m": self.budget_m}

    def segments_near(
        self, xy: NDArray[np.float64], lo: NDArray[np.int32], hi: NDArray[np.int32], crs: str
    ) -> NDArray[np.bool_]:
        """Tell which of the segments between the points `xy` (metres in `crs`) come within one budget."""
        area = self._planar(crs)
        reach = self.budget_m * PLANAR
        near_node = shapely.dwithin(area, shapely.points(xy), reach)
        near = near_node[lo] | near_node[hi]
        west, south, east, north = area.bounds
        a, b = xy[lo], xy[hi]
        least, most = np.minimum(a, b), np.maximum(a, b)
        crosses = (least <= (east + reach, north + reach)) & (most >= (west - reach, south - reach))
        rest = np.flatnonzero(~near & crosses.all(axis=1))  # long ones, which pass between their nodes
        lines = shapely.linestrings(np.stack([a[rest], b[rest]], axis=1))
        near[rest] = shapely.dwithin(area, lines, reach)
        return np.asarray(near)

    def beyond(self, xy: NDArray[np.float64], margin_m: float, crs: str) -> NDArray[np.bool_]:
        """Tell which points lie farther from the area than one budget and `margin_m`."""
        reach = (self.budget_m + margin_m) * PLANAR
        return ~np.asarray(shapely.dwithin(self._planar(crs), shapely.points(xy), reach))

    def _planar(self, crs: str) -> BaseGeometry:
        to_plane = Transformer.from_crs(WGS84, crs, always_xy=True)
        area = shapely.transform(self.area, lambda xy: np.column_stack(to_plane.transform(*xy.T)))
        shapely.prepare(area)
        return area


def widen(box: Box, margin_m: float) -> Box:
    """Widen a box in degrees by at least `margin_m` on every side."""
    west, south, east, north = box
    up = margin_m / LEAST_METRES_PER_DEGREE
    furthest = min(max(abs(south), abs(north)) + up, 89.0)
    across = up / cos(radians(furthest))
    return west - across, south - up, east + across, north + up


def say_box(box: Box) -> str:
    """Write a box for a message: west, south, east, north."""
    return ", ".join(f"{degrees:.4f}" for degrees in box)


def _polygon(area: gpd.GeoDataFrame | gpd.GeoSeries | BaseGeometry) -> BaseGeometry:
    if isinstance(area, gpd.GeoDataFrame | gpd.GeoSeries):
        frame = area.to_frame("geometry") if isinstance(area, gpd.GeoSeries) else area
        shapes = to_crs(frame, WGS84, "area").geometry.dropna().to_numpy()
    elif isinstance(area, BaseGeometry):
        shapes = np.array([area], dtype=object)
    else:
        raise InputError(f"area: must be a GeoDataFrame or a polygon, found {type(area).__name__}; read it first")
    shapes = shapes[~shapely.is_empty(shapes)] if len(shapes) else shapes
    wrong = sorted({s.geom_type for s in shapes} - {"Polygon", "MultiPolygon"})
    if wrong or not len(shapes):
        raise InputError(Phrase("asked.area_shape", found=", ".join(wrong) or Phrase("asked.nothing")))
    if not shapely.is_valid(shapes).all():
        warn_user(Phrase("network.area_mended"))
        shapes = shapely.make_valid(shapes)
    return _in_degrees(shapely.union_all([_polygons_of(s) for s in shapes]))


def _polygons_of(shape: BaseGeometry) -> BaseGeometry:
    """Drop the lines and points that mending can leave."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def _in_degrees(area: BaseGeometry) -> BaseGeometry:
    if area.is_empty:
        raise InputError(Phrase("asked.area_flat"))
    west, south, east, north = area.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise InputError(Phrase("asked.area_degrees", found=say_box(area.bounds)))
    return shapely.normalize(area)
