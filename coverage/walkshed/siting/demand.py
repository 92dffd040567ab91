"""Demand: the street and the people that are not covered yet, and which candidates would cover which of it.

Street is cut where any candidate's walk ends, so that each bit of it is covered by a candidate whole or not at all:
sums over bits are exact to the metre, though walks end anywhere along a street.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from walkshed.analysis.depth import covered_by
from walkshed.analysis.intervals import Intervals, add_up, joined, overlap
from walkshed.analysis.stretches import Key, between_cuts
from walkshed.compiled import Floats
from walkshed.errors import InputError
from walkshed.network.streets import Streets
from walkshed.phrases import Phrase
from walkshed.reach.graph import split_at_stations
from walkshed.reach.pieces import Pieces, reached_pieces
from walkshed.reach.snap import Snaps

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

AT_ONCE = 1000
"""Candidates walked from at once."""

MOST_PAIRS = 80_000_000
"""More pairs of a bit of street and a candidate than this do not fit into a few GB."""

Pairs = tuple[NDArray[np.int64], NDArray[np.int32]]
"""Rows of demand, and the candidate that covers each; a pair may come twice."""


@dataclass(frozen=True, eq=False)
class Demand:
    """What new stations are for.

    Attributes
    ----------
    street
        Disjoint street, sorted by edge and place; `of` is the row of the stretches.
    people_a_m
        (r,) the people a metre of each stretch, who came spread over streets; 0 where people came as points.
    head
        (p,) the rows of people who came as points and are not covered.
    """

    street: Intervals
    people_a_m: Floats
    head: NDArray[np.int64]


def uncovered(result: Coverage) -> Demand:
    """Tell what is not covered at the largest cutoff: street inside the area, and people wherever they set out."""
    budget_m = result.walk.budget_m(result.walk.largest)
    s, heads = result.stretches, result.heads
    people_a_m, head = np.zeros(len(s)), np.empty(0, np.int64)
    if heads is not None and heads.points is not None:
        head = np.flatnonzero(heads.known & ~heads.within(budget_m) & (heads.count > 0))
    elif heads is not None:
        here = heads.row >= 0
        length_m = s.length_m
        people = add_up(heads.count[here], heads.row[here], len(s))
        people_a_m = np.divide(people, length_m, out=people_a_m, where=length_m > 0)
    return Demand(_rows(result, s.inside & ~(s.cost_m <= budget_m)), people_a_m, head)


def seldom_covered(result: Coverage) -> Intervals:
    """Tell the street inside the area that fewer than two stations cover at the largest cutoff."""
    return _rows(result, result.stretches.inside & (result.stretches.depth[:, -1] < 2))


def _rows(result: Coverage, which: NDArray[np.bool_]) -> Intervals:
    s, row = result.stretches, np.flatnonzero(which)
    return Intervals(s.edge[row], s.from_m[row], s.to_m[row], row.astype(np.int32))


@dataclass(frozen=True, eq=False)
class Walks:
    """What each of k candidates would cover of some demand by itself.

    Attributes
    ----------
    own
        The street; `of` is the candidate.
    points
        The pairs of a row of people (counted within `Demand.head`) and a candidate.
    """

    own: Intervals
    points: Pairs


def walk_from(result: Coverage, snaps: Snaps, street: Intervals | None, head: NDArray[np.int64]) -> Walks:
    """Walk out from every candidate, some at a time, as far as the largest cutoff goes.

    Parameters
    ----------
    result
        Whose streets and people they are.
    snaps
        Where the candidates stand on the streets; all found.
    street
        Disjoint street, sorted by edge and place, that the walks are cut to; None if street is not asked for.
    head
        (p,) rows of people at points.
    """
    budget_m = result.walk.budget_m(result.walk.largest)
    nothing = Intervals(np.empty(0, np.int32), np.empty(0), np.empty(0), np.empty(0, np.int32))
    own, row, candidate = [nothing], [np.empty(0, np.int64)], [np.empty(0, np.int32)]
    for begin in range(0, len(snaps.edge), AT_ONCE):
        rows = np.arange(begin, min(begin + AT_ONCE, len(snaps.edge)), dtype=np.int32)
        graph = split_at_stations(result.network, snaps.edge[rows], snaps.at_m[rows])
        pieces = reached_pieces(graph, snaps.leg_m[rows], budget_m)
        if street is not None:
            own.append(overlap(covered_by(pieces, budget_m, rows), street))
        found, of = _points_within(result, pieces, head, budget_m)
        row.append(found)
        candidate.append(rows[of])
    return Walks(joined(*own), (np.concatenate(row), np.concatenate(candidate)))


def _points_within(result: Coverage, pieces: Pieces, head: NDArray[np.int64], budget_m: float) -> Pairs:
    """Pair people with the candidates that they can walk to, leg included."""
    heads = result.heads
    if heads is None or not len(head):
        return np.empty(0, np.int64), np.empty(0, np.int32)
    order = head[np.lexsort((heads.at_m[head], heads.edge[head]))]
    place = Key(heads.edge[order], heads.at_m[order], heads.at_m[order])
    # A hair's breadth more: the cost decides.
    wide = Intervals(pieces.edge, pieces.from_m - 1e-3, pieces.to_m + 1e-3, np.arange(len(pieces), dtype=np.int32))
    at, p = place.pairs(wide)
    x = np.clip(heads.at_m[order[at]], pieces.from_m[p], pieces.to_m[p])
    run, rise = pieces.to_m[p] - pieces.from_m[p], pieces.cost_to_m[p] - pieces.cost_from_m[p]
    slope = np.divide(rise, run, out=np.zeros_like(run), where=run > 0)
    up = slope >= 0  # from the cheap end, so that a whole number of metres stays one
    cost_m = np.where(
        up, pieces.cost_from_m[p] + (x - pieces.from_m[p]) * slope, pieces.cost_to_m[p] - (pieces.to_m[p] - x) * slope
    )
    near = cost_m + heads.leg_m[order[at]] <= budget_m
    back = np.searchsorted(head, order[at[near]])
    return back, pieces.station[p[near]]


@dataclass(frozen=True, eq=False)
class Bits:
    """Street cut so finely that each of b bits is covered by a candidate whole or not at all.

    Attributes
    ----------
    row
        (b,) the row of the stretches that each lies on.
    length_m
        (b,) metres.
    pairs
        Which candidate covers which bit.
    """

    row: NDArray[np.int32]
    length_m: Floats
    pairs: Pairs


def cut_bits(streets: Streets, street: Intervals, own: Intervals) -> Bits:
    """Cut street where the cover of any candidate ends.

    Parameters
    ----------
    streets
        The network.
    street
        Disjoint street, as of `Demand`.
    own
        What each candidate covers of it.

    Raises
    ------
    InputError
        If there are too many for the memory.
    """
    ends = joined(street, own)
    edge, from_m, to_m = between_cuts(
        streets.edge_length_m, np.tile(ends.edge, 2), np.concatenate((ends.from_m, ends.to_m))
    )
    kept, row = Key(edge, from_m, to_m).pairs(street)
    key = Key(edge[kept], from_m[kept], to_m[kept])
    first, after = key.rows(own)
    many = int((after - first).sum())
    if many > MOST_PAIRS:
        raise InputError(Phrase("choosing.pairs", many=many / 1e6, most=MOST_PAIRS / 1e6))
    return Bits(row, (to_m - from_m)[kept], key.pairs(own))
