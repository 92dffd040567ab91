"""``compare``: two results set against each other: what is newly covered, what is lost, what stays.

Both networks are cut where either result changes, so that each stretch is one thing in both, and the figures add up:
kept + gained is what is covered after, kept + lost what was before, and all four what street there is. Where the
networks differ, street is matched as `matching` says; what only one of them has is ``new`` or ``gone``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from walkshed import __version__
from walkshed.analysis.intervals import add_up, inside_polygons
from walkshed.analysis.notes import Note
from walkshed.analysis.result import Coverage
from walkshed.analysis.stretches import Key
from walkshed.comparing.common_ground import GAINED, LOST, CommonGround, common_ground, street_frame
from walkshed.comparing.common_people import CommonPeople
from walkshed.comparing.matching import MATCH_M
from walkshed.comparing.moves import CHANGES, station_changes
from walkshed.errors import InputError
from walkshed.phrases import Phrase

SAME_AREA = 0.001
"""Areas that differ by less than this share of their ground are one area, drawn twice."""

SIDE_BY_SIDE = ("street_km", "street_share", "people", "people_share")


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Two results of one area. Frames are in the CRS of the newer one; their columns are in ARCHITECTURE.md.

    Attributes
    ----------
    before, after
        The results.
    names
        What to call them.
    cutoffs
        The cutoffs that both have, in minutes.
    ground
        The street of both, cut where either changes.
    coverage
        One row a cutoff: street and people before and after, and what became of them.
    zones
        One row a zone and cutoff; None where the two have no zones in common.
    stations
        One row a station: added, removed, moved, kept.
    people
        One row a point with people, with what became of them; None where they did not come as the same points.
    notes
        What a reader must know beside the figures.
    summary
        The figures, as ``summary.json`` holds them.

    Examples
    --------
    >>> after = ws.analyze_again(result, stations[stations["station_id"] != "AH004"])
    >>> comparison = ws.compare(result, after)
    >>> sorted(comparison.streets["change_15"].unique()), comparison.crs
    (['kept', 'lost', 'never'], 'EPSG:32650')
    >>> changes = comparison.stations
    >>> changes.loc[changes["change"] != "kept", ["station_id", "change"]].values.tolist()
    [['AH004', 'removed']]
    """

    before: Coverage
    after: Coverage
    names: tuple[str, str]
    cutoffs: tuple[float, ...]
    ground: CommonGround
    coverage: pd.DataFrame
    zones: gpd.GeoDataFrame | None
    stations: gpd.GeoDataFrame
    people: gpd.GeoDataFrame | None
    notes: tuple[Note, ...]
    summary: dict[str, Any]

    @property
    def crs(self) -> str:
        """The CRS of all frames."""
        return self.after.crs

    @cached_property
    def streets(self) -> gpd.GeoDataFrame:
        """One row a stretch inside the area: what became of it at each cutoff, minutes before and after."""
        now = street_frame(self.ground, self.ground.rows, self.cutoffs)
        if not len(self.ground.gone):
            return now
        gone = street_frame(self.ground, self.ground.gone, self.cutoffs).to_crs(self.crs)
        return pd.concat([now, gone], ignore_index=True)

    def __repr__(self) -> str:
        """Say the change at the largest cutoff."""
        last = self.coverage.iloc[-1]
        return (
            f"Comparison({last['cutoff_min']:g} min: {last['street_share_before']:.1%} -> "
            f"{last['street_share_after']:.1%} of street, {last['gained_km']:,.1f} km gained, "
            f"{last['lost_km']:,.1f} km lost)"
        )


