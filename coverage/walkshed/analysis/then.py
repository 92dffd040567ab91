"""A study of one moment: the stations that are open then, alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from walkshed.analysis.clock import Doors, low_and_high
from walkshed.analysis.notes import nothing_open
from walkshed.errors import InputError
from walkshed.inputs import check_stations
from walkshed.inputs.moment import Moment, read_moment
from walkshed.phrases import Phrase

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage


@dataclass(frozen=True)
class OpenThen:
    """Which stations a result of one moment is of.

    Attributes
    ----------
    at
        The moment.
    open, closed, unknown
        Ids of the stations read: open for certain, which the result is of; closed; of unknown hours.
    rows
        A row a cutoff, as `at_moment` has them: ``_low`` is the result's own, ``_high`` with those of unknown hours.
    shut
        The closed ones, as they were read: gaps tell which of them would serve their centre.
    """

    at: Moment
    open: tuple[str, ...]
    closed: tuple[str, ...]
    unknown: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    shut: gpd.GeoDataFrame | None = None

    @property
    def summary(self) -> dict[str, Any]:
        """The figures, as ``summary.json`` has them under ``clock``."""
        counts = {"open": len(self.open), "closed": len(self.closed), "unknown": len(self.unknown)}
        return {"at": str(self.at)} | counts | {"coverage": list(self.rows)}


def analyze_then(
    run: Callable[[gpd.GeoDataFrame], Coverage],
    stations: gpd.GeoDataFrame,
    at: str | datetime | Moment,
    country: str,
    *,
    allow_no_stations: bool = False,
) -> Coverage:
    """Analyze the stations that are open for certain; and, for the high figures, those of unknown hours with them.

    Parameters
    ----------
    run
        Analyzes stations, everything else being settled.
    stations
        All.
    at
        As for `at_moment`.
    country
        ISO code: whose public holidays ``PH`` means.
    allow_no_stations
        Whether it is fine if none is open, or there is none.

    Raises
    ------
    InputError
        If the moment or no hours can be read, or no station is open for certain and one must be.
    """
    moment = read_moment(at)
    listed = check_stations(stations, may_be_empty=allow_no_stations)
    none = np.zeros(0, dtype=bool)
    sure, possible = Doors(listed, country).at(moment.when) if len(listed) else (none, none)
    unknown = possible & ~sure
    if not sure.any() and not allow_no_stations:
        counts = {"closed": int((~possible).sum()), "unknown": int(unknown.sum())}
        raise InputError(Phrase("moment.nothing_open", at=str(moment), **counts))
    low = run(listed[sure])
    high = run(listed[possible]) if unknown.any() else low
    ids = listed["station_id"].to_numpy(dtype=object)
    pairs = zip(low.summary["coverage"], high.summary["coverage"], strict=True)
    counts = {"open": int(sure.sum()), "unknown": int(unknown.sum())}
    rows = tuple({"cutoff_min": a["cutoff_min"]} | counts | low_and_high(a, b) for a, b in pairs)
    named = [tuple(np.sort(ids[mask])) for mask in (sure, ~possible, unknown)]
    then = OpenThen(moment, named[0], named[1], named[2], rows, listed[~possible])
    notes = low.notes if sure.any() else nothing_open(low.notes, len(then.closed), len(then.unknown))
    return replace(low, moment=then, notes=notes, summary=low.summary | {"clock": then.summary})
