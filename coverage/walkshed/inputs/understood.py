"""What was understood of a file: how it was read, what its columns mean, what is odd in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from walkshed.errors import warn_user
from walkshed.inputs.cells import rows_named
from walkshed.phrases import Phrase

Level = Literal["warning", "note"]
Role = Literal["stations", "candidates", "people", "zones", "area"]


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What the user states of a file, which its content need not tell.

    Attributes
    ----------
    role
        What it is to the study.
    sheet
        Sheet of a workbook, or layer; None for the first that says where its rows lie.
    columns
        Meaning -> heading, where the headings do not speak for themselves.
    datum
        One of `datum.DATUMS`, or auto.
    crs
        Coordinate system of numbers and shapes that name none.
    may_be_empty
        That it need not hold a row.
    """

    role: Role = "stations"
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    datum: str = "wgs84"
    crs: str | None = None
    may_be_empty: bool = False

    @property
    def crs_option(self) -> str:
        """What to write before a coordinate system on the command line."""
        return "--crs " if self.role in ("stations", "candidates") else f"--crs {self.role}="


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a file was read; None where the question does not arise.

    Attributes
    ----------
    kind
        "text", "workbook", "layers", "parquet", or "frame" where there was no file.
    encoding, delimiter
        Of a text table; the encoding of a Shapefile that does not state one, too.
    sheet
        Sheet of a workbook, or layers.
    heading_row
        Row of the headings, the lower one where they take two, counted from 1.
    crs
        Coordinate system that the file states.
    left_out
        Rows of totals, notes and repeated headings.
    """

    kind: str = "frame"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    heading_row: int | None = None
    crs: str | None = None
    left_out: tuple[int, ...] = ()


@dataclass(frozen=True)
class ReadColumn:
    """A column of the user's and what it was taken to mean; None where it is not used."""

    heading: str
    meaning: str | None


@dataclass(frozen=True)
class Finding:
    """Something odd that was found, and where.

    Attributes
    ----------
    code
        Names the phrases that tell it: ``finding.<code>`` and ``remedy.<code>``.
    level
        A warning touches the figures; a note need not.
    rows
        Row numbers in the user's file.
    values
        What the phrases take.
    source
        File, and sheet where there are several; "" where it is the list of stations.
    """

    code: str
    level: Level
    rows: tuple[int, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    source: str = ""

    @property
    def found(self) -> Phrase:
        """What was found."""
        return Phrase(f"finding.{self.code}", **self.values)

    @property
    def remedy(self) -> Phrase:
        """What to do about it."""
        return Phrase(f"remedy.{self.code}", **self.values)


def warn(finding: Finding) -> None:
    """Say in one line what was found in a file, where, and what to do."""
    parts: dict[str, Any] = {"source": finding.source, "found": finding.found, "remedy": finding.remedy}
    where = {"rows": rows_named(finding.rows)} if finding.rows else {}
    line = Phrase("said.rows" if where else "said.file", **parts, **where)
    warn_user(line, finding)


@dataclass(frozen=True, kw_only=True)
class Understood:
    """What was understood of a list of stations.

    Attributes
    ----------
    source
        File, and sheet where there are several.
    reading
        How it was read.
    columns
        Every column of the file.
    own
        The user's own cells, one row a station, indexed by its row in the file; headings as they stand.
    findings
        What is odd.
    datum
        What its coordinates were taken to be in: wgs84, gcj02 or bd09; auto where the streets are to tell it.
    """

    source: str
    reading: Reading
    columns: tuple[ReadColumn, ...]
    own: pd.DataFrame
    findings: tuple[Finding, ...]
    datum: str = "wgs84"

    def own_of(self, rows: NDArray[np.int64]) -> pd.DataFrame:
        """Hand out the user's cells of the stations in these rows of the file."""
        return self.own.loc[rows].reset_index(drop=True)
