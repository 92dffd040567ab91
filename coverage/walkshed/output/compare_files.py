"""All outputs of a comparison, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from walkshed.comparing.common_ground import STREET
from walkshed.comparing.common_people import PEOPLE
from walkshed.output.compare_map import render_comparison_map
from walkshed.output.compare_report import render_comparison
from walkshed.output.export import json_text, write_text
from walkshed.output.facts import states
from walkshed.output.geopackage import add_layer, date_layers, layer_frame
from walkshed.output.provenance import provenance_of_both
from walkshed.output.stage import staged
from walkshed.output.stamp import stamp_of
from walkshed.output.words import Words
from walkshed.output.workbook import OF_PEOPLE, Column, Sheet, table_sheet, write_sheets
from walkshed.schema import WGS84, Progress, quiet

if TYPE_CHECKING:
    from walkshed.comparing.compare import Comparison

COMPARISON_OUTPUTS = ("compare.html", "map.html", "compare.gpkg", "tables.xlsx", "summary.json")


def write_comparison(
    comparison: Comparison,
    out: str | Path,
    *,
    lang: str = "en",
    title: str | None = None,
    warnings: Sequence[str] = (),
    progress: Progress = quiet,
) -> dict[str, Path]:
    """Write the report, the map, the layers, the tables and the summary of a comparison.

    Parameters
    ----------
    comparison
        What `compare` returned.
    out
        A folder; it is made if it is missing. Older outputs in it are replaced, all or none.
    lang
        ``en`` or ``zh``.
    title
        Heading of the report and the map.
    warnings
        Lines that were said while the input was read.
    progress
        Called with the step at work.

    Returns
    -------
    dict
        File name -> path of each of `COMPARISON_OUTPUTS`.

    Raises
    ------
    InputError
        If there is no such language.
    OutputError
        If a file cannot be written or replaced; nothing is changed then.

    Examples
    --------
    >>> import tempfile
    >>> comparison = ws.compare(result, ws.analyze_again(result, stations.iloc[:10]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     "compare.html" in ws.write_comparison(comparison, folder)
    True
    """
    words, when = Words(lang), stamp_of(comparison.after)
    about = provenance_of_both(comparison.before, comparison.after)
    with staged(out, COMPARISON_OUTPUTS) as folder:
        progress("map", 0.0)
        page = render_comparison_map(comparison, lang=lang, title=title, report_name="compare.html")
        write_text(folder / "map.html", page)
        progress("report", 0.4)
        report = render_comparison(comparison, lang=lang, title=title, warnings=warnings)
        write_text(folder / "compare.html", report)
        progress("layers", 0.6)
        _write_layers(comparison, folder / "compare.gpkg", when, about)
        progress("tables", 0.8)
        write_sheets(_sheets(comparison, words), folder / "tables.xlsx", when, about)
        write_text(folder / "summary.json", json_text(comparison.summary))
    progress("outputs", 1.0)
    return {name: Path(out) / name for name in COMPARISON_OUTPUTS}


def _write_layers(comparison: Comparison, path: Path, when: datetime, about: str) -> None:
    """Write ``compare.gpkg`` in WGS 84: ``streets``, ``stations``, and where there are any ``zones`` and ``people``."""
    layers: dict[str, tuple[gpd.GeoDataFrame | None, str]] = {
        "streets": (comparison.streets, "LineString"),
        "stations": (comparison.stations, "Point"),
        "zones": (comparison.zones, "MultiPolygon"),
        "people": (comparison.people, "Point"),
        "area": (comparison.after.area, "MultiPolygon"),
    }
    for name, (frame, geometry_type) in layers.items():
        if frame is not None:
            add_layer(layer_frame(frame, None), path, name, geometry_type, about)
    date_layers(path, when)


def _sheets(comparison: Comparison, words: Words) -> Iterator[Sheet]:
    has_people = bool(comparison.coverage["people_before"].notna().any())
    coverage = comparison.coverage
    tables: list[tuple[str, pd.DataFrame | None, tuple[Column, ...]]] = [
        ("sheet.change_coverage", coverage, _coverage_columns(coverage)),
        ("sheet.change_zones", comparison.zones, ZONES),
        ("sheet.change_stations", _stations(comparison, words), STATIONS),
    ]
    for name, frame, columns in tables:
        if frame is not None:
            shown = [c for c in columns if has_people or not c.source.startswith(OF_PEOPLE)]
            yield table_sheet(words(name), frame, shown, words)


def _stations(comparison: Comparison, words: Words) -> pd.DataFrame:
    table, place = comparison.stations, comparison.stations.geometry.to_crs(WGS84)
    said = states(words)
    return table.assign(
        change=[words(f"change.change_{kind}") if kind != "kept" else "" for kind in table["change"]],
        matched_by=[words(f"change.matched_{by}") if by else "" for by in table["matched_by"]],
        status_before=table["status_before"].map(said),
        status_after=table["status_after"].map(said),
        lon=place.x,
        lat=place.y,
    )


def _coverage_columns(coverage: pd.DataFrame) -> tuple[Column, ...]:
    """List the columns of the sheet of change; those of people's changes only where they can be told."""
    changes = [Column(f"change.change_{kind}", f"people_{kind}", "count") for kind in PEOPLE]
    return (
        Column("column.cutoff", "cutoff_min", "number"),
        *_SIDES,
        *(Column(f"change.change_{kind}", f"{kind}_km", "km") for kind in STREET),
        Column("change.new_covered", "new_covered_km", "km"),
        Column("change.gone_covered", "gone_covered_km", "km"),
        Column("change.column_people_before", "people_before", "count"),
        Column("change.column_people_after", "people_after", "count"),
        Column("change.column_people_share_before", "people_share_before", "share"),
        Column("change.column_people_share_after", "people_share_after", "share"),
        *(changes if coverage["people_kept"].notna().any() else ()),
    )


_SIDES = (
    Column("change.column_km_before", "street_km_before", "km"),
    Column("change.column_km_after", "street_km_after", "km"),
    Column("change.column_share_before", "street_share_before", "share"),
    Column("change.column_share_after", "street_share_after", "share"),
)

ZONES = (
    Column("column.zone", "zone", "text"),
    Column("column.cutoff", "cutoff_min", "number"),
    Column("change.column_km_before", "covered_km_before", "km"),
    Column("change.column_km_after", "covered_km_after", "km"),
    Column("change.column_share_before", "street_share_before", "share"),
    Column("change.column_share_after", "street_share_after", "share"),
    Column("change.column_gained", "gained_km", "km"),
    Column("change.column_lost", "lost_km", "km"),
    Column("change.column_people_before", "people_before", "count"),
    Column("change.column_people_after", "people_after", "count"),
    Column("change.column_people_share_before", "people_share_before", "share"),
    Column("change.column_people_share_after", "people_share_after", "share"),
    Column("change.column_people_gained", "people_gained", "count"),
    Column("change.column_people_lost", "people_lost", "count"),
)

STATIONS = (
    Column("change.column_change", "change", "text"),
    Column("column.station_id", "station_id", "text"),
    Column("column.name", "name", "text"),
    Column("column.category", "category", "text"),
    Column("change.column_id_before", "station_id_before", "text"),
    Column("change.column_matched", "matched_by", "text"),
    Column("change.column_moved", "moved_m", "metres"),
    Column("change.column_status_before", "status_before", "text"),
    Column("column.status", "status_after", "text"),
    Column("column.lon", "lon", "degrees"),
    Column("column.lat", "lat", "degrees"),
)
