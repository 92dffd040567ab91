"""How far people walk: settings in, metres out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from walkshed.errors import InputError
from walkshed.reach.walk import PROFILES, Walk


def test_budget_is_minutes_times_speed():
    """15 min at 4.8 km/h are 1,200 m; 1,000 m at 4 km/h take 15 min."""
    assert Walk().budget_m(15) == 1200.0
    assert Walk(speed=4.0).minutes(1000.0) == pytest.approx(15.0)
    assert Walk().minutes(np.array([80.0, 1200.0])).tolist() == [1.0, 15.0]


@pytest.mark.parametrize(("name", "metres"), [("union", 1000.0), ("adult", 1200.0), ("older", 750.0)])
def test_profiles_are_speeds_with_a_source(name, metres):
    assert Walk.profile(name).budget_m(15) == metres
    assert Walk.profile(name, cutoffs=(15,)).speed == PROFILES[name]


def test_an_unknown_profile_is_refused_with_the_choices():
    with pytest.raises(InputError, match=r"'jogger'.*union, adult, older"):
        Walk.profile("jogger")


def test_cutoffs_are_sorted_and_unique():
    walk = Walk(cutoffs=(15, 5, 15.0, 10))
    assert walk.cutoffs == (5.0, 10.0, 15.0)
    assert walk.largest == 15.0


@pytest.mark.parametrize("cutoffs", [15, 15.0, [15], np.array([15]), (c for c in (15, 15))])
def test_cutoffs_may_be_one_number_or_any_row_of_them(cutoffs):
    assert Walk(cutoffs=cutoffs).cutoffs == (15.0,)


@pytest.mark.parametrize("bad", [(), [], (0,), (-5,), (5, math.nan), (math.inf,), (1e8,)])
def test_cutoffs_that_are_no_time_to_walk_are_refused(bad):
    with pytest.raises(InputError, match="cutoff"):
        Walk(cutoffs=bad)


@pytest.mark.parametrize("text", ["15", "5,10,15"])
def test_text_is_not_taken_for_a_row_of_cutoffs(text):
    """ "15" is not the cutoffs 1 and 5."""
    with pytest.raises(InputError, match="cutoff"):
        Walk(cutoffs=text)


@pytest.mark.parametrize("name", ["speed", "off_street", "max_snap", "min_gap"])
@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf, 1e308])
def test_other_settings_that_are_no_number_of_metres_are_refused(name, bad):
    with pytest.raises(InputError, match=name):
        Walk(**{name: bad})


def test_speed_must_be_positive_but_the_legs_may_be_nothing():
    with pytest.raises(InputError, match="speed"):
        Walk(speed=0)
    assert Walk(off_street=0, max_snap=0, min_gap=0).off_street == 0
