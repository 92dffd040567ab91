"""``Proposal``: the sites that are suggested, what they gain, and how good any choice could be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from walkshed.analysis.recount import count_again
from walkshed.analysis.show import proposal_html
from walkshed.compiled import Floats
from walkshed.siting.candidates import Candidates
from walkshed.siting.cover import free_choice
from walkshed.siting.gained import Gained, gained_by, zone_at
from walkshed.siting.goal import Goal, amount, site_category
from walkshed.siting.greedy import choose_greedily
from walkshed.siting.prove import Choice

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

CURVE_SITES = 50
"""The curve is told up to so many sites, or as many as are suggested."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Proposal:
    """Sites that are suggested. Frames are in the streets' CRS.

    Attributes
    ----------
    sites
        A row a site, in the order in which to open them: ``order``, ``site_id``, ``name``, ``kind``, ``fixed``,
        ``gain_street_km`` and ``gain_people`` (once those before it stand), ``gain_alone_street_km`` and
        ``gain_alone_people`` (by itself), ``zone``, ``snap_m``, ``geometry``. At the largest cutoff; people are NaN
        where none are given.
    serves
        Whom each newly serves: ``order, zone, street_km, people``; empty where no zones are given.
    curve
        Coverage against the number of sites, chosen greedily one after the other and free of rules for zones:
        ``sites``, ``street_share``, ``people_share``, and for the objective ``share`` and ``bound_share``, which no
        choice of so many exceeds.
    bend
        The number of sites where the curve bends (see `bend_of`); None where it does not.
    objective
        ``people``, ``street`` or ``cross``.
    before, after
        What is covered without and with the sites, a row a cutoff as in ``summary["coverage"]``.
    gain, bound
        What the sites gain of the objective, in people or km, and what no choice of so many, under the same
        rules, gains more than.
    proven
        Whether no choice of so many gains more; where a share was asked for, whether fewer do not reach it.
    candidates, unsnapped, outside
        How many candidates there were to choose from, and how many could not be used: too far from any
        street, and farther from the area than one walk.
    asked
        How many sites were asked for; None where a share was.
    share, at_least
        The share asked for, and how many sites it takes at least; else None.
    stations
        The stations of the study and the sites, ready for `analyze`.

    Examples
    --------
    >>> proposal = ws.suggest_sites(result, n=1)
    >>> proposal.sites[["site_id", "kind", "zone"]].values.tolist()
    [['host 11', 'bank', '东园社区']]
    >>> proposal.summary["added"], 0 <= proposal.gap < 0.01  # what any other choice could gain beyond it
    (1, True)
    >>> later = ws.analyze_again(result, proposal.stations)
    >>> abs(later.headline["people_share"] - proposal.after[-1]["people_share"]) < 1e-9
    True
    """

    sites: gpd.GeoDataFrame
    serves: pd.DataFrame
    curve: pd.DataFrame
    bend: int | None
    objective: str
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]
    gain: float
    bound: float
    proven: bool
    candidates: int
    unsnapped: int
    outside: int
    asked: int | None
    share: float | None
    at_least: int | None
    stations: gpd.GeoDataFrame = field(repr=False)

    @property
    def gap(self) -> float:
        """How much more than these sites any choice could gain, as a share of what they gain."""
        return (self.bound - self.gain) / self.gain if self.gain > 0 else 0.0

    @property
    def summary(self) -> dict[str, Any]:
        """The figures, as ``summary.json`` holds them under ``sites``."""
        rows = self.sites.drop(columns="geometry").to_dict("records")
        return {
            "objective": self.objective,
            "cutoff_min": self.after[-1]["cutoff_min"],
            "candidates": self.candidates,
            "asked": self.asked,
            "share": self.share,
            "at_least": self.at_least,
            "added": len(rows),
            "gain": self.gain,
            "bound": self.bound,
            "gap": self.gap,
            "proven": self.proven,
            "before": self.before[-1],
            "after": self.after[-1],
            "coverage_before": self.before,
            "coverage_after": self.after,
            "sites": [_plain(row) for row in rows],
            "serves": [_plain(row) for row in self.serves.to_dict("records")],
            "curve": [_plain(row) for row in self.curve.to_dict("records")],
            "bend": self.bend,
        }

    def __repr__(self) -> str:
        """Say how many sites, and what they gain."""
        name, gained = ("people", self.gain) if self.objective == "people" else ("street", 1000 * self.gain)
        proof = "proven"
        if not self.proven:
            proof = f"bound {self.gap:.1%} above" if self.share is None else f"it takes {self.at_least} at least"
        return f"Proposal({len(self.sites)} sites gain {amount(name, gained)}; {proof})"

    def _repr_html_(self) -> str:
        return proposal_html(self)


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """Make a row of numbers and text that JSON knows."""
    plain = {str(k): v.item() if isinstance(v, np.generic) else v for k, v in row.items()}
    return {k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in plain.items()}


