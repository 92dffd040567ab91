"""Sites: where the next stations should stand, and how many it takes.

Every candidate is snapped to the streets and walked from as a station is, and what is covered with the sites is
counted again as `analyze` would: so the promise is what a fresh analysis finds.
"""

from __future__ import annotations

from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from walkshed.errors import InputError
from walkshed.phrases import Phrase
from walkshed.siting.candidates import Candidates, Source, find_candidates
from walkshed.siting.costs import check_time_limit
from walkshed.siting.cover import Cover, Rules
from walkshed.siting.fewest import fewest_to_reach
from walkshed.siting.goal import Goal, apart, check_objective, goal_of
from walkshed.siting.greedy import choose_greedily, in_order, swap
from walkshed.siting.proposal import Proposal, proposal_of
from walkshed.siting.prove import choice_of
from walkshed.siting.prove import prove as prove_choice
from walkshed.siting.siterules import Wishes, rules_of

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

Objective = Literal["people", "street", "cross"]


def suggest_sites(
    result: Coverage,
    n: int = 5,
    *,
    candidates: Source = "hosts",
    spacing_m: float = 200.0,
    objective: Objective | None = None,
    fixed: tuple[str, ...] = (),
    forbidden: tuple[str, ...] = (),
    at_most_one_per_zone: bool = False,
    at_least_one_per_zone: bool = False,
    prove: bool = False,
    time_limit_s: float | None = 60.0,
) -> Proposal:
    """Say where the next n stations should stand.

    Parameters
    ----------
    result
        What is covered today; sites count at its largest cutoff.
    n
        How many, fixed ones included. Those that add nothing are left out.
    candidates
        Points in any stated CRS (as `read_stations` reads them, with ``kind`` if there is one), ``hosts``: the public
        counters of the streets' file inside the area, or ``anywhere`` on the streets inside the area.
    spacing_m
        Metres between places of ``anywhere``, on foot.
    objective
        ``people`` (the default where people are given), ``street`` (where none are), or ``cross``: street
        that two or more stations cover.
    fixed, forbidden
        Ids of candidates that must and must not be among them.
    at_most_one_per_zone
        Whether no zone may get two sites. Candidates in no zone are free.
    at_least_one_per_zone
        Whether every zone without a station must get a site.
    prove
        Whether the optimum is looked for and proven; else the best by greedy choice and swaps is
        taken, with a bound on how much better any choice could be.
    time_limit_s
        Seconds for the proof; None for as long as it takes.

    Returns
    -------
    Proposal
        ``sites`` in the order in which they gain most, the coverage before and after, and what no choice could exceed.

    Raises
    ------
    InputError
        If there are too few candidates, or the rules cannot be kept: it says which.

    Examples
    --------
    >>> proposal = ws.suggest_sites(result, n=2, prove=True)
    >>> proposal
    Proposal(2 sites gain 14,901 people; proven)
    >>> proposal.sites["order"].tolist(), proposal.gain <= proposal.bound
    ([1, 2], True)
    """
    check_time_limit(time_limit_s)
    goal, pool = _matter(result, candidates, spacing_m, objective)
    cover, wishes = goal.cover, Wishes(tuple(fixed), tuple(forbidden), at_most_one_per_zone, at_least_one_per_zone)
    rules = rules_of(result, pool, n, wishes)
    steps = choose_greedily(cover, rules)
    chosen, bound = swap(cover, rules, steps.chosen), float(steps.bound[rules.n])
    best = prove_choice(cover, rules, chosen, bound, time_limit_s) if prove else choice_of(cover, chosen, bound)
    best = replace(best, chosen=_useful(cover, rules, in_order(cover, rules, best.chosen)))
    asked = {"asked": rules.n, "proven": best.proven}
    return proposal_of(result, goal, pool, best, rules.fixed, rules.open, asked)


def fewest_sites(
    result: Coverage,
    share: float = 0.95,
    *,
    candidates: Source = "hosts",
    spacing_m: float = 200.0,
    objective: Objective | None = None,
    fixed: tuple[str, ...] = (),
    forbidden: tuple[str, ...] = (),
    prove: bool = False,
    time_limit_s: float | None = 60.0,
) -> Proposal:
    """Say how few more stations cover a share of people or street, and where they should stand.

    Parameters
    ----------
    result
        What is covered today.
    share
        Of people that are not unknown, or of street inside the area, at the largest cutoff: 0 to 1.
    candidates, spacing_m, fixed, forbidden, prove, time_limit_s
        As for `suggest_sites`.
    objective
        ``people`` or ``street``; people if not given, where people are.

    Returns
    -------
    Proposal
        `at_least` says how many it takes at least: proven to be the fewest if that is how many there are.

    Raises
    ------
    InputError
        If all candidates together do not reach the share: it says how far they come, and what stays out of reach.

    Examples
    --------
    >>> promise = ws.fewest_sites(result, 0.8)
    >>> len(promise.sites), promise.after[-1]["people_share"] >= 0.8
    (2, True)
    """
    check_time_limit(time_limit_s)
    if not (isinstance(share, Real) and 0 < share <= 1):
        raise InputError(Phrase("choosing.share_wrong", found=share))
    if objective == "cross":
        raise InputError(Phrase("choosing.share_cross"))
    goal, pool = _matter(result, candidates, spacing_m, objective)
    rules = rules_of(result, pool, None, Wishes(tuple(fixed), tuple(forbidden)))
    target, most = (float(share) - 1e-9) * goal.whole - goal.before, goal.reachable(rules)
    if target > most:
        reach = (goal.before + most) / goal.whole
        whose = "choosing.share_people" if goal.objective == "people" else "choosing.share_street"
        left = goal.out_of_reach(result, rules)
        anywhere = isinstance(candidates, str) and candidates == "anywhere"
        remedy = Phrase("choosing.remedy_closer" if anywhere else "choosing.remedy_elsewhere")
        raise InputError(Phrase(whose, share=share, free=int(rules.open.sum()), most=reach, left=left, remedy=remedy))
    chosen, at_least = fewest_to_reach(
        goal.cover, rules, min(max(target, 0.0), most), exact=prove, time_limit_s=time_limit_s
    )
    so_many = replace(rules, n=len(chosen))
    best = choice_of(goal.cover, in_order(goal.cover, rules, chosen), choose_greedily(goal.cover, so_many).bound[-1])
    asked = {"share": float(share), "at_least": at_least, "proven": len(chosen) <= at_least}
    return proposal_of(result, goal, pool, best, rules.fixed, rules.open, asked)


def _matter(result: Coverage, candidates: Source, spacing_m: float, objective: str | None) -> tuple[Goal, Candidates]:
    """Tell what is to be gained, and by whom it could be."""
    told = check_objective(result, objective)
    pool = find_candidates(result, candidates, spacing_m)
    pool = apart(result, pool) if told == "cross" else pool
    return goal_of(result, pool, told), pool


def _useful(cover: Cover, rules: Rules, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Leave out the sites that add nothing and that no rule asks for, the last first."""
    kept, value = chosen.tolist(), cover.value(chosen)
    for j in reversed(chosen.tolist()):
        rest = np.array([i for i in kept if i != j], dtype=np.int64)
        owed = rules.zone[j] >= 0 and len(rules.owed) and rules.owed[rules.zone[j]]
        if j not in rules.fixed and not owed and cover.value(rest) > value - cover.step:
            kept.remove(j)
    return np.array(kept, dtype=np.int64)
