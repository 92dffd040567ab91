"""What each station is worth: what only it serves, and what closing it would lose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from walkshed.analysis.recount import count_again
from walkshed.analysis.show import closing_html
from walkshed.errors import InputError
from walkshed.phrases import Phrase
from walkshed.siting.candidates import check_ids

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage


def station_worth(result: Coverage) -> pd.DataFrame:
    """Tell what each used station is worth, the most valuable first, all at the largest cutoff.

    Parameters
    ----------
    result
        What `analyze` returned.

    Returns
    -------
    DataFrame
        ``rank`` (by people that only it serves, else by street; of equals by the lower id), ``station_id``, ``name``,
        ``category``, ``street_km`` (covers inside the area), ``street_km_only`` (of that what no other station covers:
        lost if it closed), ``overlap_share`` (of its street, what others cover too), ``people`` (covered, whose
        nearest it is), ``people_only``, ``capacity`` and ``load`` (people over capacity). NaN where no people or no
        capacity are given.

    Examples
    --------
    >>> worth = ws.station_worth(result)
    >>> worth["station_id"].head(3).tolist()
    ['AH003', 'AH007', 'AH001']
    >>> bool((worth["street_km_only"] <= worth["street_km"]).all())
    True
    """
    used = result.stations[result.stations["status"] == "used"].reset_index(drop=True)
    street_km = used[f"street_km_{result.walk.largest:g}"].to_numpy(float)
    only_km = used["street_km_only"].to_numpy(float)
    people = used["people"].to_numpy(float)
    capacity = np.full(len(used), np.nan)
    if "capacity" in used:
        capacity = pd.to_numeric(used["capacity"], errors="coerce").to_numpy(float)
    table = pd.DataFrame(
        {
            "station_id": used["station_id"],
            "name": used["name"],
            "category": used["category"],
            "street_km": street_km,
            "street_km_only": only_km,
            "overlap_share": 1.0 - np.divide(only_km, street_km, out=np.full(len(used), np.nan), where=street_km > 0),
            "people": people,
            "people_only": used["people_only"].to_numpy(float),
            "capacity": capacity,
            "load": np.divide(people, capacity, out=np.full(len(used), np.nan), where=capacity > 0),
        }
    )
    # To the millimetre: what differs by rounding alone is equal.
    order = np.lexsort((table["station_id"], -only_km.round(6), -table["people_only"].fillna(0.0).round(6)))
    ranked = table.iloc[order].reset_index(drop=True)
    ranked.insert(0, "rank", np.arange(1, len(ranked) + 1))
    return ranked


@dataclass(frozen=True, kw_only=True, eq=False)
class Closing:
    """What is covered once some stations are closed.

    Attributes
    ----------
    closed
        Their ids.
    before, after
        What is covered with and without them, a row a cutoff as in ``summary["coverage"]``.
    stations
        Those that are left, ready for `analyze`.

    Examples
    --------
    >>> closing = ws.close_stations(result, "AH001")
    >>> round(closing.lost_people), len(closing.stations)
    (8951, ...)
    >>> round(closing.lost_street_km, 1), closing.summary["closed"]
    (26.7, ['AH001'])
    """

    closed: tuple[str, ...]
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]
    stations: gpd.GeoDataFrame

    @property
    def lost_street_km(self) -> float:
        """Street that is no longer covered at the largest cutoff."""
        return max(float(self.before[-1]["street_km"] - self.after[-1]["street_km"]), 0.0)  # not -0.0 by rounding

    @property
    def lost_people(self) -> float | None:
        """People who are no longer covered at the largest cutoff; None where none are given."""
        people = self.before[-1]["people"]
        return None if people is None else max(float(people - self.after[-1]["people"]), 0.0)

    @property
    def summary(self) -> dict[str, Any]:
        """The figures, as ``summary.json`` holds them under ``closing``."""
        return {
            "closed": list(self.closed),
            "before": self.before[-1],
            "after": self.after[-1],
            "coverage_before": self.before,
            "coverage_after": self.after,
            "lost_street_km": self.lost_street_km,
            "lost_people": self.lost_people,
        }

    def __repr__(self) -> str:
        """Say what is lost."""
        people = "" if self.lost_people is None else f" and {self.lost_people:,.0f} people"
        return f"Closing({', '.join(self.closed)}: loses {self.lost_street_km:,.1f} km of street{people})"

    def _repr_html_(self) -> str:
        return closing_html(self)


def close_stations(result: Coverage, ids: str | list[str] | tuple[str, ...]) -> Closing:
    """Tell what would be covered without some stations: what `analyze` finds with the others.

    Parameters
    ----------
    result
        What `analyze` returned.
    ids
        Of the stations to close.

    Returns
    -------
    Closing
        What is lost (``lost_street_km``, ``lost_people``), the coverage before and after, and the stations that stay.

    Raises
    ------
    InputError
        If there is no such station, naming those most like it, or none would be left.

    Examples
    --------
    >>> ws.close_stations(result, ["AH001", "AH003"])
    Closing(AH001, AH003: loses ... km of street and 21,837 people)
    """
    closed = tuple(dict.fromkeys([str(ids)] if isinstance(ids, (str, int)) else map(str, ids)))
    stations = result.given.stations
    if not closed:
        raise InputError(Phrase("choosing.close_none"))
    check_ids(closed, stations["station_id"].tolist(), "--close", "station")
    left = stations[~stations["station_id"].isin(closed)].reset_index(drop=True)
    used = result.stations.loc[result.stations["status"] == "used", "station_id"]
    if used.isin(closed).all():
        raise InputError(Phrase("choosing.close_all", count=len(used)))
    return Closing(
        closed=closed,
        before=result.summary["coverage"],
        after=count_again(result, left).coverage,
        stations=left,
    )
