"""``tables.xlsx``: every table of a result, for Excel."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xlsxwriter

from walkshed.analysis.dossier import CAUSES
from walkshed.errors import warn_user
from walkshed.output.clocksheets import clock_tables
from walkshed.output.facts import Fact, setting_facts, states, summary_facts, used_categories
from walkshed.output.profiles import profile_table
from walkshed.output.provenance import provenance_text
from walkshed.output.sites import listed_sites
from walkshed.output.stamp import stamp_of
from walkshed.output.words import Words, catalogue, plain
from walkshed.schema import WGS84
from walkshed.siting.worth import station_worth

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from walkshed.analysis.result import Coverage

# Excel's own limits.
MAX_ROWS = 1_048_576
MAX_TEXT = 32_767

# Widths in characters, and how many rows are looked at to choose one.
WIDTHS = (8, 60)
SAMPLE = 1000

FORMATS = {
    "text": "@",
    "count": "#,##0",
    "km": "#,##0.00",
    "share": "0.0%",
    "minutes": "0.0",
    "metres": "#,##0.0",
    "degrees": "0.000000",
    "number": "General",
}


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its phrase, where its values come from, their format."""

    key: str
    source: str
    kind: str
    cutoff: float | None = None
    end: str = ""

    def heading(self, words: Words) -> str:
        """Say the heading in the reader's language."""
        name = words(f"clock.{self.end}", name=words(self.key)) if self.end else words(self.key)
        return name if self.cutoff is None else words("column.within", name=name, cutoff=f"{self.cutoff:g}")


Cell = tuple[Any, str]
"""A value and the kind of format it takes."""


@dataclass(frozen=True)
class Sheet:
    """A table as the workbook shows it."""

    name: str
    headings: list[str]
    rows: list[list[Cell]]


def write_tables(result: Coverage, path: Path, *, lang: str = "en", sites: gpd.GeoDataFrame | None = None) -> None:
    """Write one sheet a table: summary, coverage, categories (if several), gaps, stations, zones (if given), settings.

    Parameters
    ----------
    result
        What `analyze` returned.
    path
        The file.
    lang
        ``en`` or ``zh``: the language of headings and sheet names.
    sites
        Proposed sites, if any: one sheet more.
    """
    write_sheets(sheets(result, Words(lang), sites), path, stamp_of(result), provenance_text(result))


