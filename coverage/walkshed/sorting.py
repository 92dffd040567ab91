"""``sorted_by``: rows put in order by counting, which for keys that are few beside the rows beats every other sort."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from walkshed.compiled import Indices, Longs, kernel


def sorted_by(keys: NDArray[np.int32], count: int) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Sort rows by a key; those of one key stay in their order.

    Parameters
    ----------
    keys
        (r,) from 0 to `count` - 1.
    count
        How many keys there are.

    Returns
    -------
    first, order
        (count + 1,) and (r,): the rows of key i are ``order[first[i]:first[i + 1]]``.

    Examples
    --------
    >>> first, order = sorted_by(np.array([2, 0, 2], dtype=np.int32), 3)
    >>> first.tolist(), order.tolist()
    ([0, 1, 1, 3], [1, 0, 2])
    """
    first = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(keys, minlength=count), out=first[1:])
    order: NDArray[Any] = np.empty(len(keys), dtype=np.int32 if len(keys) < 2**31 else np.int64)
    _place(keys, first[:-1].copy(), order)
    return first, order


@kernel
def _place(keys: Indices, fill: Longs, order: Indices) -> None:
    for row in range(len(keys)):
        order[fill[keys[row]]] = row
        fill[keys[row]] += 1