def compare(before: Coverage, after: Coverage, *, names: tuple[str, str] = ("", "")) -> Comparison:
    """Set two results of one area against each other.

    They may differ in their stations, their streets, and their settings.

    Parameters
    ----------
    before, after
        What `analyze` returned, with at least one cutoff in common.
    names
        What to call them in reports, such as the names of their files.

    Returns
    -------
    Comparison
        ``coverage`` of each cutoff before and after, and frames of streets, zones, stations and people by what changes.

    Raises
    ------
    InputError
        If they have no cutoff in common, or are of different areas.

    Examples
    --------
    >>> after = ws.analyze_again(result, stations[stations["station_id"] != "AH004"])
    >>> comparison = ws.compare(result, after)
    >>> comparison
    Comparison(15 min: 68.8% -> 67.9% of street, 0.0 km gained, 6.4 km lost)
    """
    for result in (before, after):
        if not isinstance(result, Coverage):
            raise InputError(f"compare: found {type(result).__name__}; give two results of walkshed.analyze")
    cutoffs = tuple(c for c in after.walk.cutoffs if c in before.walk.cutoffs)
    if not cutoffs:
        had, has = (", ".join(f"{c:g}" for c in r.walk.cutoffs) for r in (before, after))
        raise InputError(Phrase("change.refused_cutoffs", before=had, after=has))
    _refuse_other_area(before, after)
    ground = common_ground(before, after)
    people = CommonPeople(ground)
    coverage = pd.DataFrame([_coverage_row(ground, people, c) for c in cutoffs])
    stations = station_changes(before.stations.to_crs(after.crs), after.stations)
    zones = _common_zones(before, after)
    return Comparison(
        before=before,
        after=after,
        names=names,
        cutoffs=cutoffs,
        ground=ground,
        coverage=coverage,
        zones=None if zones is None else _zone_table(ground, people, *zones, cutoffs),
        stations=stations,
        people=people.frame(cutoffs),
        notes=_notes(ground, people, cutoffs, zones is not None),
        summary=_summary(ground, coverage, stations, names),
    )


def _refuse_other_area(before: Coverage, after: Coverage) -> None:
    if before.given.has_area != after.given.has_area:
        raise InputError(Phrase("change.refused_one_area"))
    if not after.given.has_area:
        return
    a, b = before.area.to_crs(after.crs).geometry.iloc[0], after.area.geometry.iloc[0]
    if a.symmetric_difference(b).area > SAME_AREA * b.area:
        common = a.intersection(b).area
        raise InputError(Phrase("change.refused_areas", before=a.area / 1e6, after=b.area / 1e6, common=common / 1e6))


def _coverage_row(ground: CommonGround, people: CommonPeople, cutoff: float) -> dict[str, Any]:
    row: dict[str, Any] = {"cutoff_min": cutoff}
    for side, result in (("before", ground.before), ("after", ground.after)):
        own = next(r for r in result.summary["coverage"] if r["cutoff_min"] == cutoff)
        row |= {f"{column}_{side}": own[column] for column in SIDE_BY_SIDE}
    return row | ground.street_km(cutoff) | people.totals(cutoff)


def _common_zones(before: Coverage, after: Coverage) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame] | None:
    """Hand out the zones' tables of both, if they are of the same zones."""
    had, has = before.zones, after.zones
    if had is None or has is None or had["zone"].tolist() != has["zone"].tolist():
        return None
    apart = shapely.area(shapely.symmetric_difference(had.to_crs(has.crs).geometry.to_numpy(), has.geometry.to_numpy()))
    return (had, has) if (apart <= SAME_AREA * has.area.to_numpy()).all() else None