def write_sheets(pages: Iterable[Sheet], path: Path, when: datetime, about: str) -> None:
    """Write tables as the sheets of a workbook, and date it.

    Parameters
    ----------
    pages
        The tables.
    path
        The file.
    when
        The date it bears.
    about
        What it was made from: stands as the remark among the file's properties.
    """
    # User text that looks like a formula, a link or a number stays text.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": when, "comments": about})
        styles = {kind: book.add_format({"num_format": code, "valign": "top"}) for kind, code in FORMATS.items()}
        heading = book.add_format(
            {"bold": True, "bg_color": "#E8EEF1", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        for sheet in pages:
            _write_sheet(book.add_worksheet(sheet.name), sheet, styles, heading)


def sheets(result: Coverage, words: Words, sites: gpd.GeoDataFrame | None = None) -> Iterator[Sheet]:
    """Lay out every table of a result. Columns of people vanish where none were given."""
    has_people = result.summary["people"]["total"] is not None
    yield _facts(words("sheet.summary"), summary_facts(result, words), words)
    coverage = pd.DataFrame(result.summary["coverage"])
    tables: list[tuple[str, pd.DataFrame | None, Sequence[Column]]] = [
        ("sheet.coverage", coverage, COVERAGE),
        ("sheet.categories", _categories(result), CATEGORIES),
        ("sheet.profiles", profile_table(result, words), PROFILES),
        ("sheet.gaps", _gaps(result.gaps, words), GAPS),
        ("sheet.stations", _stations(result, words), station_columns(result.walk.cutoffs)),
        ("sheet.sites", _sites(result, sites, words), SITES),
        ("sheet.zones", result.zones, zone_columns(result.walk.cutoffs)),
        ("sheet.zone_stations", result.zone_stations, ZONE_STATIONS),
    ]
    for name, rows, specs in clock_tables(result, words):
        tables.append((name, rows, [Column(*spec[:3], end=spec[3]) for spec in specs]))
    for name, frame, columns in tables:
        if frame is not None:
            shown = [c for c in columns if has_people or not c.source.startswith(OF_PEOPLE)]
            yield table_sheet(words(name), frame, shown, words)
    yield _facts(words("sheet.settings"), setting_facts(result, words), words)


def _facts(name: str, facts: Iterable[Fact], words: Words) -> Sheet:
    headings = [words("column.item"), words("column.value"), words("column.unit")]
    return Sheet(name, headings, [[(f.label, "text"), (f.value, f.kind), (f.unit, "text")] for f in facts])


def table_sheet(name: str, frame: pd.DataFrame, columns: Sequence[Column], words: Words) -> Sheet:
    """Lay out a frame as a sheet."""
    values = zip(*(frame[c.source].tolist() for c in columns), strict=True)
    kinds = [c.kind for c in columns]
    return Sheet(name, [c.heading(words) for c in columns], [list(zip(row, kinds, strict=True)) for row in values])


def _categories(result: Coverage) -> pd.DataFrame | None:
    """What each category covers on its own, where stations of several are used."""
    return result.categories if len(used_categories(result)) > 1 else None


def _gaps(gaps: gpd.GeoDataFrame, words: Words) -> pd.DataFrame:
    """Say the causes, and the kinds of hosts, in words."""
    phrases = catalogue()
    kinds = {kind: words(f"host.{kind}") for kind in gaps["host_kind"].dropna().unique() if f"host.{kind}" in phrases}
    return gaps.assign(
        cause=gaps["cause"].map({cause: words(f"cause.{cause}") for cause in CAUSES}),
        host_kind=gaps["host_kind"].map(lambda kind: kinds.get(kind, kind), na_action="ignore"),
    )


def _stations(result: Coverage, words: Words) -> pd.DataFrame:
    """Say the states in words, and give each station's worth and its place in degrees, to look it up on a map."""
    stations = result.stations
    place, worth = stations.geometry.to_crs(WGS84), station_worth(result).set_index("station_id")
    told = {"overlap_share": "overlap_share", "capacity": "capacity", "people_load": "load"}
    columns = {name: stations["station_id"].map(worth[source]) for name, source in told.items()}
    return stations.assign(status=stations["status"].map(states(words)), lon=place.x, lat=place.y, **columns)


def _sites(result: Coverage, sites: gpd.GeoDataFrame | None, words: Words) -> pd.DataFrame | None:
    """List proposed sites, with what is covered once each stands."""
    rows = listed_sites(result, sites, words)
    return pd.DataFrame(rows) if rows else None


def _write_sheet(page: Worksheet, sheet: Sheet, styles: dict[str, Format], heading: Format) -> None:
    rows = sheet.rows
    if len(rows) >= MAX_ROWS:
        warn_user(
            f"tables.xlsx, sheet {sheet.name}: {len(rows):,} rows, of which Excel holds {MAX_ROWS - 1:,}; "
            "the rest stand in coverage.gpkg"
        )
        rows = rows[: MAX_ROWS - 1]
    for j, text in enumerate(sheet.headings):
        page.write_string(0, j, text, heading)
        page.set_column(j, j, _width(text, [row[j] for row in rows[:SAMPLE]]))
    for i, row in enumerate(rows, start=1):
        for j, (value, kind) in enumerate(row):
            _write_cell(page, i, j, value, styles[kind])
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(len(rows), 1), len(sheet.headings) - 1)


def _write_cell(page: Worksheet, i: int, j: int, value: Any, style: Format) -> None:
    """Write text as text and numbers as numbers; what is missing or not finite is a blank cell."""
    if value is None or value is pd.NA or (isinstance(value, (float, np.floating)) and not np.isfinite(value)):
        page.write_blank(i, j, None, style)
    elif isinstance(value, str):
        page.write_string(i, j, plain(value)[:MAX_TEXT], style)
    else:
        page.write_number(i, j, float(value), style)


def _width(heading: str, cells: Iterable[Cell]) -> int:
    """Choose a width in characters: Chinese ones take two."""
    content = max((_columns(shown(*cell)) for cell in cells), default=0)
    # A heading may wrap, and shares its cell with the filter's button.
    return int(np.clip(max(content, min(_columns(heading), 16) + 3) + 1, *WIDTHS))


def shown(value: Any, kind: str) -> str:
    """Guess how long a cell reads, to the character."""
    return value if isinstance(value, str) else f"{value:,.6g}" if isinstance(value, (int, float)) else kind


def _columns(text: str) -> int:
    start = text[: WIDTHS[1]]
    return len(start) if start.isascii() else sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in start)


