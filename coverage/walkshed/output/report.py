"""``report.html``: the result on paper. The page's text and order stand in ``templates/report.html``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from walkshed.analysis.dossier import BARRIER_DETOUR, THIN_KM_PER_KM2
from walkshed.analysis.verify import REACH
from walkshed.output.charts import curve_chart, depth_chart, site_chart, zone_chart
from walkshed.output.clock import clock_chapter, then_text
from walkshed.output.colours import DEPTHS, SITE
from walkshed.output.dossiers import dossiers
from walkshed.output.facts import self_check_lines, setting_facts, used_categories
from walkshed.output.heading import page_values
from walkshed.output.normwords import norm_chapter
from walkshed.output.offline import TEMPLATES
from walkshed.output.profiles import profile_rows
from walkshed.output.sites import proof_note
from walkshed.output.words import Words, plain
from walkshed.siting.worth import station_worth

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage
    from walkshed.analysis.verify import Verification

GAPS_LISTED = 20
STATIONS_LISTED = 50
UNUSED_LISTED = 50
ZONES_LISTED = 40


def render_report(
    result: Coverage,
    *,
    lang: str = "en",
    title: str | None = None,
    part_of: str | None = None,
    map_name: str = "map.html",
    sites: gpd.GeoDataFrame | None = None,
    warnings: Sequence[str] = (),
    check: Verification | None = None,
    more_files: Sequence[str] = (),
) -> str:
    """Write the report of a result.

    Parameters
    ----------
    result
        What `walkshed.analyze` found.
    lang
        ``en`` or ``zh``.
    title
        The heading; by default one that fits every study.
    part_of
        Heading of a ``report.html`` in the folder above, which the page leads back to.
    map_name
        The map's file beside the report, which the picture links to.
    sites
        Proposed sites, shown in a section of their own: points with order, name, kind, gain_street_km and gain_people.
    warnings
        Lines that were said while the input was read.
    check
        What `walkshed.analysis.verify.verify` found, if it was asked for.
    more_files
        Names of files that stand beside the report, other than the usual ones.

    Returns
    -------
    str
        A whole HTML document that loads nothing. The same result gives the same text.

    Raises
    ------
    InputError
        If there is no such language, or the sites lack a column.
    """
    words = Words(lang)
    last = result.summary["coverage"][-1]
    has_people = result.summary["people"]["total"] is not None
    zones, gaps, proposed = _zones(result), _gaps(result), result.summary.get("sites")
    return TEMPLATES.get_template("report.html").render(
        **page_values(result, words, title, sites, map_name),
        head=result.headline,
        part_of=plain(part_of),
        last=last,
        has_people=has_people,
        cutoff=f"{last['cutoff_min']:g}",
        budget=words.number(result.walk.budget_m(result.walk.largest)),
        source_name=plain(result.network.source.name),
        settings=setting_facts(result, words),
        people_inside=result.people_inside_drawn_area_uncovered,
        categories=_categories(result, words),
        profiles=profile_rows(result, words),
        depth_colours=DEPTHS,
        site_colour=SITE,
        curve_chart=curve_chart(result, words),
        proposed=proposed,
        proof_note=None if proposed is None else proof_note(proposed, words),
        site_chart=None if proposed is None else site_chart(proposed, words),
        zones=zones,
        zone_chart=zone_chart(result, zones["rows"], words, has_people=has_people) if zones and zones["any"] else None,
        gaps=gaps,
        dossiers=dossiers(result, gaps["rows"], words),
        barrier_detour=BARRIER_DETOUR,
        thin_density=THIN_KM_PER_KM2,
        depth_chart=depth_chart(result, words),
        depth_rows=_depths(result),
        stations=_stations(result),
        then=then_text(result, words),
        clock=clock_chapter(result, words),
        norm=norm_chapter(result, words),
        check=check,
        check_said=[] if check is None else self_check_lines(check, words),
        check_reach=REACH * result.walk.budget_m(result.walk.largest),
        more_files=more_files,
        notes=[words.note(note) for note in result.notes],
        warnings=[plain(line) for line in warnings],
    )


def _zones(result: Coverage) -> dict[str, Any] | None:
    """Zones with the lowest share first, the larger of two alike; those of which none is known last."""
    if result.zones is None:
        return None
    has_people = result.summary["people"]["total"] is not None
    kind = "people" if has_people else "street"
    shares = [f"{kind}_share_{c:g}" for c in result.walk.cutoffs]
    larger_first = result.zones.sort_values("people" if has_people else "street_km", ascending=False, kind="stable")
    frame = larger_first.sort_values(shares[::-1], na_position="last", kind="stable")
    rows = _records(frame.head(ZONES_LISTED))
    for row in rows:
        row["bar"] = steps([row[share] for share in shares])
    served = int((result.zones["stations"] > 0).sum())
    return {
        "any": any(width for row in rows for _, width in row["bar"]),  # without one the chart would be empty
        "rows": rows,
        "more": len(frame) - len(rows),
        "served": served,
        "served_share": result.zones_served_share,
    }


def _categories(result: Coverage, words: Words) -> dict[str, Any] | None:
    """What each category covers on its own, where stations of several are used."""
    used = used_categories(result)
    if len(used) < 2:
        return None
    rows = [
        {
            "name": plain(name) or words("report.no_category"),
            "beside": words.number(own["stations"].iloc[0]),
            "street": own["street_share"].tolist(),
            "people": own["people_share"].tolist(),
        }
        for name, own in result.categories.groupby("category", sort=False)
    ]
    return {"rows": rows, "more": len(used) - len(rows)}


def steps(shares: Iterable[float | None]) -> list[tuple[float, float]]:
    """Turn shares that grow with the cutoff into bands of a bar, ``(start, width)`` in percent."""
    ends = [0.0, *(100.0 * (share or 0.0) for share in shares)]
    return [(round(a, 2), round(max(b - a, 0.0), 2)) for a, b in pairwise(ends)]


def _gaps(result: Coverage) -> dict[str, Any]:
    listed = result.gaps.head(GAPS_LISTED)
    rows = _records(listed)
    for row in rows:
        row["around"] = [name for name in row["streets"].split(" / ") if name]
        row["nearest"] = row["station_name"] or row["station_id"]
    rest = result.gaps.iloc[GAPS_LISTED:]
    return {"rows": rows, "more": len(rest), "more_km": float(rest["street_km"].sum())}


def _depths(result: Coverage) -> list[dict[str, Any]]:
    """Lay the street of each depth out as one row a cutoff."""
    table = result.depth.pivot_table(index="cutoff_min", columns="depth", values="street_km").sort_index()
    return [{"cutoff": f"{cutoff:g}", "street_km": row.tolist()} for cutoff, row in table.iterrows()]


def _stations(result: Coverage) -> dict[str, Any]:
    """Used stations, the one that alone serves most first; and those that were not used."""
    frame = result.stations
    used = frame[frame["status"] == "used"]
    served = ["people_only", "street_km_only", "people", f"street_km_{result.walk.largest:g}"]
    used = used.sort_values(served, ascending=False, kind="stable", na_position="last").head(STATIONS_LISTED)
    worth = station_worth(result).set_index("station_id")
    shown = used.assign(**{name: used["station_id"].map(worth[name]) for name in ("overlap_share", "load")})
    unused = frame[frame["status"] != "used"]
    return {
        "rows": _records(shown),
        "has_load": bool(shown["load"].notna().any()),
        "more": max(len(worth) - STATIONS_LISTED, 0),
        "categories": bool((frame["category"].map(plain) != "").any()),
        "unused": _records(unused.head(UNUSED_LISTED)),
        "unused_more": max(len(unused) - UNUSED_LISTED, 0),
    }


def _records(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Turn rows into plain values: None where there is none, text that is fit to be shown."""
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return [{str(k): _value(v) for k, v in row.items()} for row in table.to_dict("records")]


def _value(value: Any) -> Any:
    if value is None or pd.isna(value):
        return None
    return plain(value) if isinstance(value, str) else value