def proposal_of(
    result: Coverage,
    goal: Goal,
    pool: Candidates,
    best: Choice,
    fixed: NDArray[np.int64],
    open_: NDArray[np.bool_],
    asked: dict[str, Any],
) -> Proposal:
    """Tell what a choice of candidates, in their order, gains.

    Parameters
    ----------
    result
        What is covered today.
    goal, pool, best
        What was to be gained, who could be chosen, and who was.
    fixed, open_
        Candidates that had to be, and those that could be chosen.
    asked
        ``asked``, ``share``, ``at_least`` and ``proven`` of the proposal.
    """
    picked = pool.take(best.chosen)
    gains = gained_by(result, picked.snaps)
    stations = _with_sites(result, picked)
    curve = _curve(result, goal, pool, open_, len(picked))
    return Proposal(
        sites=_table(result, picked, np.isin(best.chosen, fixed), gains),
        serves=gains.serves,
        curve=curve,
        bend=bend_of(curve["sites"].to_numpy(float), curve["share"].to_numpy(float)),
        objective=goal.objective,
        before=result.summary["coverage"],
        after=count_again(result, stations).coverage if len(picked) else result.summary["coverage"],
        gain=best.value / goal.unit,
        bound=best.bound / goal.unit,
        candidates=int(open_.sum()),
        unsnapped=pool.unsnapped,
        outside=pool.outside,
        stations=stations,
        **({"share": None, "at_least": None, "asked": None} | asked),
    )


def _table(result: Coverage, picked: Candidates, fixed: NDArray[np.bool_], gains: Gained) -> gpd.GeoDataFrame:
    t = picked.table
    columns = {
        "order": np.arange(1, len(t) + 1),
        "site_id": t["site_id"].to_numpy(dtype=object),
        "name": t["name"].to_numpy(dtype=object),
        "kind": t["kind"].to_numpy(dtype=object),
        "fixed": fixed,
        "gain_street_km": gains.street_km,
        "gain_people": gains.people,
        "gain_alone_street_km": gains.alone_km,
        "gain_alone_people": gains.alone_people,
        "zone": zone_at(result, t.geometry.get_coordinates().to_numpy()),
        "snap_m": picked.snaps.leg_m,
    }
    return gpd.GeoDataFrame(columns, geometry=t.geometry.to_numpy(), crs=result.crs)


def _with_sites(result: Coverage, picked: Candidates) -> gpd.GeoDataFrame:
    """Put the sites after the stations of the study; an id that is taken gets a star."""
    before, taken = result.given.stations, set(result.given.stations["station_id"])
    ids = []
    for name in picked.table["site_id"]:
        while name in taken:
            name = f"{name}*"
        taken.add(name)
        ids.append(name)
    first = int(before["row"].max()) + 1 if "row" in before and len(before) else 1
    sites = gpd.GeoDataFrame(
        {
            "station_id": ids,
            "name": picked.table["name"].to_numpy(dtype=object),
            "category": site_category(result),
            "row": np.arange(first, first + len(ids)),
        },
        geometry=picked.table.geometry.to_numpy(),
        crs=result.crs,
    )
    if not len(sites):
        return before
    table = pd.concat([pd.DataFrame(before), pd.DataFrame(sites)], ignore_index=True)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=result.crs)


def _curve(result: Coverage, goal: Goal, pool: Candidates, open_: NDArray[np.bool_], suggested: int) -> pd.DataFrame:
    """Choose greedily, one after the other, until nothing is gained; tell the shares after each."""
    most = min(max(CURVE_SITES, suggested), int(open_.sum()))
    rules = replace(free_choice(most, len(pool)), open=open_)
    steps = choose_greedily(goal.cover, rules)
    share = [goal.before] + [goal.before + goal.cover.value(steps.chosen[:i]) for i in range(1, len(steps.chosen) + 1)]
    gains = gained_by(result, pool.take(steps.chosen).snaps)
    last, known = result.summary["coverage"][-1], result.summary["people"]
    street = last["street_km"] + np.cumsum(np.append(0.0, gains.street_km))
    people = np.full(len(street), np.nan)
    if result.heads is not None:
        people = (last["people"] + np.cumsum(np.append(0.0, gains.people))) / max(
            known["total"] - known["unknown"], 1e-9
        )
    told = pd.DataFrame(
        {
            "sites": np.arange(len(street)),
            "street_share": street / result.summary["streets"]["street_km"],
            "people_share": people,
            "share": np.array(share) / goal.whole if goal.whole else np.nan,
            "bound_share": (goal.before + steps.bound) / goal.whole if goal.whole else np.nan,
        }
    )
    gained = np.append(True, np.diff(share) > 1e-9 * max(goal.whole, 1.0))
    last_gain = int(np.flatnonzero(gained)[-1]) if goal.objective != "cross" else len(told) - 1
    return told.iloc[: max(last_gain, suggested) + 1].reset_index(drop=True)


def bend_of(sites: Floats, share: Floats) -> int | None:
    """Tell where a curve of coverage bends: where it lies farthest above the straight line between its ends.

    Both axes are taken from 0 to 1 along that line, so that the answer has no unit (V. Satopää, J. Albrecht, D. Irwin,
    B. Raghavan, Finding a "kneedle" in a haystack, ICDCS Workshops, 2011). It depends on where the curve ends.

    Parameters
    ----------
    sites, share
        (c,) ascending.

    Returns
    -------
    int or None
        The number of sites; None where the curve has fewer than three points, or nowhere lies above its line.

    Examples
    --------
    >>> bend_of(np.arange(5.0), np.array([0.0, 0.4, 0.8, 0.9, 1.0]))
    2
    """
    if len(sites) < 3 or not share[-1] > share[0]:
        return None
    above = (share - share[0]) / (share[-1] - share[0]) - (sites - sites[0]) / (sites[-1] - sites[0])
    return int(sites[np.argmax(above)]) if above.max() > 1e-9 else None
