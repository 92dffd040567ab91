"""The map of one category alone: its headlines, and the cost of every line to its own stations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from walkshed.output.facts import used_categories
from walkshed.output.mapwords import category_headlines
from walkshed.output.packing import pack_integers
from walkshed.output.words import Words, plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from walkshed.analysis.result import Coverage

COSTS_LIMIT = 1_800_000
"""Characters that the costs of all categories may take; the categories with the fewest stations go first."""

STEPS = 500
"""Steps of the largest budget that costs are written in: 2.4 m of 1,200."""

BEYOND = -1


def category_views(result: Coverage, words: Words, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pack what the map needs to show the stations of one category alone.

    Parameters
    ----------
    result
        What `analyze` found.
    words
        The language.
    listed
        The categories that have a mark of their own, as `mapstations.categories` lists them.

    Returns
    -------
    list of dict
        ``category`` (place in `listed`), ``headlines`` (one a cutoff), and ``start`` and ``end``: the packed
        costs at both ends of each line. Empty where stations of one category alone are used.
    """
    if len(used_categories(result)) < 2:
        return []
    told = {plain(name): (name, rows) for name, rows in result.categories.groupby("category", sort=False)}
    if len(told) < 2:  # two that are shown as one
        return []
    views: list[dict[str, Any]] = []
    left = COSTS_LIMIT
    for index, entry in enumerate(listed):
        if entry["key"] not in told:
            continue
        name, rows = told[entry["key"]]
        costs = result.line_costs(name)
        start, end = (_packed(column, result.walk.budget_m(result.walk.largest)) for column in costs.T)
        left -= len(start) + len(end)
        if left < 0:
            break
        heads = category_headlines(result, words, entry["name"], rows.to_dict("records"))
        views.append({"category": index, "headlines": heads, "start": start, "end": end})
    return views


def _packed(cost_m: NDArray[np.float64], budget_m: float) -> str:
    within = cost_m <= budget_m
    return pack_integers(np.where(within, np.rint(np.where(within, cost_m, 0.0) * STEPS / budget_m), BEYOND))
