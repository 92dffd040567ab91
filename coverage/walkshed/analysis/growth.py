"""How coverage grows: minute by minute, and with the number of stations that share a street."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from walkshed.analysis.people import Heads
from walkshed.analysis.stretches import Stretches
from walkshed.reach.field import Field
from walkshed.reach.walk import Walk

CURVE_MIN = 30
"""The curve runs this far, or twice the largest cutoff where that is more."""
DEEPEST = 3
"""Depths from here on are told as one."""


def minute_curve(field: Field, stretches: Stretches, heads: Heads | None, walk: Walk) -> pd.DataFrame:
    """Tell the share of street and of people within each whole minute of the nearest station.

    Parameters
    ----------
    field, stretches, heads
        The least cost of every street point; the street and the people.
    walk
        How far people walk.

    Returns
    -------
    DataFrame
        ``minute`` from 0, ``street_share`` (of street inside the area), ``people_share`` (of people who are not
        unknown; NaN where no people are given). Beyond the largest cutoff: within the streets read.
    """
    minutes = np.arange(max(CURVE_MIN, int(np.ceil(2 * walk.largest))) + 1, dtype=np.float64)
    budgets_m = np.array([walk.budget_m(m) for m in minutes])
    row = np.flatnonzero(stretches.inside)
    low_m, high_m, length_m = field.slopes(stretches.part[row], stretches.from_m[row], stretches.to_m[row])
    reached = np.isfinite(high_m) & (length_m > 0)
    low_m, high_m, length_m = low_m[reached], high_m[reached], length_m[reached]
    covered_m = [float(within_m(low_m, high_m, length_m, b).sum()) for b in budgets_m]
    total_m = float(stretches.length_m[row].sum())
    return pd.DataFrame(
        {
            "minute": minutes,
            "street_share": np.array(covered_m) / total_m,
            "people_share": _people_within(heads, budgets_m),
        }
    )


def within_m(
    low_m: NDArray[np.float64], high_m: NDArray[np.float64], length_m: NDArray[np.float64], budget_m: float
) -> NDArray[np.float64]:
    """Tell how many metres of slopes cost no more than a budget.

    Parameters
    ----------
    low_m, high_m, length_m
        Finite costs at both ends of each slope, and how long it is; see `Field.slopes`.
    budget_m
        Metres of cost.
    """
    rise_m = high_m - low_m
    flat = rise_m <= 0
    share = np.where(flat, low_m <= budget_m, np.clip((budget_m - low_m) / np.where(flat, 1.0, rise_m), 0, 1))
    covered: NDArray[np.float64] = length_m * share
    return covered


def stretches_within_m(
    field: Field, stretches: Stretches, rows: NDArray[np.int64], budget_m: float
) -> NDArray[np.float64]:
    """(p,) how many metres of some of the stretches lie within any budget, also one that they are not cut at."""
    low_m, high_m, length_m = field.slopes(stretches.part[rows], stretches.from_m[rows], stretches.to_m[rows])
    reached = np.isfinite(high_m) & (length_m > 0)
    covered_m = np.zeros(length_m.shape)
    covered_m[reached] = within_m(low_m[reached], high_m[reached], length_m[reached], budget_m)
    total: NDArray[np.float64] = covered_m.sum(axis=0)
    return total


def _people_within(heads: Heads | None, budgets_m: NDArray[np.float64]) -> NDArray[np.float64]:
    known = 0.0 if heads is None else heads.total(heads.known)
    if heads is None or not known:
        return np.full(len(budgets_m), np.nan)
    return np.array([heads.total(heads.within(b)) for b in budgets_m]) / known


def depth_rows(stretches: Stretches, walk: Walk) -> pd.DataFrame:
    """Tell how much street inside the area 0, 1, 2, and 3 or more stations cover, at each cutoff.

    Returns
    -------
    DataFrame
        ``cutoff_min``, ``depth`` (0 to `DEEPEST`, which stands for more too), ``street_km``, ``street_share``.
    """
    length_m = stretches.length_m[stretches.inside]
    rows = []
    for i, cutoff in enumerate(walk.cutoffs):
        depth = np.minimum(stretches.depth[stretches.inside, i], DEEPEST)
        metres = np.bincount(depth, weights=length_m, minlength=DEEPEST + 1)
        rows += [
            {"cutoff_min": cutoff, "depth": d, "street_km": m / 1000, "street_share": m / metres.sum()}
            for d, m in enumerate(metres)
        ]
    return pd.DataFrame(rows)
