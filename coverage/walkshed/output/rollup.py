"""What stands over many studies: one report with a map of all areas, all gaps as one layer, tables, sums."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from walkshed import __version__
from walkshed.analysis.listed import STATES
from walkshed.analysis.rollup import REPORTED, Rollup, stations_told
from walkshed.output.areamap import draw_areas
from walkshed.output.colours import SHARES
from walkshed.output.dossiers import DOSSIERS
from walkshed.output.facts import LICENCES, input_facts
from walkshed.output.geopackage import add_layer, date_layers, layer_frame
from walkshed.output.heading import phrases, unbroken
from walkshed.output.offline import TEMPLATES, asset, refuse_links
from walkshed.output.provenance import provenance_of_many, told_text
from walkshed.output.stage import staged
from walkshed.output.stamp import stamp
from walkshed.output.words import Words, plain
from walkshed.output.workbook import Column, Sheet, table_sheet, write_sheets
from walkshed.phrases import said
from walkshed.schema import WGS84

OUTPUTS = ("report.html", "areas.gpkg", "tables.xlsx", "summary.json")

AREAS_LISTED = 400
GAPS_LISTED = 30
FAILED_LISTED = 100

AREA_COLUMNS = (
    Column("column.rank", "rank", "count"),
    Column("rollup.area", "area", "text"),
    Column("rollup.state", "state", "text"),
    Column("column.people_share", "people_share", "share"),
    Column("column.people_all", "people", "count"),
    Column("column.people_covered", "people_covered", "count"),
    Column("rollup.people_left", "people_left", "count"),
    Column("column.people_unknown", "people_unknown", "count"),
    Column("column.street_share", "street_share", "share"),
    Column("column.street_all_km", "street_km", "km"),
    Column("column.street_covered_km", "covered_km", "km"),
    Column("column.stations", "stations", "count"),
    Column("column.gaps", "gaps", "count"),
    Column("rollup.gap_km", "gap_km", "km"),
    Column("rollup.gap_people", "gap_people", "count"),
    Column("rollup.unreached_km", "unreached_km", "km"),
    Column("rollup.islands_km", "islands_left_out_km", "km"),
    Column("fact.date", "streets_date", "text"),
    Column("rollup.why", "why", "text"),
    Column("rollup.folder", "folder", "text"),
)

GAP_COLUMNS = (
    Column("column.rank", "rank", "count"),
    Column("rollup.area", "area", "text"),
    Column("rollup.rank_there", "gap_id", "count"),
    Column("column.people", "people", "count"),
    Column("column.street_km", "street_km", "km"),
    Column("column.minutes_median", "walk_min_median", "minutes"),
    Column("column.minutes_max", "walk_min_max", "minutes"),
    Column("column.nearest_station", "station_name", "text"),
    Column("column.zone", "zone", "text"),
    Column("column.streets", "streets", "text"),
    Column("column.cause", "cause", "text"),
    Column("column.host", "host", "text"),
)


STATION_COLUMNS = (
    Column("column.station_id", "station_id", "text"),
    Column("column.name", "name", "text"),
    Column("column.status", "status", "text"),
    Column("rollup.area", "areas", "text"),
    Column("rollup.list", "list", "text"),
)

NAMED = 10
LEAST_KM = 0.05
"""Less street than this is not worth a line, as in the notes of a study."""


def write_rollup(rolled: Rollup, out: Path, *, lang: str = "en", title: str | None = None) -> dict[str, Path]:
    """Write what stands over many studies, all of it or nothing.

    Parameters
    ----------
    rolled
        The studies as one.
    out
        The folder in which each study has its own.
    lang
        ``en`` or ``zh``.
    title
        Heading of the report.

    Returns
    -------
    dict
        File name -> path of each of `OUTPUTS`.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    words = Words(lang)
    when, about = stamp(rolled.made_from["streets"]["date"]), told_text(provenance_of_many(rolled))
    with staged(out, OUTPUTS) as folder:
        page = render_rollup(rolled, lang=lang, title=title)
        (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")
        _write_layers(rolled, folder / "areas.gpkg", when, about)
        write_sheets(_sheets(rolled, words), folder / "tables.xlsx", when, about)
        text = json.dumps(rollup_summary(rolled, lang), ensure_ascii=False, allow_nan=False, indent=2)
        (folder / "summary.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    return {name: out / name for name in OUTPUTS}


def rollup_headline(totals: Mapping[str, Any], cutoff_min: float | None, words: Words) -> str:
    """Word the first sentences of a roll-up.

    Parameters
    ----------
    totals, cutoff_min
        As a `Rollup` has them.
    words
        The language.
    """
    told = totals["done"] + totals["empty"]
    if not told:
        return words("rollup.headline_none")
    some = "headline_some_people" if totals["people_areas"] < told else "headline_people"
    first = words(
        f"rollup.{'headline_street' if totals['people_share'] is None else some}",
        cutoff="–" if cutoff_min is None else f"{cutoff_min:g}",
        street=words.share(totals["street_share"]),
        people=words.share(totals["people_share"]),
        count=words.number(totals["people_areas"]),
        all=words.number(told),
    )
    gaps = words("rollup.headline_gaps", gaps=words.number(totals["gaps"]), km=words.number(totals["gap_km"], 1))
    return first + ("" if words.lang == "zh" else " ") + gaps


def render_rollup(rolled: Rollup, *, lang: str = "en", title: str | None = None) -> str:
    """Write the report over all areas.

    Parameters
    ----------
    rolled
        The studies as one.
    lang
        ``en`` or ``zh``.
    title
        The heading; by default one that fits every batch.

    Returns
    -------
    str
        A whole HTML document that loads nothing; it links to each study's own report.
    """
    words = Words(lang)
    areas = rolled.areas
    told = areas[areas["state"] != "failed"]
    failed = areas[areas["state"] == "failed"]
    dates = sorted({date for date in told["streets_date"] if date})
    html = TEMPLATES.get_template("rollup.html").render(
        words=words,
        unbroken=unbroken,
        phrases=phrases,
        sp="" if lang == "zh" else " ",
        css=asset("report.css"),
        rollup_css=asset("rollup.css"),
        title=plain(title) or words("rollup.title"),
        version=__version__,
        provenance=told_text(provenance_of_many(rolled)),
        headline=rollup_headline(rolled.totals, rolled.cutoff_min, words),
        totals=rolled.totals,
        rolled=rolled,
        notes=[plain(said(note, lang)) for note in rolled.notes],
        cutoff=None if rolled.cutoff_min is None else f"{rolled.cutoff_min:g}",
        has_people=bool(told["people"].notna().any()),
        rows=_records(told.head(AREAS_LISTED)),
        more=max(len(told) - AREAS_LISTED, 0),
        failed=_records(failed.head(FAILED_LISTED)),
        failed_more=max(len(failed) - FAILED_LISTED, 0),
        gaps=_records(rolled.gaps.head(GAPS_LISTED)),
        gaps_more=max(len(rolled.gaps) - GAPS_LISTED, 0),
        dates=dates,
        dates_said=[words.date(date) for date in dates],
        undated=bool(told.loc[told["state"] != "streetless", "streets_date"].isna().any()),
        map=draw_areas(rolled, words, GAPS_LISTED),
        bar_colour=SHARES[3],
        inputs=input_facts(rolled.made_from["inputs"], words),
        licence=" · ".join(words(LICENCES[origin]) for origin in rolled.origins),
        dossiers=DOSSIERS,
        reported=REPORTED,
        left_out=_left_out(areas, words),
        empty_named=_first(areas.loc[areas["state"] == "empty", "area"].map(plain).tolist(), words),
        left=_left,
        stations_told=said(stations_told(rolled.totals), lang),
        unused={state: _named(rolled, state, words) for state in STATES[1:]},
    )
    refuse_links(html)
    return html


def rollup_summary(rolled: Rollup, lang: str) -> dict[str, Any]:
    """Gather the sums and each area's figures for other programs: no number in it is not finite."""
    areas = [row | {"rank": None if row["rank"] is None else int(row["rank"])} for row in _records(rolled.areas)]
    return {
        **provenance_of_many(rolled),
        "cutoff_min": rolled.cutoff_min,
        "speed_kmh": rolled.speed_kmh,
        "ranked_by": "people" if rolled.by_people else "street",
        "totals": rolled.totals,
        "stations": {
            "read": len(rolled.stations),
            "used": rolled.totals["stations"],
            **{state: _ids(rolled, state) for state in STATES[1:]},
        },
        "notes": [said(note, lang) for note in rolled.notes],
        "areas": areas,
    }


def _ids(rolled: Rollup, state: str) -> list[str]:
    return sorted(plain(key) for key in rolled.stations.loc[rolled.stations["status"] == state, "station_id"])


def _left(row: dict[str, Any]) -> float | None:
    """Count the people that are known not to be covered: the unknown are neither."""
    people, unknown, covered = (row[name] for name in ("people", "people_unknown", "people_covered"))
    return None if people is None else people - unknown - covered


def _records(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return [{str(k): _value(v) for k, v in row.items()} for row in table.to_dict("records")]


def _value(value: Any) -> Any:
    if value is None or pd.isna(value):
        return None
    return plain(value) if isinstance(value, str) else value.item() if isinstance(value, np.generic) else value


def _write_layers(rolled: Rollup, path: Path, when: datetime, about: str) -> None:
    add_layer(layer_frame(rolled.areas, None), path, "areas", "MultiPolygon", about)
    if len(rolled.gaps):
        add_layer(layer_frame(rolled.gaps, None).to_crs(WGS84), path, "gaps", "MultiPolygon", about)
    date_layers(path, when)


def _sheets(rolled: Rollup, words: Words) -> list[Sheet]:
    states = {state: words(f"rollup.{state}") for state in ("done", "empty", "streetless", "failed")}
    areas = rolled.areas.assign(state=rolled.areas["state"].map(states))
    areas["people_left"] = areas["people"] - areas["people_unknown"] - areas["people_covered"]
    pages = [table_sheet(words("rollup.areas"), areas, AREA_COLUMNS, words)]
    if len(rolled.gaps):
        causes = rolled.gaps["cause"].map(lambda cause: words(f"cause.{cause}"))
        gaps = rolled.gaps.assign(cause=causes, station_name=_nearest(rolled.gaps))
        there = [column for column in GAP_COLUMNS if column.source in gaps]
        pages.append(table_sheet(words("sheet.gaps"), gaps, there, words))
    listed = rolled.stations.assign(
        status=rolled.stations["status"].map({state: words(f"rollup.station_{state}") for state in STATES}),
        list=rolled.stations["list"].map(_file_name),
    )
    return [*pages, table_sheet(words("sheet.stations"), listed, STATION_COLUMNS, words)]


def _file_name(key: str) -> str:
    """Name a list by its file, and the sheet in it."""
    path, _, sheet = key.partition("\n")
    return f"{Path(path).name} ({sheet})" if sheet else Path(path).name


def _named(rolled: Rollup, state: str, words: Words) -> str:
    """Name the first stations of one state; of a list that gives no names, their ids."""
    rows = rolled.stations[rolled.stations["status"] == state]
    names = [plain(name or key) for name, key in zip(rows["name"], rows["station_id"], strict=True)]
    return _first(names, words)


def _left_out(areas: gpd.GeoDataFrame, words: Words) -> list[str]:
    """Say how much street leads to no station although there is one, how much is in no figure, and where it is most."""
    notes = (
        ("rollup.note_unreached", areas.loc[areas["state"] == "done", "unreached_km"]),
        ("rollup.note_islands", areas["islands_left_out_km"]),
    )
    lines = []
    for note, km in notes:
        if km.max() >= LEAST_KM:
            values = {"most": words.number(km.max(), 1), "area": plain(areas["area"][km.idxmax()])}
            lines.append(words(note, km=words.number(km.sum(), 1), **values))
    return lines


def _first(names: list[str], words: Words) -> str:
    return words("report.comma").join(names[:NAMED]) + (" …" if len(names) > NAMED else "")


def _nearest(gaps: gpd.GeoDataFrame) -> pd.Series:
    """Name the station nearest to each gap; one without a name by its id."""
    told = pd.DataFrame(gaps).reindex(columns=["station_name", "station_id"])
    return told["station_name"].where(told["station_name"].map(plain) != "", told["station_id"])
