"""All outputs of a result, written whole or not at all."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from walkshed.analysis.clock_summary import clock_and_norm
from walkshed.network.graph import extra
from walkshed.output.geopackage import write_geopackage
from walkshed.output.layers import check_formats, layer_files, write_layer, write_layers
from walkshed.output.pdf import printer, render_pdf
from walkshed.output.png import render_png
from walkshed.output.provenance import provenance
from walkshed.output.report import render_report
from walkshed.output.stage import staged
from walkshed.output.stamp import is_timed
from walkshed.output.webmap import render_map
from walkshed.output.workbook import write_tables
from walkshed.schema import Progress, quiet

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

__all__ = ["OUTPUTS", "Extras", "write_geopackage", "write_report", "write_summary", "write_tables"]

PDF, PNG = "report.pdf", "map.png"
SITES = "sites.geojson"

OUTPUTS = ("report.html", "map.html", "coverage.gpkg", "tables.xlsx", "summary.json")


@dataclass(frozen=True, kw_only=True)
class Extras:
    """What a report may be asked for beside the usual outputs.

    Attributes
    ----------
    pdf, png
        ``report.pdf``, and ``map.png``: they need the extra ``walkshed[pdf]``.
    formats
        The layers once more as single files: geojson, parquet, shp.
    verify
        Walk from random places again with NetworkX (extra ``walkshed[osmnx]``): the report says what was found.

    Raises
    ------
    InputError
        If there is no such format, or what is asked for needs something that is not installed.
    """

    pdf: bool = False
    png: bool = False
    formats: tuple[str, ...] = ()
    verify: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "formats", check_formats(self.formats))
        if self.pdf or self.png:
            printer()
        if self.verify:
            extra("networkx")

    def files(self, result: Coverage) -> list[str]:
        """Name the files that are to appear."""
        return [*[PDF] * self.pdf, *[PNG] * self.png, *layer_files(result, self.formats)]

    def write_pictures(self, result: Coverage, folder: Path, report: str, **settings: Any) -> None:
        """Write the PDF of a report's page and the PNG of its map, where asked for; settings as for `render_png`."""
        if self.pdf:
            (folder / PDF).write_bytes(render_pdf(report))
        if self.png:
            (folder / PNG).write_bytes(render_png(result, **settings))


def write_report(
    result: Coverage,
    out: str | Path,
    *,
    lang: str = "en",
    title: str | None = None,
    part_of: str | None = None,
    tiles: str | None = None,
    sites: gpd.GeoDataFrame | None = None,
    warnings: Sequence[str] = (),
    extras: Extras | None = None,
    progress: Progress = quiet,
) -> dict[str, Path]:
    """Write the report, the map, the layers, the tables and the summary of a result.

    Parameters
    ----------
    result
        What `analyze` returned.
    out
        A folder; it is made if it is missing. Older outputs in it are replaced, all or none.
    lang
        ``en`` or ``zh``.
    title
        Heading of the report and the map.
    part_of
        Heading of a ``report.html`` in the folder above, which the report then leads back to.
    tiles
        Online tiles under the map, as for `render_map`; by default none.
    sites
        Proposed sites, for the map, a section of the report and ``sites.geojson``, as for `render_map`.
    warnings
        Lines that were said while the input was read, listed under what is uncertain.
    extras
        What is written beside the usual outputs, such as a PDF; nothing by default.
    progress
        Called with the step at work.

    Returns
    -------
    dict
        File name -> path of each of `OUTPUTS`, and of what `extras` asks for.

    Raises
    ------
    InputError
        If there is no such language, no such tiles, or the sites lack a column.
    OutputError
        If a file cannot be written or replaced; nothing is changed then.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(ws.write_report(result, folder, lang="zh"))
    ['coverage.gpkg', 'map.html', 'report.html', 'summary.json', 'tables.xlsx']
    """
    extras = extras or Extras()
    # Drawn before the threads part, so that it is drawn once, and its seconds do not count as the outputs'.
    _ = result.covered, result.gaps, result.streets
    begun = time.perf_counter()
    more = [*extras.files(result), *([SITES] if sites is not None else [])]
    settings: dict[str, Any] = {"lang": lang, "title": title, "sites": sites}
    check = result.self_check if extras.verify else None
    with staged(out, (*OUTPUTS, *more)) as folder, ThreadPoolExecutor(1) as beside:
        # GDAL writes the layers while the pages are drawn: neither needs the other.
        layers = beside.submit(write_geopackage, result, folder / "coverage.gpkg")
        progress("map", 0.0)
        page = render_map(result, **settings, report_name="report.html", tiles=tiles)
        write_text(folder / "map.html", page)
        progress("report", 0.4)
        report = render_report(result, **settings, part_of=part_of, warnings=warnings, check=check, more_files=more)
        write_text(folder / "report.html", report)
        extras.write_pictures(result, folder, report, **settings)
        progress("layers", 0.6)
        layers.result()
        write_layers(result, folder, extras.formats)
        if sites is not None:
            write_layer(sites, folder / SITES, provenance(result))
        progress("tables", 0.9)
        write_tables(result, folder / "tables.xlsx", lang=lang, sites=sites)
        write_summary(result, folder / "summary.json", seconds=time.perf_counter() - begun)
    progress("outputs", 1.0)
    return {name: Path(out) / name for name in (*OUTPUTS, *more)}


def write_summary(result: Coverage, path: Path, *, seconds: float) -> None:
    """Write ``summary.json``: what other programs read.

    Parameters
    ----------
    result
        What `analyze` returned.
    path
        The file.
    seconds
        Time that writing the outputs took.
    """
    write_text(path, summary_text(result, seconds=seconds))


def summary_text(result: Coverage, *, seconds: float = 0.0) -> str:
    """Write the summary as JSON text.

    Parameters
    ----------
    result
        What `analyze` returned.
    seconds
        Time that writing the outputs took, if any were written.

    Returns
    -------
    str
        Ends with a line break; what is not a finite number is null, and so are the seconds where the environment
        fixes the date (SOURCE_DATE_EPOCH).
    """
    summary = result.summary | clock_and_norm(result)
    took = summary["seconds"] if is_timed() else None
    summary["seconds"] = None if took is None else took | {"outputs": round(seconds, 3)}
    return json_text(summary)


def json_text(value: Any) -> str:
    """Write nested data as JSON text that ends with a line break; what is not a finite number is null."""
    return json.dumps(finite(value), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def finite(value: Any) -> Any:
    """Copy nested data with null where a number is not finite, and with plain Python numbers."""
    if isinstance(value, dict):
        return {str(k): finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def write_text(path: Path, text: str) -> None:
    """Write a text file, the same on every system."""
    # One line ending on every system, so that a result is the same file everywhere.
    path.write_text(text, encoding="utf-8", newline="\n")
