"""Rules for sites: which must be chosen, which may not, and how many a zone may or must have."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from walkshed.analysis.zones import zone_of_each
from walkshed.errors import InputError
from walkshed.phrases import Phrase
from walkshed.siting.candidates import Candidates
from walkshed.siting.cover import Rules

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage


@dataclass(frozen=True)
class Wishes:
    """What a planner asks of the sites, beside their number; ids are those of the candidates."""

    fixed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    at_most_one_per_zone: bool = False
    at_least_one_per_zone: bool = False


def rules_of(result: Coverage, pool: Candidates, n: int | None, wishes: Wishes) -> Rules:
    """Turn wishes into rules, and refuse those that cannot be kept.

    Parameters
    ----------
    result
        Whose zones count.
    pool, n, wishes
        The candidates, how many are chosen (None for as many as may be), and under which conditions.

    Raises
    ------
    InputError
        Naming the rule, and what it fails for.
    """
    fixed = pool.rows_of(wishes.fixed, "--fixed")
    free = np.ones(len(pool), bool)
    free[pool.rows_of(wishes.forbidden, "--forbidden")] = False
    count = int(free.sum()) if n is None else whole_number(n)
    if not free[fixed].all():
        raise InputError(Phrase("choosing.fixed_forbidden", found=pool.table["site_id"][fixed[~free[fixed]][0]]))
    if free.sum() < count:
        many = "choosing.too_many_free" if wishes.forbidden else "choosing.too_many"
        raise InputError(Phrase(many, count=count, free=int(free.sum())))
    if len(fixed) > count:
        raise InputError(Phrase("choosing.fixed_many", fixed=len(fixed), count=count))
    if not (wishes.at_most_one_per_zone or wishes.at_least_one_per_zone):
        return Rules(count, fixed, free, np.full(len(pool), -1, np.int32), np.empty(0, bool))
    if result.zones is None or result.zones.empty:
        raise InputError(Phrase("choosing.no_zones"))
    rules = Rules(count, fixed, free, *_zones_of(result.zones, pool, wishes))
    _check_zones(rules, result.zones["zone"].to_numpy(dtype=object))
    return rules


def _zones_of(
    zones: gpd.GeoDataFrame, pool: Candidates, wishes: Wishes
) -> tuple[NDArray[np.int32], NDArray[np.bool_], bool]:
    """Tell the zone of each candidate, which zones are owed a site, and whether none may have two."""
    zone = np.full(len(pool), -1, np.int32)
    inside, of = zone_of_each(zones, pool.table.geometry.to_numpy())
    zone[inside] = of
    none_yet = zones["stations"].to_numpy() == 0
    owed = none_yet if wishes.at_least_one_per_zone else np.zeros(len(zones), bool)
    return zone, owed, wishes.at_most_one_per_zone


def _check_zones(rules: Rules, name: NDArray[np.object_]) -> None:
    """Refuse rules for zones that cannot be kept."""
    owed = np.flatnonzero(rules.owed)
    empty = owed[~np.isin(owed, rules.zone[rules.open])]
    if len(empty):
        raise InputError(Phrase("choosing.zone_empty", zones=_names(name[empty])))
    begun = np.unique(rules.zone[rules.fixed])
    wanting = np.setdiff1d(owed, begun)
    if len(wanting) > rules.n - len(rules.fixed):
        left, needed = rules.n - len(rules.fixed), len(wanting) + len(rules.fixed)
        raise InputError(
            Phrase("choosing.zone_many", wanting=len(wanting), zones=_names(name[wanting]), left=left, needed=needed)
        )
    if not rules.one_a_zone:
        return
    zone, times = np.unique(rules.zone[rules.fixed], return_counts=True)
    twice = zone[(times > 1) & (zone >= 0)]
    if len(twice):
        raise InputError(Phrase("choosing.zone_twice", zones=_names(name[twice])))
    most = len(np.unique(rules.zone[rules.open & (rules.zone >= 0)])) + int((rules.open & (rules.zone < 0)).sum())
    if most < rules.n:
        raise InputError(Phrase("choosing.zone_few", most=most, count=rules.n))


def whole_number(n: object) -> int:
    """Check how many sites are asked for.

    Raises
    ------
    InputError
        If that is no whole number of 1 or more.
    """
    try:
        count = 0 if isinstance(n, bool) else operator.index(n)  # type: ignore[arg-type]
    except TypeError:
        count = 0
    if count < 1:
        raise InputError(Phrase("choosing.number", found=n))
    return count


def _names(names: NDArray[np.object_]) -> str:
    more = Phrase("choosing.and_more", names=", ".join(map(str, names[:5])), more=len(names) - 5)
    return more if len(names) > 5 else ", ".join(map(str, names))
