"""Which candidates cover which demand, and under which rules some of them may be chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from walkshed.compiled import Floats, Indices, Longs


@dataclass(frozen=True, eq=False)
class Cover:
    """d demands and k candidates. Demand that the same candidates cover is one; what none covers is left out.

    Attributes
    ----------
    weight
        (d,) what covering each demand is worth, more than 0.
    need
        (d,) int32, how many chosen candidates it takes: 1, or 2 where cross coverage is asked for.
    demand_first, candidate
        (d + 1,) where each demand's candidates begin, and who they are, ascending.
    candidate_first, demand
        (k + 1,) where each candidate's demands begin, and which they are, ascending.
    of_row
        (r,) the demand that each row given is part of; -1 where it was left out.
    """

    weight: Floats
    need: Indices
    demand_first: Longs
    candidate: Indices
    candidate_first: Longs
    demand: Indices
    of_row: Longs

    @property
    def candidates(self) -> int:
        """How many candidates there are: k."""
        return len(self.candidate_first) - 1

    @property
    def step(self) -> float:
        """What a better value is more by: nearly 1 if all weights are whole, else as much as rounding hides."""
        whole = bool((self.weight == np.round(self.weight)).all())
        return 0.999 if whole else 1e-9 * float(self.weight.sum())

    def value(self, chosen: NDArray[np.int64]) -> float:
        """Add up what the chosen candidates cover."""
        return float(self.weight[self.times(chosen) >= self.need].sum())

    def times(self, chosen: NDArray[np.int64]) -> Longs:
        """(d,) how many of the chosen candidates cover each demand."""
        own = [self.demand[self.candidate_first[j] : self.candidate_first[j + 1]] for j in chosen]
        return np.bincount(np.concatenate([*own, np.empty(0, np.int32)]), minlength=len(self.weight))

    def only(self, kept: NDArray[np.bool_]) -> Cover:
        """Leave out the candidates not kept (they keep their numbers), and merge what cannot be told apart then."""
        row = np.repeat(np.arange(len(self.weight)), np.diff(self.demand_first))
        of_kept = kept[self.candidate]
        return cover_of(row[of_kept], self.candidate[of_kept], self.weight, self.candidates, self.need)


def cover_of(
    row: NDArray[np.integer],
    candidate: NDArray[np.integer],
    weight: Floats,
    candidates: int,
    need: Indices | None = None,
) -> Cover:
    """Merge r rows of demand by who covers them.

    Parameters
    ----------
    row, candidate
        (p,) each pair once: this candidate covers that row.
    weight
        (r,) 0 or more.
    candidates
        How many there are.
    need
        (r,) how many candidates a row takes; 1 where not given. Rows with fewer are left out.
    """
    need = np.ones(len(weight), np.int32) if need is None else need
    table = coo_array((np.ones(len(row), np.int8), (row, candidate)), shape=(len(weight), candidates)).tocsr()
    table.sort_indices()
    first, member = table.indptr, table.indices.astype(np.int32)
    of_row = np.full(len(weight), -1)
    seen: dict[tuple[int, bytes], int] = {}
    for i in np.flatnonzero((np.diff(first) >= need) & (weight > 0)):
        key = (int(need[i]), member[first[i] : first[i + 1]].tobytes())
        of_row[i] = seen.setdefault(key, len(seen))
    kept = of_row >= 0
    merged = np.bincount(of_row[kept], weights=weight[kept], minlength=len(seen)).astype(np.float64)
    _, head = np.unique(of_row[kept], return_index=True)
    small = table[np.flatnonzero(kept)[head]]
    by_candidate = small.tocsc()
    by_candidate.sort_indices()
    return Cover(
        merged,
        need[kept][head].astype(np.int32),
        small.indptr.astype(np.int64),
        small.indices.astype(np.int32),
        by_candidate.indptr.astype(np.int64),
        by_candidate.indices.astype(np.int32),
        of_row,
    )


@dataclass(frozen=True, eq=False)
class Rules:
    """What a choice among k candidates must keep to.

    Attributes
    ----------
    n
        How many are chosen, fixed ones included.
    fixed
        (f,) candidates that are chosen whatever they cover.
    open
        (k,) bool, whether each may be chosen; fixed ones are open.
    zone
        (k,) int32, the zone of each; -1 where it lies in none.
    owed
        (z,) bool, which zones must get one.
    one_a_zone
        Whether no zone may get two.
    """

    n: int
    fixed: NDArray[np.int64]
    open: NDArray[np.bool_]
    zone: Indices
    owed: NDArray[np.bool_]
    one_a_zone: bool = False

    @property
    def zoned(self) -> bool:
        """Whether zones matter."""
        return self.one_a_zone or bool(self.owed.any())


def free_choice(n: int, candidates: int) -> Rules:
    """Choose any `n` of the candidates."""
    everywhere = np.full(candidates, -1, np.int32)
    return Rules(n, np.empty(0, np.int64), np.ones(candidates, bool), everywhere, np.empty(0, bool))
