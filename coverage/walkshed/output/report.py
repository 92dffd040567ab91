"""``report.html``: the result on paper. The page's text and order stand in ``templates/report.html``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from walkshed.output.colours import ramp
from walkshed.output.facts import area_name, headline, licence, setting_facts
from walkshed.output.offline import TEMPLATES, asset
from walkshed.output.picture import draw
from walkshed.output.words import Words, plain

if TYPE_CHECKING:
    from walkshed.analysis.study import Coverage

GAPS_LISTED = 20
STATIONS_LISTED = 50
UNUSED_LISTED = 50
ZONES_LISTED = 40


def render_report(
    result: Coverage,
    *,
    lang: str = "en",
    title: str | None = None,
    map_name: str = "map.html",
    warnings: Sequence[str] = (),
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
    map_name
        The map's file beside the report, which the picture links to.
    warnings
        Lines that were said while the input was read.

    Returns
    -------
    str
        A whole HTML document that loads nothing. The same result gives the same text.

    Raises
    ------
    InputError
        If there is no such language.
    """
    words = Words(lang)
    last = result.summary["coverage"][-1]
    return TEMPLATES.get_template("report.html").render(
        words=words,
        unbroken=unbroken,
        css=asset("report.css"),
        title=plain(title) or words("report.title"),
        area=area_name(result, words),
        headline=headline(result, words),
        head=result.headline,
        summary=result.summary,
        last=last,
        has_people=result.summary["people"]["total"] is not None,
        cutoff=f"{last['cutoff_min']:g}",
        cutoffs=[f"{c:g}" for c in result.walk.cutoffs],
        budget=words.number(result.walk.budget_m(result.walk.largest)),
        source=result.network.source,
        source_name=plain(result.network.source.name),
        licence=licence(result, words),
        settings=setting_facts(result, words),
        picture=draw(result),
        colours=ramp(len(result.walk.cutoffs)),
        people_inside=result.people_inside_drawn_area_uncovered,
        zones=_zones(result),
        gaps=_gaps(result),
        stations=_stations(result),
        notes=[words(f"note.{note.code}", **note.values) for note in result.notes],
        warnings=[plain(line) for line in warnings],
        map_name=map_name,
    )


def unbroken(text: str) -> str:
    """Keep a number and its unit, and a number and its Chinese measure word, on one line.

    Examples
    --------
    >>> unbroken("3.2 km")
    '3.2\\xa0km'
    """
    text = text.replace("万 人", "万人")
    return re.sub(r"(?<=\d) (?=%|km|min|m\b|[万分处个公米人条])", "\N{NO-BREAK SPACE}", text)


def _zones(result: Coverage) -> dict[str, Any] | None:
    """Zones with the lowest share first; those without any street, of which none is known, last."""
    if result.zones is None:
        return None
    has_people = result.summary["people"]["total"] is not None
    kind = "people" if has_people else "street"
    shares = [f"{kind}_share_{c:g}" for c in result.walk.cutoffs]
    frame = result.zones.sort_values(shares[::-1], na_position="last", kind="stable")
    rows = _records(frame.head(ZONES_LISTED))
    for row in rows:
        row["bar"] = steps([row[share] for share in shares])
    return {"rows": rows, "more": len(frame) - len(rows)}


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


def _stations(result: Coverage) -> dict[str, Any]:
    """Used stations, the one that serves most first; and those that were not used."""
    frame = result.stations
    used = frame[frame["status"] == "used"]
    served = ["people", f"street_km_{result.walk.largest:g}"]
    used = used.sort_values(served, ascending=False, kind="stable", na_position="last")
    unused = frame[frame["status"] != "used"]
    return {
        "rows": _records(used.head(STATIONS_LISTED)),
        "more": max(len(used) - STATIONS_LISTED, 0),
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
