"""``positions``: where ids stand among ascending ones, such as the nodes of ways among all of a file."""

import numpy as np

from walkshed.compiled import Longs, kernel


def positions(refs: Longs, ids: Longs) -> Longs:
    """Find ids among ascending ones; -1 for those that are not there."""
    found = np.empty(len(refs), dtype=np.int64)
    _find(refs, ids, found)
    return found


@kernel
def _find(refs: Longs, ids: Longs, found: Longs) -> None:
    """Look for each around the last: the nodes of a way lie near each other more often than not."""
    near = 0
    for i in range(len(refs)):
        ref = refs[i]
        low, high, step = near, near, 1
        while low > 0 and ids[low] > ref:
            high = low
            low = max(0, low - step)
            step *= 2
        step = 1
        while high < len(ids) and ids[high] < ref:
            low = high
            high = min(len(ids), high + step)
            step *= 2
        while low < high:
            middle = (low + high) // 2
            if ids[middle] < ref:
                low = middle + 1
            else:
                high = middle
        there = low < len(ids) and ids[low] == ref
        found[i] = low if there else -1
        near = max(0, min(low, len(ids) - 1))
