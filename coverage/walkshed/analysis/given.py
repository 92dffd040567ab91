"""What a study is given: every frame through the gate once, in the streets' CRS, and the stations on the streets."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.analysis.depth import depth_groups
from walkshed.analysis.intervals import Intervals, inside_polygons
from walkshed.errors import InputError, NoStationsError, NoStreetsError
from walkshed.inputs import check_area, check_people, check_stations, check_zones
from walkshed.inputs.datum import to_wgs84
from walkshed.network.streets import Streets
from walkshed.phrases import Phrase
from walkshed.reach.datum_fit import HYPOTHESES, DatumVerdict, hold_datum, settle_datum
from walkshed.reach.snap import Snapper, Snaps
from walkshed.schema import WGS84, to_crs

HULL_MARGIN_M = 100.0
"""Without a study area the outline is the hull of all street and the ground beside it."""


SHARED_GROUND = 0.001
"""A zone with less than this share of its ground in the area, or of the area's in it, only borders on it."""


@dataclass(frozen=True, eq=False)
class Borders:
    """Where polygons cut the streets; None where there are none.

    Attributes
    ----------
    area
        The street inside the study area; None where that is all street.
    zones, people
        The street inside each zone, and inside each polygon with people.
    """

    area: Intervals | None
    zones: Intervals | None
    people: Intervals | None

    @property
    def others(self) -> list[Intervals]:
        """Those beside the area's."""
        return [b for b in (self.zones, self.people) if b is not None]


