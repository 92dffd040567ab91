"""A matrix of costs, demand by candidates, and what goes with it: checked, with infinite for unreachable."""

from __future__ import annotations

import operator
from numbers import Real
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from walkshed.compiled import Floats
from walkshed.errors import InputError
from walkshed.phrases import Phrase


def checked_costs(cost: ArrayLike) -> Floats:
    """Check the matrix; unreachable becomes infinite."""
    table = _numbers(cost, "cost")
    if table.ndim != 2 or 0 in table.shape:
        raise InputError(f"cost: must be a matrix of demand by candidates, at least 1 x 1; found shape {table.shape}")
    if (table < 0).any():
        row, column = np.argwhere(table < 0)[0]
        raise InputError(f"cost: must be 0 or more; found {table[row, column]:g} in row {row}, column {column}")
    return np.where(np.isnan(table), np.inf, table)


def checked_weights(weights: ArrayLike, table: Floats) -> Floats:
    """Check the weights of the rows."""
    weight = _numbers(weights, "weights")
    if weight.shape != (len(table),):
        raise InputError(f"weights: must be one for each of the {len(table)} rows of cost; found shape {weight.shape}")
    wrong = np.flatnonzero(~(np.isfinite(weight) & (weight >= 0)))
    if len(wrong):
        raise InputError(f"weights: must be numbers of 0 or more; found {weight[wrong[0]]:g} in row {wrong[0]}")
    return weight


def _numbers(values: ArrayLike, what: str) -> Floats:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{what}: must be numbers; found something else in it") from None


def checked_count(n: SupportsIndex, table: Floats) -> int:
    """Check how many candidates are asked for."""
    try:
        count = operator.index(n)
    except TypeError:
        raise InputError(f"n: must be a whole number of 1 or more; found {n!r}") from None
    if isinstance(n, bool) or count < 1:
        raise InputError(f"n: must be a whole number of 1 or more; found {n!r}")
    if count > table.shape[1]:
        raise InputError(f"n: {count} are asked for, and there are {table.shape[1]} candidates; ask for fewer")
    return count


def checked_cutoff(cutoff: float) -> float:
    """Check a cutoff."""
    try:
        limit = float(cutoff)
    except (TypeError, ValueError):
        limit = np.nan
    if not (np.isfinite(limit) and limit >= 0):
        raise InputError(f"cutoff: must be a number of 0 or more, in the unit of the costs; found {cutoff!r}")
    return limit


def check_time_limit(time_limit_s: float | None) -> None:
    """Refuse a limit that is no time; None is as long as it takes."""
    if time_limit_s is not None and not (isinstance(time_limit_s, Real) and time_limit_s >= 0):
        raise InputError(Phrase("choosing.time_limit", found=time_limit_s))


def check_method(method: str) -> None:
    """Refuse an unknown method."""
    if method not in ("exact", "greedy"):
        raise InputError(f"method: found {method!r}; choose exact or greedy")


def some_rows(rows: NDArray[np.int64]) -> str:
    """Name the first few rows."""
    return (
        "rows " * (len(rows) > 1)
        + "row " * (len(rows) == 1)
        + ", ".join(map(str, rows[:10]))
        + " ..." * (len(rows) > 10)
    )
