"""Who walks: the same stations for people of different speeds, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from walkshed.analysis.given import require_reach
from walkshed.analysis.ground import Ground
from walkshed.analysis.growth import stretches_within_m
from walkshed.analysis.people import Heads
from walkshed.analysis.stretches import Stretches
from walkshed.errors import InputError
from walkshed.network.left_out import without_steps
from walkshed.phrases import Phrase
from walkshed.reach.field import Field
from walkshed.reach.reach import walk_out
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import PROFILES, STEPLESS, Walk

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

COLUMNS = (
    "profile", "speed_kmh", "steps", "cutoff_min", "budget_m", "street_total_km", "street_km", "street_share",
    "people", "people_share",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Walked:
    """What figures are added up from: the least cost everywhere, all street, and the people on it."""

    field: Field
    stretches: Stretches
    heads: Heads | None


def by_profile(result: Coverage, profiles: Iterable[str] | Mapping[str, float]) -> pd.DataFrame:
    """Tell what the stations of a result cover for people who walk otherwise.

    The same definitions as for the result itself: a profile's row is what `analyze` finds with its speed. One search
    serves them all, for costs are metres, and only budgets differ; those who walk farther than the result looked, or
    take no steps, get a search of their own.

    Parameters
    ----------
    result
        What `analyze` returned.
    profiles
        Names of `PROFILES`, ``name=speed`` in km/h, or a mapping of names to speeds.

    Returns
    -------
    DataFrame
        A row for each profile and cutoff, in the order given: ``profile``, ``speed_kmh``, ``steps`` (whether they are
        taken), ``cutoff_min``, ``budget_m``, ``street_total_km`` (inside the area; what shares are of),
        ``street_km``, ``street_share``, ``people``, ``people_share`` (of those not unknown; None where no people are
        given).

    Raises
    ------
    InputError
        If there is no such profile, a speed is no positive number, or a profile takes steps and the result left
        them out; if one walks farther than the streets were read.

    Examples
    --------
    >>> walks = ws.by_profile(result, ["older", "post=5.5"])
    >>> walks.loc[walks["cutoff_min"] == 15, ["profile", "budget_m"]].values.tolist()
    [['older', 750.0], ['post', 1375.0]]
    """
    rows = [row for name, walk in profile_walks(profiles, result.walk).items() for row in _rows(result, name, walk)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def profile_walks(profiles: Iterable[str] | Mapping[str, float], base: Walk) -> dict[str, Walk]:
    """Read profiles: name -> how far they walk, with the other settings of `base`.

    Raises
    ------
    InputError
        As `by_profile`.
    """
    if isinstance(profiles, str):
        profiles = profiles.split(",")
    speeds = dict(profiles) if isinstance(profiles, Mapping) else dict(_speed(text) for text in profiles)
    if not speeds:
        raise InputError(Phrase("walking.profiles_none", known=", ".join(PROFILES)))
    walks = {
        name: replace(base, follows=None, speed=speed, steps=base.steps and name not in STEPLESS)
        for name, speed in speeds.items()
    }
    stairs = [name for name in walks if not base.steps and name in PROFILES and name not in STEPLESS]
    if stairs:
        raise InputError(Phrase("walking.profiles_steps", names=", ".join(stairs)))
    return walks


def _speed(text: str) -> tuple[str, float]:
    name, equals, speed = (part.strip() for part in text.partition("="))
    if not equals and name in PROFILES:
        return name, PROFILES[name]
    if not equals or not name or name in PROFILES:
        raise InputError(Phrase("walking.profiles_unknown", found=text, known=", ".join(PROFILES)))
    try:
        return name, float(speed)
    except ValueError:
        raise InputError(Phrase("walking.profiles_speed", found=text, name=name)) from None


def _rows(result: Coverage, name: str, walk: Walk) -> list[dict[str, Any]]:
    farther = walk.budget_m(walk.largest) > result.walk.budget_m(result.walk.largest) * (1 + 1e-9)
    known = not farther and walk.steps == result.walk.steps
    walked = _Walked(result.reach.field, result.stretches, result.heads) if known else _walked_anew(result, walk)
    inside = np.flatnonzero(walked.stretches.inside)
    total_m = float(walked.stretches.length_m[inside].sum())
    heads = walked.heads
    peopled = None if heads is None else heads.total(heads.known)
    rows = []
    for cutoff in walk.cutoffs:
        budget_m = walk.budget_m(cutoff)
        covered_m = float(stretches_within_m(walked.field, walked.stretches, inside, budget_m).sum())
        people = None if heads is None else _people(heads, walked, budget_m)
        rows.append(
            {
                "profile": name,
                "speed_kmh": walk.speed,
                "steps": walk.steps,
                "cutoff_min": cutoff,
                "budget_m": budget_m,
                "street_total_km": total_m / 1000,
                "street_km": covered_m / 1000,
                "street_share": covered_m / total_m,
                "people": people,
                "people_share": people / peopled if people is not None and peopled else None,
            }
        )
    return rows


def _people(heads: Heads, walked: _Walked, budget_m: float) -> float:
    """Add up who is within a budget; people spread over a stretch count by the share of it that is."""
    if heads.polygon is None:
        return heads.total(heads.within(budget_m))
    on = np.flatnonzero(heads.row >= 0)
    covered_m = stretches_within_m(walked.field, walked.stretches, heads.row[on], budget_m)
    return float((heads.count[on] * covered_m / walked.stretches.length_m[heads.row[on]]).sum())


def _walked_anew(result: Coverage, walk: Walk) -> _Walked:
    """Search once more, over the streets that this profile can use, as far as it goes."""
    streets = result.network if walk.steps else without_steps(result.network)
    reach_m = walk.budget_m(walk.largest) / streets.least_cost
    require_reach(streets, reach_m)
    given, snapper = replace(result.given, reach_m=reach_m), Snapper(streets, result.snapper.barriers)
    standing, borders = given.stand(streets, snapper, walk.max_snap), given.borders(streets)
    reach = walk_out(streets, standing.snaps, walk.budget_m(walk.largest))
    ground = Ground(streets, given, borders, snapper, walk)
    stretches = ground.stretches(reach)
    return _Walked(reach.field, stretches, ground.heads(reach, stretches))
