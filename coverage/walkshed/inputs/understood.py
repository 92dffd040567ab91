"""What was understood of a file: how it was read, what its columns mean, what is odd in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Level = Literal["warning", "note"]


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
    """

    code: str
    level: Level
    rows: tuple[int, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


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
    """

    source: str
    reading: Reading
    columns: tuple[ReadColumn, ...]
    own: pd.DataFrame
    findings: tuple[Finding, ...]

    def own_of(self, rows: NDArray[np.int64]) -> pd.DataFrame:
        """Hand out the user's cells of the stations in these rows of the file."""
        return self.own.loc[rows].reset_index(drop=True)
