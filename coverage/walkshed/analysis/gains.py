"""What gaps gain by walks: of many, the one that takes in most of each gap."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from walkshed.analysis.stock import MILLIMETRES
from walkshed.compiled import FloatRows, Floats, Indices, Longs, kernel
from walkshed.reach.graph import Parts


class GapStreet(NamedTuple):
    """The street of all gaps, by edge.

    Attributes
    ----------
    first
        (m + 1,) the stretches on edge i are those from ``first[i]`` to ``first[i + 1]``.
    from_m, to_m
        (r,) metres along the edge.
    gap
        (r,) int32, the gap that each belongs to, from 0.
    people_a_m
        (r,) people on each metre of it.
    """

    first: Longs
    from_m: Floats
    to_m: Floats
    gap: Indices
    people_a_m: Floats


class Gains(NamedTuple):
    """The best host of each of g gaps: -1 where there is none, and how much of the gap its own walk takes in."""

    host: Longs
    street_m: Floats
    people: Floats


@kernel
def best_of(
    walk: Longs,
    part: Indices,
    ends: FloatRows,
    parts: Parts,
    begin: int,
    street: GapStreet,
    best: Gains,
    own: FloatRows,
    seen: Indices,
) -> None:
    """Of walks, numbered from `begin`, keep for each gap the one that takes in most of it, the first of equals.

    `walk`, `part` and `ends` are what `Entered` tells; `own` is room for the gains of one walk, all 0, and `seen` for
    the gaps that it gets to.
    """
    part_edge, part_from, part_to = parts.edge, parts.from_m, parts.to_m
    first, from_m, to_m, gap, people_a_m = street
    best_host, best_m, best_people = best
    own_m, own_people = own[0], own[1]
    for k in range(len(walk) - 1):
        n = 0
        for i in range(walk[k], walk[k + 1]):
            q = part[i]
            start, end = part_from[q], part_to[q]
            until, since = start + ends[i, 0], end - ends[i, 1]
            for r in range(first[part_edge[q]], first[part_edge[q] + 1]):
                shared = max(0.0, min(to_m[r], until) - max(from_m[r], start))
                shared += max(0.0, min(to_m[r], end) - max(from_m[r], since))
                if shared > 0:
                    g = gap[r]
                    if own_m[g] == 0:
                        seen[n], n = g, n + 1
                    own_m[g] += shared
                    own_people[g] += shared * people_a_m[r]
        for i in range(n):
            g = seen[i]
            if np.rint(own_m[g] * MILLIMETRES) > np.rint(best_m[g] * MILLIMETRES):
                best_host[g], best_m[g], best_people[g] = begin + k, own_m[g], own_people[g]
            own_m[g] = own_people[g] = 0.0
