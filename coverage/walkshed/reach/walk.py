"""``Walk``: how far people walk, and what counts as reached."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from numbers import Real
from typing import TYPE_CHECKING

from walkshed.errors import InputError
from walkshed.phrases import Phrase
from walkshed.reach.norms import norm_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PROFILES: dict[str, float] = {"union": 4.0, "adult": 4.8, "older": 3.0, "wheels": 3.0}
"""Walking speeds in km/h. ``union``: 15 min = 1 km, the wording of China's national union plan of 2023.
``adult``: 15 min = 1.2 km. ``older``: people of 65 and over walk 0.8-0.9 m/s. ``wheels``: wheelchairs and prams, which
take no steps; our choice: as slow as ``older``."""

STEPLESS = frozenset({"wheels"})
"""Profiles that take no steps."""

MOST = 1e7
"""The largest number that any setting may be: in metres, half the way to the other side of the globe."""


def _number(name: str, value: object, *, above_zero: bool) -> float:
    """Check one setting."""
    if not isinstance(value, Real) or not isfinite(value) or value < 0 or (above_zero and value == 0):
        told = {"name": Phrase(f"asked.name_{name}"), "unit": Phrase(f"asked.unit_{name}"), "found": value}
        raise InputError(Phrase("asked.number_positive" if above_zero else "asked.number", **told))
    if float(value) > MOST:
        unit = Phrase(f"asked.unit_{name}")
        raise InputError(Phrase("asked.most", name=Phrase(f"asked.name_{name}"), most=MOST, unit=unit, found=value))
    return float(value)


@dataclass(frozen=True, kw_only=True)
class Walk:
    """How far people walk, and what counts as reached.

    Parameters
    ----------
    cutoffs
        Minutes; sorted and made unique.
    speed
        km/h.
    off_street
        Metres: the longest straight leg from a street to a covered place.
    max_snap
        Metres: the longest straight leg from a station or a person to the nearest street.
    min_gap
        Metres: less uncovered street than this is a sliver, not a gap.
    barriers
        Whether water, railways and walls stop a straight leg, of places, people and stations alike.
    follows
        Id of the norm that cutoffs and speed are from, which the report then judges by; see `Walk.norm`.
    steps
        Whether steps can be walked; where not, they are left out of the streets, and of every figure.

    Raises
    ------
    InputError
        If a value is not a positive number, or beyond `MOST`; `off_street` and `min_gap` may be 0. If `steps` is
        neither true nor false.

    Examples
    --------
    >>> Walk().budget_m(15)
    1200.0
    >>> Walk.profile("union").budget_m(15)
    1000.0
    >>> Walk(cutoffs=(20, 10)).largest, Walk().minutes(400.0)
    (20.0, 5.0)
    """

    cutoffs: tuple[float, ...] = (5.0, 10.0, 15.0)
    speed: float = 4.8
    off_street: float = 100.0
    max_snap: float = 250.0
    min_gap: float = 200.0
    barriers: bool = False
    follows: str | None = None
    steps: bool = True

    def __post_init__(self) -> None:
        cutoffs = (self.cutoffs,) if isinstance(self.cutoffs, (Real, str)) else self.cutoffs
        minutes = {_number("cutoff", c, above_zero=True) for c in cutoffs}
        if not minutes:
            raise InputError(Phrase("asked.no_cutoff"))
        if len({f"{c:g}" for c in minutes}) < len(minutes):
            raise InputError(Phrase("asked.same_cutoffs"))
        object.__setattr__(self, "cutoffs", tuple(sorted(minutes)))
        object.__setattr__(self, "speed", _number("speed", self.speed, above_zero=True))
        if not isinstance(self.barriers, bool):
            raise InputError(f"barriers: must be True or False; found {self.barriers!r}")
        if self.follows is not None:
            norm_of(self.follows)
        for name in ("off_street", "max_snap", "min_gap"):
            object.__setattr__(self, name, _number(name, getattr(self, name), above_zero=False))
        if not isinstance(self.steps, bool):
            raise InputError(f"steps: must be True or False; found {self.steps!r}")

    @classmethod
    def profile(cls, name: str, **settings: float | bool | tuple[float, ...]) -> Walk:
        """Take the speed from `PROFILES`, and whether steps can be walked from `STEPLESS`.

        Raises
        ------
        InputError
            If there is no such profile.
        """
        if "speed" in settings:
            raise InputError(Phrase("asked.profile_and_speed", name=name))
        if name not in PROFILES:
            raise InputError(Phrase("asked.no_profile", found=name, known=", ".join(PROFILES)))
        walk = cls(**settings)  # type: ignore[arg-type]
        return replace(walk, speed=PROFILES[name], steps=walk.steps and name not in STEPLESS)

    @classmethod
    def norm(cls, name: str, **settings: float | bool) -> Walk:
        """Take cutoffs and speed from a norm (`norms.norms`): union2023, gb50180, tdt1062, parks10.

        Raises
        ------
        InputError
            If there is no such norm, or cutoffs or a speed are given beside it.

        Examples
        --------
        >>> Walk.norm("union2023").budget_m(15)
        1000.0
        """
        norm = norm_of(name)
        if {"cutoffs", "speed"} & set(settings):
            raise InputError(Phrase("moment.norm_and_walk", norm=norm.id))
        return cls(cutoffs=norm.cutoffs_min, speed=norm.speed_kmh, follows=norm.id, **settings)  # type: ignore[arg-type]

    @property
    def largest(self) -> float:
        """The largest cutoff in minutes: gaps are told at it."""
        return self.cutoffs[-1]

    def budget_m(self, cutoff_min: float) -> float:
        """Metres walked in `cutoff_min` minutes."""
        return cutoff_min * self.speed * 1000.0 / 60.0

    def minutes(self, cost_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Minutes that costs in metres take."""
        return cost_m / (self.speed * 1000.0 / 60.0)
