"""``Walk``: how far people walk, and what counts as reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING

from walkshed.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PROFILES: dict[str, float] = {"union": 4.0, "adult": 4.8, "older": 3.0}
"""Walking speeds in km/h. ``union``: 15 min = 1 km, the wording of China's national union plan of 2023.
``adult``: 15 min = 1.2 km. ``older``: people of 65 and over walk 0.8-0.9 m/s."""


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

    Raises
    ------
    InputError
        If a value is not a positive number; `off_street` and `min_gap` may be 0.

    Examples
    --------
    >>> Walk().budget_m(15)
    1200.0
    >>> Walk.profile("union").budget_m(15)
    1000.0
    """

    cutoffs: tuple[float, ...] = (5.0, 10.0, 15.0)
    speed: float = 4.8
    off_street: float = 100.0
    max_snap: float = 250.0
    min_gap: float = 200.0

    def __post_init__(self) -> None:
        cutoffs = self.cutoffs if isinstance(self.cutoffs, Iterable) else (self.cutoffs,)
        if isinstance(cutoffs, str):
            raise InputError(f"cutoff: must be numbers of minutes, found the text {cutoffs!r}; give e.g. (5, 10, 15)")
        object.__setattr__(self, "cutoffs", tuple(sorted({float(c) for c in cutoffs})))
        if not self.cutoffs:
            raise InputError("cutoff: none given; give at least one, in minutes, e.g. 15")
        for name, value in [*(("cutoff", c) for c in self.cutoffs), ("speed", self.speed)]:
            if not (isfinite(value) and value > 0):
                raise InputError(f"{name}: must be a positive number, found {value:g}; give e.g. 15 min, 4.8 km/h")
        for name in ("off_street", "max_snap", "min_gap"):
            value = getattr(self, name)
            if not (isfinite(value) and value >= 0):
                raise InputError(f"{name}: must be a number of metres, 0 or more; found {value:g}")

    @classmethod
    def profile(cls, name: str, **settings: float | tuple[float, ...]) -> Walk:
        """Take the speed from `PROFILES`.

        Raises
        ------
        InputError
            If there is no such profile.
        """
        if name not in PROFILES:
            raise InputError(f"profile: found {name!r}; choose one of {', '.join(PROFILES)}")
        return replace(cls(**settings), speed=PROFILES[name])  # type: ignore[arg-type]

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