COVERAGE = (
    Column("column.cutoff", "cutoff_min", "number"),
    Column("column.street_km", "street_km", "km"),
    Column("column.street_share", "street_share", "share"),
    Column("column.cross_share", "cross_covered_share", "share"),
    Column("column.people", "people", "count"),
    Column("column.people_share", "people_share", "share"),
)

OF_PEOPLE = ("people", "host_people", "stations_per", "gain_people")
"""How the names of columns begin that say nothing where no people are given."""

CATEGORIES = (
    Column("column.category", "category", "text"),
    Column("column.stations", "stations", "count"),
    *COVERAGE[:3],
    *COVERAGE[4:],
)

PROFILES = (
    Column("who.profile", "profile", "text"),
    Column("who.speed", "speed_kmh", "number"),
    Column("who.street_all", "street_total_km", "km"),
    *COVERAGE[:3],
    *COVERAGE[4:],
)

SITES = (
    Column("column.order", "order", "count"),
    Column("column.name", "name", "text"),
    Column("column.kind", "kind", "text"),
    Column("column.adds_people", "people", "count"),
    Column("column.people_share_then", "people_share", "share"),
    Column("column.adds_km", "street_km", "km"),
    Column("column.street_share_then", "street_share", "share"),
    Column("column.lon", "lon", "degrees"),
    Column("column.lat", "lat", "degrees"),
)

ZONE_STATIONS = (
    Column("column.zone", "zone", "text"),
    Column("column.category", "category", "text"),
    Column("column.stations", "stations", "count"),
)

GAPS = (
    Column("column.rank", "gap_id", "count"),
    Column("column.street_km", "street_km", "km"),
    Column("column.people", "people", "count"),
    Column("column.minutes_median", "walk_min_median", "minutes"),
    Column("column.minutes_max", "walk_min_max", "minutes"),
    Column("column.nearest_station", "station_name", "text"),
    Column("column.nearest_station_id", "station_id", "text"),
    Column("column.zone", "zone", "text"),
    Column("column.streets", "streets", "text"),
    Column("column.cause", "cause", "text"),
    Column("column.air_km", "air_km", "km"),
    Column("column.walk_km", "walk_km", "km"),
    Column("column.detour", "detour", "km"),
    Column("column.host", "host", "text"),
    Column("column.host_kind", "host_kind", "text"),
    Column("column.host_km", "host_km", "km"),
    Column("column.host_people", "host_people", "count"),
    Column("column.area_km2", "area_km2", "km"),
    Column("column.center_lon", "center_lon", "degrees"),
    Column("column.center_lat", "center_lat", "degrees"),
)


def station_columns(cutoffs: Iterable[float]) -> tuple[Column, ...]:
    """List the columns of the stations' sheet."""
    return (
        Column("column.station_id", "station_id", "text"),
        Column("column.name", "name", "text"),
        Column("column.category", "category", "text"),
        Column("column.row", "row", "count"),
        Column("column.status", "status", "text"),
        Column("column.snap_m", "snap_m", "metres"),
        Column("column.street", "street", "text"),
        *(Column("column.street_km", f"street_km_{c:g}", "km", c) for c in cutoffs),
        Column("column.street_only", "street_km_only", "km"),
        Column("column.people_nearest", "people", "count"),
        Column("column.people_only", "people_only", "count"),
        Column("column.overlap", "overlap_share", "share"),
        Column("column.capacity", "capacity", "count"),
        Column("column.load", "people_load", "km"),
        Column("column.lon", "lon", "degrees"),
        Column("column.lat", "lat", "degrees"),
    )


def zone_columns(cutoffs: Iterable[float]) -> tuple[Column, ...]:
    """List the columns of the zones' sheet."""
    per_cutoff = [
        column
        for c in cutoffs
        for column in (
            Column("column.street_km", f"covered_km_{c:g}", "km", c),
            Column("column.street_share", f"street_share_{c:g}", "share", c),
            Column("column.people", f"people_{c:g}", "count", c),
            Column("column.people_share", f"people_share_{c:g}", "share", c),
        )
    ]
    return (
        Column("column.zone", "zone", "text"),
        Column("column.stations", "stations", "count"),
        Column("column.stations_rate", "stations_per_10k", "km"),
        Column("column.street_all_km", "street_km", "km"),
        Column("column.people_all", "people", "count"),
        Column("column.people_unknown", "people_unknown", "count"),
        *per_cutoff,
        Column("column.gaps", "gaps", "count"),
        Column("column.minutes_mean", "walk_min_mean", "minutes"),
        Column("column.minutes_p95", "walk_min_p95", "minutes"),
        Column("column.cross_share", "cross_covered_share", "share"),
    )
