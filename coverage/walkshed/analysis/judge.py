"""A result held against a norm: each target met, missed, and by how much."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING, Any

import pandas as pd

from walkshed.errors import InputError
from walkshed.phrases import Phrase
from walkshed.reach.norms import Norm, Target, norm_of

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

OF_CUTOFF = ("street_share", "people_share", "cross_covered_share")


def judge(result: Coverage, norm: str | Norm) -> pd.DataFrame:
    """Hold a result against a norm.

    Parameters
    ----------
    result
        What `analyze` returned, with the norm's walk: ``Walk.norm("union2023")``.
    norm
        Its id, one of `norms`, or the norm itself.

    Returns
    -------
    DataFrame
        A row a target: ``target`` (its id), ``says`` (English), ``measure`` (what was measured), ``cutoff_min``,
        ``asked`` (None where the norm names no figure), ``found`` (None where it cannot be told, such as people where
        none are given), ``met`` (None where either is None, but False of people a station where there is no station),
        ``margin`` (by how much: positive is met with so much to spare, negative missed by so much; of shares as shares)
        and ``verified``.

    Raises
    ------
    InputError
        If there is no such norm, or the result was made with another walk.

    Examples
    --------
    >>> union = ws.analyze(streets, stations, area=area, zones=zones, walk=ws.Walk.norm("union2023"))
    >>> ws.judge(union, "union2023")[["target", "asked", "met"]].values.tolist()
    [['circle', None, None], ['cross', None, None], ['every_zone', 1.0, False]]
    """
    norm = norm_of(norm)
    _same_walk(result, norm)
    return pd.DataFrame([_row(result, target, norm) for target in norm.targets], dtype=object)


def _row(result: Coverage, target: Target, norm: Norm) -> dict[str, Any]:
    measure, found = _found(result, target)
    # No figure tells how many people a station has where there is none; but so many at most is missed.
    without = target.measure == "people_per_station" and result.summary["people"]["total"] and found is None
    asked = target.at_least if target.at_least is not None else target.at_most
    margin = None
    if asked is not None and found is not None:
        margin = found - asked if target.at_least is not None else asked - found
        margin = 0.0 if isclose(found, asked, rel_tol=1e-9) else margin
    return {
        "target": target.id,
        "says": target.says["en"],
        "measure": measure,
        "cutoff_min": target.cutoff_min,
        "asked": asked,
        "found": found,
        "met": margin >= 0 if margin is not None else False if without and asked is not None else None,
        "margin": margin,
        "verified": norm.verified,
    }


def _found(result: Coverage, target: Target) -> tuple[str, float | None]:
    """Measure what a target is about; ``coverage_share`` is of people where there are any, else of street."""
    if target.measure == "zones_served_share":
        return target.measure, result.zones_served_share
    people, used = result.summary["people"], result.summary["stations"]["used"]
    if target.measure == "people_per_station":
        return target.measure, people["total"] / used if people["total"] and used else None
    (row,) = (row for row in result.summary["coverage"] if isclose(row["cutoff_min"], target.cutoff_min or 0.0))
    measure = target.measure
    if measure == "coverage_share":
        measure = "street_share" if row["people_share"] is None else "people_share"
    return measure, row[measure]


def _same_walk(result: Coverage, norm: Norm) -> None:
    walk = result.walk
    has = [any(isclose(c, own) for own in walk.cutoffs) for c in norm.cutoffs_min]
    if not isclose(walk.speed, norm.speed_kmh) or not all(has):
        raise InputError(
            Phrase(
                "moment.other_walk",
                norm=norm.id,
                asked=_walk_text(norm.cutoffs_min, norm.speed_kmh),
                found=_walk_text(walk.cutoffs, walk.speed),
            )
        )


def _walk_text(cutoffs: tuple[float, ...], speed: float) -> str:
    return f"{', '.join(f'{c:g}' for c in cutoffs)} min, {speed:g} km/h"