@dataclass(frozen=True, eq=False)
class Given:
    """The frames of a study, checked and in the streets' CRS.

    Attributes
    ----------
    stations
        All that were read.
    area
        One row; the hull of all street if no area was given.
    has_area
        Whether one was given.
    people
        Points or polygons with `population`, or None.
    zones
        Polygons with `zone`, or None.
    reach_m
        The farthest that the largest cutoff goes, metres: stations farther from the area are outside.
    uncounted_zones
        Zones without a head count, where others have one.
    datum
        How the stations fit the streets in each datum; None where that cannot be told.
    read_as
        The datum that the stations were read in: one of `HYPOTHESES`; several, with commas, of lists put together.
    allow_no_stations
        Whether it is fine if none can be used.
    """

    stations: gpd.GeoDataFrame
    area: gpd.GeoDataFrame
    has_area: bool
    people: gpd.GeoDataFrame | None
    zones: gpd.GeoDataFrame | None
    reach_m: float
    uncounted_zones: int = 0
    datum: DatumVerdict | None = None
    read_as: str = "wgs84"
    allow_no_stations: bool = False

    def inside_area(self, frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
        """Tell which rows have a point of theirs (or they themselves) in the study area."""
        if not self.has_area:
            return np.ones(len(frame), dtype=bool)
        points = shapely.point_on_surface(frame.geometry.to_numpy())
        area = self.area.geometry.iloc[0]
        shapely.prepare(area)
        inside: NDArray[np.bool_] = shapely.intersects(area, points)
        return inside

    def borders(self, streets: Streets) -> Borders:
        """Cut the streets at every polygon given.

        Raises
        ------
        NoStreetsError
            If there is no street in the study area.
        """
        area = inside_polygons(streets, self.area.geometry.to_numpy()) if self.has_area else None
        if area is not None and not area.length_m.sum() > 0:
            raise NoStreetsError(Phrase("asked.area_no_street", source=streets.source.name), reached=True)
        zones = None if self.zones is None else inside_polygons(streets, self.zones.geometry.to_numpy())
        if self.people is None or _is_points(self.people):
            return Borders(area, zones, None)
        same = self.zones is not None and self.people.geometry.equals(self.zones.geometry)
        return Borders(area, zones, zones if same else inside_polygons(streets, self.people.geometry.to_numpy()))

    def streetless(self, zones: Intervals | None) -> int:
        """Count the zones without street."""
        return 0 if self.zones is None or zones is None else len(self.zones) - len(np.unique(zones.of))

    def stand(self, streets: Streets, snapper: Snapper, max_snap_m: float) -> Standing:
        """Put the stations on the streets.

        Parameters
        ----------
        streets, snapper
            The network, and the grid over it.
        max_snap_m
            Stations farther from any street are unsnapped.

        Raises
        ------
        NoStationsError
            If none can be used, and one must be.
        """
        xy = shapely.get_coordinates(self.stations.geometry.array)
        far = shapely.distance(self.area.geometry.iloc[0], shapely.points(xy)) > self.reach_m
        snaps = snapper.snap(xy, max_snap_m)
        status = np.where(far, "outside", np.where(snaps.found, "used", "unsnapped")).astype(object)
        if not (status == "used").any() and not self.allow_no_stations:
            raise NoStationsError(
                Phrase(
                    "asked.stations_none",
                    count=len(status),
                    outside=int(far.sum()),
                    unsnapped=int((status == "unsnapped").sum()),
                    metres=max_snap_m,
                    source=streets.source.name,
                    proviso=snapper.proviso,
                )
            )
        ids = self.stations["station_id"].to_numpy(dtype=object)
        used = np.flatnonzero(status == "used")
        used = used[np.argsort(ids[used], kind="stable")]
        own = Snaps(snaps.edge[used], snaps.at_m[used], snaps.leg_m[used], snaps.xy[used])
        category = self.stations["category"].to_numpy(dtype=object)[used]
        street = np.full(len(ids), "", dtype=object)
        street[snaps.found] = np.asarray(streets.names, dtype=object)[streets.edge_name[snaps.edge[snaps.found]]]
        frame = self.stations.assign(
            status=status,
            snap_m=np.where(snaps.found & ~far, snaps.leg_m, np.nan),
            snapped=status == "used",
            street=np.where(status == "used", street, ""),
        )
        return Standing(frame, used, own, xy[used], depth_groups(xy[used], category))


@dataclass(frozen=True, eq=False)
class Standing:
    """The stations on the streets.

    Attributes
    ----------
    stations
        All that were read, in their order, with `status`, `snap_m`, `snapped`, `street`.
    rows
        (s,) the rows of the used ones, by ascending id: so no figure depends on the order of the file.
    snaps
        Where the s used ones stand.
    given_xy
        (s, 2) where they were said to be, metres.
    depth_group
        (s,) what each counts as in the depth.
    """

    stations: gpd.GeoDataFrame
    rows: NDArray[np.int64]
    snaps: Snaps
    given_xy: NDArray[np.float64]
    depth_group: NDArray[np.int32]

    @property
    def used(self) -> gpd.GeoDataFrame:
        """The used stations, by ascending id."""
        return self.stations.iloc[self.rows].reset_index(drop=True)

    @property
    def near_stations(self) -> int:
        """Count the stations that share a depth group with another."""
        size = np.bincount(self.depth_group)
        return int(size[size > 1].sum())

    def table(self, figures: dict[str, NDArray[np.float64]]) -> gpd.GeoDataFrame:
        """Add figures of the used stations as columns; NaN for the others."""
        columns = {name: np.full(len(self.stations), np.nan) for name in figures}
        for name, values in figures.items():
            columns[name][self.rows] = values
        return self.stations.assign(**columns)


def _is_points(frame: gpd.GeoDataFrame) -> bool:
    return bool((frame.geom_type == "Point").all())


def require_reach(streets: Streets, reach_m: float) -> None:
    """Refuse streets that were read less far around their area than a walk may go.

    Raises
    ------
    InputError
        Saying how far they must be read.
    """
    read_m = streets.source.clip_budget_m
    if read_m is not None and reach_m > read_m * (1 + 1e-9):
        raise InputError(
            f"streets: they were read as far as {read_m:g} m around their area, and a walk may be "
            f"{reach_m:g} m long; read them again with budget_m={reach_m:g}"
        )


def _area_read(
    streets: Streets, area: gpd.GeoDataFrame | shapely.Geometry | None, reach_m: float
) -> gpd.GeoDataFrame | shapely.Geometry | None:
    """Hold the area against the one that the streets were read for, which stands in where none is given.

    Raises
    ------
    InputError
        If streets are missing that the figures would need.
    """
    source = streets.source
    if source.clip_area is None or source.clip_budget_m is None:
        return area
    read = shapely.from_wkb(source.clip_area)
    require_reach(streets, reach_m)
    if area is None:
        return read
    asked = check_area(area).geometry.iloc[0]
    # About a metre of slack: the area may have been mended, or projected to and fro.
    if not shapely.covers(read.buffer(1e-5), asked):
        raise InputError(
            "area: it reaches beyond the area that the streets were read for; "
            "read the streets again with this area, or without any"
        )
    return area


def hull_of(streets: Streets) -> gpd.GeoDataFrame:
    """Draw the outline that stands for the study area where none is given, in the streets' CRS."""
    # One line through the points has their hull, and is made at once.
    hull = shapely.convex_hull(shapely.linestrings(_outermost(streets.coords))).buffer(HULL_MARGIN_M)
    return gpd.GeoDataFrame({"name": [""]}, geometry=[hull], crs=streets.crs)


def of_area(polygons: gpd.GeoDataFrame, area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out the neighbours that share a border with the area, and no ground.

    Parameters
    ----------
    polygons, area
        In one CRS; the area has one row.
    """
    outline, shapes = area.geometry.iloc[0], polygons.geometry.to_numpy()
    shapely.prepare(outline)
    shared = shapely.area(shapely.intersection(shapes, outline))
    is_of_area = (shared > SHARED_GROUND * shapely.area(shapes)) | (shared > SHARED_GROUND * outline.area)
    return polygons[is_of_area].reset_index(drop=True)


def give_stations(
    streets: Streets, stations: gpd.GeoDataFrame, *, may_be_empty: bool = False
) -> tuple[gpd.GeoDataFrame, str, DatumVerdict | None]:
    """Check the stations, settle their datum or hold the one stated against the streets, and project them.

    Parameters
    ----------
    streets, stations
        As for `analyze`.
    may_be_empty
        Whether there need be no row: then there is nothing to fit.

    Returns
    -------
    stations, read_as, datum
        As in `Given`.

    Raises
    ------
    InputError
        If they cannot be used, or the streets are to tell their datum and cannot.
    """
    stations = check_stations(stations, may_be_empty=may_be_empty)
    lonlat = shapely.get_coordinates(to_crs(stations, WGS84, "stations").geometry.array)
    verdict: DatumVerdict | None
    if "datum" in stations:
        verdict = settle_datum(streets, lonlat)
        read_as = verdict.chosen
        places = gpd.points_from_xy(*to_wgs84(lonlat, read_as).T, crs=WGS84)
        stations = stations.drop(columns="datum").set_geometry(places)
        stations = stations if read_as == "wgs84" else stations.assign(read_as=read_as)
    else:
        read_as = ", ".join(sorted(set(stations.get("read_as", ())))) or "wgs84"
        verdict = hold_datum(streets, lonlat, read_as) if read_as in HYPOTHESES else None
    return to_crs(stations, streets.crs, "stations"), read_as, verdict


def give(
    streets: Streets,
    stations: gpd.GeoDataFrame,
    area: gpd.GeoDataFrame | shapely.Geometry | None,
    people: gpd.GeoDataFrame | None,
    zones: gpd.GeoDataFrame | None,
    budget_m: float,
    *,
    allow_no_stations: bool = False,
) -> Given:
    """Check every frame and project it.

    Parameters
    ----------
    streets
        The network, whose CRS all take on.
    stations, area, people, zones
        As for `analyze`.
    budget_m
        The largest cutoff as metres.
    allow_no_stations
        As for `analyze`.
    """
    reach_m = budget_m / streets.least_cost
    area = _area_read(streets, area, reach_m)
    uncounted = 0
    stations, read_as, datum = give_stations(streets, stations, may_be_empty=allow_no_stations)
    zones = None if zones is None else to_crs(check_zones(zones), streets.crs, "zones").reset_index(drop=True)
    if people is not None:
        people = to_crs(check_people(people), streets.crs, "people").reset_index(drop=True)
    elif zones is not None and "population" in zones and zones["population"].notna().any():
        uncounted = int(zones["population"].isna().sum())
        people = zones[["population", "geometry"]].fillna({"population": 0.0})
    if area is not None:
        outline = to_crs(check_area(area), streets.crs, "area")
        zones = None if zones is None else of_area(zones, outline)
        people = people if people is None or _is_points(people) else of_area(people, outline)
    else:
        outline = hull_of(streets)
    return Given(
        stations, outline, area is not None, people, zones, reach_m, uncounted, datum, read_as, allow_no_stations
    )


def _outermost(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keep, of (k, 2) points, all on their hull, and few others: none strictly within a box that lies in the hull.

    Source: S. G. Akl and G. T. Toussaint, A fast convex hull algorithm, Information Processing Letters 7 (1978); with a
    box for their quadrilateral.
    """
    x, y = xy.T
    (southwest, northeast), (northwest, southeast) = ((xy[v.argmin()], xy[v.argmax()]) for v in (x + y, x - y))
    west, east = max(southwest[0], northwest[0]), min(northeast[0], southeast[0])
    south, north = max(southwest[1], southeast[1]), min(northwest[1], northeast[1])
    within: NDArray[np.bool_] = (x > west) & (x < east) & (y > south) & (y < north)
    return xy[~within]
