"""The self-check agrees with the analysis, and would notice if it were wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from toys import toy
from walkshed.analysis.growth import CURVE_MIN
from walkshed.analysis.study import analyze
from walkshed.analysis.verify import verify
from walkshed.errors import InputError
from walkshed.reach.walk import Walk

TOWN = toy("""
A---B---C-------D-----------K
|   |   |       |
E---F---G       |
|               |
H---------------J
""")
FIVE = Walk(cutoffs=(5,))


def town(*stations, **settings):
    return analyze(TOWN.streets, TOWN.stations(*stations), walk=FIVE, **settings)


@pytest.mark.parametrize("stations", [[("F", 0, 0)], [("A", 130, 20), ("A", 150, -20), ("J", -90, 3)], [("K", 5, 5)]])
def test_walking_again_agrees_to_the_millimetre(stations):
    found = verify(town(*stations), places=60)
    assert (found.inside, found.outside) == (60, 60)
    assert found.share == 1.0
    assert found.compared >= 60
    assert found.worst_m == pytest.approx(0.0, abs=1e-3)


def test_a_wrong_cost_is_noticed():
    result = town(("F", 0, 0))
    wrong = replace(result.reach.field, node_cost=result.reach.field.node_cost * 0.9)
    result = replace(result, reach=replace(result.reach, field=wrong))
    found = verify(result, places=60)
    assert found.share < 0.9
    assert found.worst_m > 1.0


def test_a_verdict_on_the_wrong_side_is_noticed():
    result = town(("F", 0, 0))
    lost = replace(result.reach.field, node_cost=np.full_like(result.reach.field.node_cost, np.inf))
    found = verify(replace(result, reach=replace(result.reach, field=lost)), places=40)
    assert found.agreeing <= found.outside


def test_a_walk_that_only_one_of_them_finds_is_noticed():
    """Street just beyond the budget, which the analysis says cannot be reached: both call it uncovered."""
    result = town(("F", 0, 0))
    cost = result.reach.field.node_cost
    lost = replace(result.reach.field, node_cost=np.where(cost > FIVE.budget_m(5), np.inf, cost))
    assert verify(result, places=60).share == 1.0
    assert verify(replace(result, reach=replace(result.reach, field=lost)), places=60).share < 1.0


def test_the_same_seed_tries_the_same_places():
    result = town(("F", 0, 0))
    assert verify(result, places=30) == verify(result, places=30)


def test_nothing_uncovered_nothing_tried_there():
    found = verify(analyze(TOWN.streets, TOWN.stations(("C", 0, 0)), walk=Walk(cutoffs=(60,))), places=20)
    assert (found.inside, found.outside) == (20, 0)
    assert found.share == 1.0


def test_networkx_is_asked_for(monkeypatch):
    def missing(name):
        raise ImportError(name)

    result = town(("F", 0, 0))
    monkeypatch.setattr("walkshed.network.graph.import_module", missing)
    with pytest.raises(InputError, match=r"networkx is needed"):
        verify(result)


def test_the_curve_and_the_depth_agree_with_the_coverage():
    people = TOWN.people(("A", 0, 0, 3), ("K", 0, 0, 5))
    result = town(("F", 0, 0), ("D", 10, 0), people=people)
    row = result.summary["coverage"][-1]
    at_five = result.curve.set_index("minute").loc[5]
    assert at_five["street_share"] == pytest.approx(row["street_share"], abs=1e-9)
    assert at_five["people_share"] == pytest.approx(row["people_share"])
    assert result.curve["minute"].iloc[-1] == CURVE_MIN
    assert (np.diff(result.curve["street_share"]) >= 0).all()
    depth = result.depth
    assert depth["street_share"].sum() == pytest.approx(1.0)
    assert depth.loc[depth["depth"] > 0, "street_km"].sum() == pytest.approx(row["street_km"])
    assert depth.loc[depth["depth"] > 1, "street_share"].sum() == pytest.approx(row["cross_covered_share"])
