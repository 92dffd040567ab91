"""Quantiles of cost along street, by length: exact, since the cost is linear along each slope."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from walkshed.analysis.intervals import add_up

_HALVINGS = 50  # brings the largest cost down to less than a micrometre


def quantile_m(
    low_m: NDArray[np.float64],
    high_m: NDArray[np.float64],
    length_m: NDArray[np.float64],
    of: NDArray[np.int32],
    count: int,
    share: float,
) -> NDArray[np.float64]:
    """Tell the cost that a share of each owner's street does not exceed.

    Found by halving: how much street lies below a cost is a sum over the slopes, and grows with it.

    Parameters
    ----------
    low_m, high_m, length_m
        (k, r) cost in metres at both ends of k slopes of r stretches, and how long each is; see `Field.slopes`.
        Infinite where no station can be reached.
    of
        (r,) the owner of each stretch, 0 to `count` less 1.
    count
        Owners.
    share
        Between 0 and 1: 0.5 for the median.

    Returns
    -------
    ndarray
        (count,) metres of cost; infinite where more than the rest of the street reaches no station, NaN where
        an owner has no street.
    """
    wanted = share * add_up(length_m.sum(axis=0), of, count)
    reached = np.isfinite(high_m)
    low, high = np.where(reached, low_m, 0.0), np.where(reached, high_m, 0.0)
    beyond = add_up(np.where(reached, length_m, 0.0).sum(axis=0), of, count) < wanted
    rise = np.where(high > low, high - low, 1.0)
    least, most = np.zeros(count), np.full(count, high.max(initial=0.0))
    for _ in range(_HALVINGS):
        middle = (least + most) / 2
        below = np.where(reached, np.clip((middle[of] - low) / rise, 0.0, 1.0), 0.0)
        is_below = add_up((below * length_m).sum(axis=0), of, count) >= wanted
        least, most = np.where(is_below, least, middle), np.where(is_below, middle, most)
    return np.where(wanted > 0, np.where(beyond, np.inf, (least + most) / 2), np.nan)