def _zone_table(
    ground: CommonGround,
    people: CommonPeople,
    had: gpd.GeoDataFrame,
    has: gpd.GeoDataFrame,
    cutoffs: tuple[float, ...],
) -> gpd.GeoDataFrame:
    """Set the zones' tables side by side, with the street and the people gained and lost in each."""
    inside = inside_polygons(ground.after.network, has.geometry.to_numpy())
    row, zone = Key(ground.rows.edge, ground.rows.from_m, ground.rows.to_m).pairs(inside)
    shares = [_zone_people(people, has, c) for c in cutoffs]
    tables = []
    for cutoff, heads in zip(cutoffs, shares, strict=True):
        change, km = ground.change(cutoff)[row], ground.rows.length_m[row] / 1000
        columns: dict[str, Any] = {"zone": has["zone"].to_numpy(), "cutoff_min": cutoff}
        for side, zones in (("before", had), ("after", has)):
            columns[f"street_km_{side}"] = zones["street_km"].to_numpy()
            for name in ("covered_km", "street_share", "people", "people_share"):
                columns[f"{name}_{side}"] = zones[f"{name}_{cutoff:g}"].to_numpy()
        for kind, name in ((GAINED, "gained"), (LOST, "lost")):
            columns[f"{name}_km"] = add_up(np.where(change == kind, km, 0.0), zone, len(has))
            columns[f"people_{name}"] = heads[name]
        tables.append(gpd.GeoDataFrame(columns, geometry=has.geometry.to_numpy(), crs=has.crs))
    return pd.concat(tables, ignore_index=True)


def _zone_people(people: CommonPeople, zones: gpd.GeoDataFrame, cutoff: float) -> dict[str, Any]:
    """Add up the people gained and lost in each zone; NaN where they cannot be compared."""
    if people.pair is None:
        return dict.fromkeys(("gained", "lost"), np.full(len(zones), np.nan))
    heads = people.pair[1]
    if heads.polygon is not None and people.in_zones:
        zone, head = heads.polygon, np.arange(len(heads.count))
    else:
        zone, head = zones.sindex.query(shapely.points(heads.xy), predicate="intersects")[::-1]
    change = people.change(cutoff)[head]
    return {name: add_up(change[:, kind], zone, len(zones)) for kind, name in ((GAINED, "gained"), (LOST, "lost"))}


def _notes(ground: CommonGround, people: CommonPeople, cutoffs: tuple[float, ...], has_zones: bool) -> tuple[Note, ...]:
    before, after = ground.before, ground.after
    either = {*before.walk.cutoffs, *after.walk.cutoffs} - {*cutoffs}
    rows = ground.rows
    common_km = float(rows.length_m[rows.is_common].sum()) / 1000
    values = {
        "common_km": common_km,
        "new_km": float(rows.length_m.sum()) / 1000 - common_km,
        "gone_km": float(ground.gone.length_m.sum()) / 1000,
        "before_km": ground.before_km - float(ground.gone.length_m.sum()) / 1000,
        "metres": MATCH_M,
    }
    counted = before.heads is not None or after.heads is not None
    zoned = before.zones is not None or after.zones is not None
    found: list[tuple[str, dict[str, Any], object]] = [
        ("speeds", {"before": before.walk.speed, "after": after.walk.speed}, before.walk.speed != after.walk.speed),
        ("cutoffs", {"minutes": ", ".join(f"{c:g}" for c in sorted(either))}, either),
        ("streets", values, not ground.same),
        ("people", {}, counted and not people.is_common),
        ("zones", {}, zoned and not has_zones),
    ]
    return tuple(Note(code, values) for code, values, applies in found if applies)


def _summary(
    ground: CommonGround, coverage: pd.DataFrame, stations: gpd.GeoDataFrame, names: tuple[str, str]
) -> dict[str, Any]:
    """Gather the figures: ``summary.json`` of a comparison, whose keys ARCHITECTURE.md lists."""
    told = ("settings", "streets", "stations", "people", "gaps", "inputs")
    sides = {
        side: {"name": name, **{key: result.summary[key] for key in told if key in result.summary}}
        for side, name, result in zip(("before", "after"), names, (ground.before, ground.after), strict=True)
    }
    change = stations["change"].value_counts()
    return {
        "walkshed": __version__,
        **sides,
        "same_streets": ground.same,
        "stations": {kind: int(change.get(kind, 0)) for kind in CHANGES},
        "coverage": coverage.to_dict("records"),
    }
