"""What stands in a study's files, and where it stands on the streets: all that is told before any figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.analysis.given import Given, give, give_stations
from walkshed.analysis.notes import contradiction
from walkshed.errors import InputError
from walkshed.inputs.datum import AUTO, TITLES
from walkshed.inputs.understood import Finding, Level, Understood
from walkshed.network.streets import Streets
from walkshed.reach.barriers import barriers_of
from walkshed.reach.datum_fit import DatumVerdict
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import Walk
from walkshed.schema import WGS84

FARTHEST = 10
"""Stations listed by the length of their leg."""

LONG_LEG_M = 50.0
"""A station whose leg to the street is longer may stand in the wrong place: most doors are nearer."""

Rows = Callable[[], Sequence[int]]
"""Hands out the row numbers of the people's file; called only where rows are to be named."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Checked:
    """What was understood of a study's files.

    Attributes
    ----------
    understood
        Of the stations' file.
    stations
        EPSG:4326, as read, with `status` (used, unsnapped, outside; "read" without streets), `snap_m` and
        `street` where there are streets.
    findings
        What is odd in the stations, then on the streets, then of the people.
    streets
        The network, where there is one.
    datum
        Which datum the list as it was read fits best; None without streets, or where that cannot be told.
    people_rows, people
        Rows of the people's file and their head count.
    zones
        How many there are.
    said
        What readers said.
    """

    understood: Understood
    stations: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    streets: Streets | None = None
    datum: DatumVerdict | None = None
    people_rows: int | None = None
    people: float | None = None
    zones: int | None = None
    said: tuple[str, ...] = ()

    @property
    def warnings(self) -> int:
        """How many things touch the figures: what ``--strict`` refuses."""
        return sum(f.level == "warning" for f in self.findings) + len(self.said)

    @property
    def status(self) -> dict[str, int]:
        """How many stations there are of each status, the most first."""
        return {str(k): int(n) for k, n in self.stations["status"].value_counts().items()}

    @property
    def farthest(self) -> gpd.GeoDataFrame:
        """The stations with the longest legs, `FARTHEST` of them."""
        if "snap_m" not in self.stations:
            return self.stations.iloc[:0]
        legs = self.stations.dropna(subset="snap_m")
        return legs.sort_values("snap_m", ascending=False, kind="stable").head(FARTHEST)


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyFrames:
    """What stands beside the stations; all may be missing.

    Attributes
    ----------
    area, people, zones
        As for `analyze`.
    people_rows
        Hands out the row numbers of the people's file.
    people_source
        What that file is called.
    """

    area: gpd.GeoDataFrame | None = None
    people: gpd.GeoDataFrame | None = None
    people_rows: Rows | None = None
    people_source: str = ""
    zones: gpd.GeoDataFrame | None = None


def check(
    stations: gpd.GeoDataFrame,
    understood: Understood,
    streets: Streets | None = None,
    beside: StudyFrames | None = None,
    *,
    walk: Walk,
    allow_no_stations: bool = False,
) -> Checked:
    """Check a study's frames, on the streets if there are any.

    Parameters
    ----------
    stations, understood
        As `understand_stations` gives them.
    streets
        Without them the stations are not put on streets.
    beside
        The study's other frames.
    walk
        How far people walk, and how far from a street a station may stand.
    allow_no_stations
        As for `analyze`.

    Raises
    ------
    InputError
        If no station can be used and one must be, or a frame cannot.
    """
    beside = beside or StudyFrames()
    people, zones, findings = beside.people, beside.zones, list(understood.findings)
    datum = None
    if streets is None:
        stations = stations.assign(status="read")
    else:
        snapper = Snapper(streets, barriers_of(streets, walk))
        listed, is_open = _left_open(streets, stations)
        budget_m = walk.budget_m(walk.largest)
        given = give(streets, listed, beside.area, people, None, budget_m, allow_no_stations=allow_no_stations)
        datum = given.datum
        findings += [Finding("datum_open", "warning")] if is_open else _of_datum(datum, given.read_as)
        stations = given.stand(streets, snapper, walk.max_snap).stations.to_crs(WGS84)
        stations = stations.assign(datum=AUTO) if is_open else stations
        findings += _of_stations(stations, walk)
        if people is not None:
            odd = _of_people(given, snapper, walk, beside.people_rows)
            findings += [replace(finding, source=beside.people_source) for finding in odd]
    return Checked(
        understood=understood,
        stations=stations,
        findings=tuple(findings),
        streets=streets,
        datum=datum,
        people_rows=None if people is None else len(people),
        people=None if people is None else float(people["population"].sum()),
        zones=None if zones is None else len(zones),
    )


def _left_open(streets: Streets, stations: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, bool]:
    """Take the list for WGS 84 where the streets are to tell its datum, and cannot."""
    if "datum" not in stations:
        return stations, False
    try:
        give_stations(streets, stations, may_be_empty=True)
    except InputError:
        return stations.drop(columns="datum"), True
    return stations, False


def _of_datum(datum: DatumVerdict | None, read_as: str) -> list[Finding]:
    """Find that the streets cannot tell the datum, or speak for another than the one stated."""
    if datum is None and read_as != "wgs84":
        return [Finding("datum_unconfirmed", "note", (), {"title": TITLES[read_as]})]
    if datum is None:
        return [Finding("datum_untold", "note")]
    return [contradiction(datum)] if datum.contradicts else []


def _of_stations(stations: gpd.GeoDataFrame, walk: Walk) -> list[Finding]:
    """Find the stations that do not stand on a street, or far from one."""
    status, row = stations["status"].to_numpy(), stations["row"].to_numpy()
    odd: list[tuple[str, Level, NDArray[np.bool_], dict[str, str]]] = [
        (
            "unsnapped_clear" if walk.barriers else "unsnapped",
            "warning",
            status == "unsnapped",
            {"max_snap": f"{walk.max_snap:g}"},
        ),
        ("outside", "note", status == "outside", {"budget": f"{walk.budget_m(walk.largest):,.0f}"}),
        (
            "long_leg",
            "note",
            (status == "used") & (stations["snap_m"].to_numpy() > LONG_LEG_M),
            {"leg": f"{LONG_LEG_M:g}"},
        ),
    ]
    return [Finding(code, level, tuple(row[at].tolist()), values) for code, level, at, values in odd if at.any()]


def _of_people(given: Given, snapper: Snapper, walk: Walk, people_rows: Rows | None) -> list[Finding]:
    """Find people outside the area, and people whom no street is near; polygons lie on many streets."""
    people = given.people
    if people is None or (people.geom_type != "Point").any():
        return []
    inside = given.inside_area(people)
    near = snapper.snap(shapely.get_coordinates(people.geometry.array), walk.max_snap).found
    unknown = "people_unknown_clear" if walk.barriers else "people_unknown"
    odd: dict[str, NDArray[np.bool_]] = {"people_outside": ~inside, unknown: inside & ~near}
    heads = people["population"].to_numpy()
    odd = {code: mask & (heads > 0) for code, mask in odd.items()}
    rows = None if people_rows is None or not any(m.any() for m in odd.values()) else np.asarray(people_rows())
    return [
        Finding(
            code,
            "note" if code == "people_outside" else "warning",
            () if rows is None or len(rows) != len(mask) else tuple(rows[mask].tolist()),
            {"people": f"{heads[mask].sum():,.0f}", "count": f"{int(mask.sum()):,}", "max_snap": f"{walk.max_snap:g}"},
        )
        for code, mask in odd.items()
        if mask.any()
    ]
