"""Styles for QGIS inside ``coverage.gpkg``: its layers open in the colours of the map and the report."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from walkshed.output.colours import GAP, SHARES, STATION, STATION_EDGE, ramp
from walkshed.output.offline import TEMPLATES

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

GEOMETRY = "geom"
"""The geometry column of every layer, as GDAL names it."""

# As QGIS makes the table itself: https://docs.qgis.org (saving a style in a database).
_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN,
  description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""
_REGISTER = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id, last_change)
VALUES ('layer_styles', 'attributes', 'layer_styles', '', 0, ?)
"""
_ROW = """
INSERT INTO layer_styles
  (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, useAsDefault, description,
   owner, update_time)
VALUES ('', '', ?, ?, 'walkshed', ?, 1, 'walkshed', '', ?)
"""


@dataclass(frozen=True)
class Symbol:
    """One class of a style: its label, its range or value, and how it is drawn.

    Attributes
    ----------
    label
        What the legend says.
    low, high
        The range of a graduated style; `low` is the value of a categorised one where `value` is none.
    value
        The text of a categorised style.
    colour
        ``#rrggbb``.
    alpha
        0 to 1.
    width
        Millimetres of the line or the outline, or of the marker.
    """

    label: str
    colour: str
    low: float = 0.0
    high: float = 0.0
    alpha: float = 1.0
    width: float = 0.26
    value: str = ""

    @property
    def rgba(self) -> str:
        """The colour as QGIS writes it."""
        parts = (self.colour[1:3], self.colour[3:5], self.colour[5:7])
        return ",".join([*(str(int(part, 16)) for part in parts), str(round(255 * self.alpha))])


@dataclass(frozen=True)
class Style:
    """How a layer is drawn: by one symbol, by values or by ranges of `column`; each feature is named by `label`."""

    layer: str
    kind: Literal["line", "fill", "marker"]
    renderer: Literal["singleSymbol", "categorizedSymbol", "graduatedSymbol"]
    symbols: tuple[Symbol, ...]
    column: str = ""
    outline: str = "35,35,35,0"
    label: str = ""


def layer_styles(result: Coverage, layers: Sequence[str]) -> dict[str, str]:
    """Write the styles of the layers that a result has.

    Parameters
    ----------
    result
        What `analyze` returned.
    layers
        Their names.

    Returns
    -------
    dict
        Layer -> QML, in the layers' order.
    """
    page = TEMPLATES.get_template("style.qml")
    return {style.layer: page.render(style=style) for style in _styles(result) if style.layer in layers}


def _styles(result: Coverage) -> list[Style]:
    cutoffs = result.walk.cutoffs
    colours = ramp(len(cutoffs))
    lows = (0.0, *cutoffs[:-1])
    minutes = [
        Symbol(f"{low:g} - {high:g} min", colour, low, high, width=0.5)
        for low, high, colour in zip(lows, cutoffs, colours, strict=True)
    ]
    beyond = Symbol(f"> {cutoffs[-1]:g} min", GAP, cutoffs[-1], 1e6, width=0.5)
    nested = [Symbol(f"{c:g} min", colour, c, alpha=0.35) for c, colour in zip(cutoffs, colours, strict=True)]
    steps = [Symbol(f"{20 * i} - {20 * i + 20} %", colour, i / 5, (i + 1) / 5, 0.75) for i, colour in enumerate(SHARES)]
    kind = "street" if result.zones is None or result.zones["people"].isna().all() else "people"
    share = f"{kind}_share_{cutoffs[-1]:g}"
    stations = [Symbol("used", STATION, width=3.0, value="used")]
    stations += [Symbol(status, "#ffffff", width=2.0, value=status) for status in ("unsnapped", "outside")]
    grey = "86,101,110,255"
    return [
        Style("stations", "marker", "categorizedSymbol", tuple(stations), "status", outline=_edge(STATION_EDGE)),
        Style("service_areas", "fill", "categorizedSymbol", tuple(nested), "cutoff_min", outline=grey),
        Style("covered", "fill", "categorizedSymbol", tuple(nested), "cutoff_min"),
        Style("streets", "line", "graduatedSymbol", (*minutes, beyond), 'coalesce("walk_min", 999999)'),
        Style("gaps", "fill", "singleSymbol", (Symbol("", GAP, alpha=0.3),), outline=_edge(GAP), label="gap_id"),
        Style("zones", "fill", "graduatedSymbol", tuple(steps), share, outline=grey),
        Style("area", "fill", "singleSymbol", (Symbol("", "#ffffff", alpha=0.0, width=0.5),), outline=grey),
    ]


def _edge(colour: str) -> str:
    return Symbol("", colour).rgba


def write_styles(path: Path, styles: dict[str, str], when: datetime) -> None:
    """Put styles into a GeoPackage, where QGIS looks for them when it opens a layer.

    Parameters
    ----------
    path
        A GeoPackage that has no styles yet.
    styles
        Layer -> QML.
    when
        The date they are given.
    """
    stamped = when.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with closing(sqlite3.connect(path)) as book, book:
        book.execute(_TABLE)
        book.execute(_REGISTER, [stamped])
        book.executemany(_ROW, [(layer, GEOMETRY, qml, stamped) for layer, qml in styles.items()])
