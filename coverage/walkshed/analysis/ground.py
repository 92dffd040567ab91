"""What stations are put on: streets and all that is given of a study, cut and peopled in one way for every count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from walkshed.analysis.given import Borders, Given
from walkshed.analysis.intervals import Intervals
from walkshed.analysis.people import Heads, people_at_points, people_of_zones
from walkshed.analysis.stretches import Stretches, cut_streets
from walkshed.network.streets import Streets
from walkshed.reach.reach import Reach
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import Walk


def nothing() -> Intervals:
    """No street at all."""
    return Intervals(*(np.empty(0, dtype=t) for t in (np.int32, float, float, np.int32)))


@dataclass(frozen=True, eq=False)
class Ground:
    """The streets, what is given of the study in their CRS, where its polygons cut them, and how people walk there."""

    streets: Streets
    given: Given
    borders: Borders
    snapper: Snapper
    walk: Walk

    def stretches(self, reach: Reach, depth: list[Intervals] | None = None, gaps: Intervals | None = None) -> Stretches:
        """Cut all street where anything changes.

        Parameters
        ----------
        reach
            How far the stations reach.
        depth
            For each cutoff what each depth group covers; None to tell no depth.
        gaps
            The street of the gaps, if any.
        """
        return cut_streets(
            self.streets,
            reach.field,
            [self.walk.budget_m(c) for c in self.walk.cutoffs],
            inside=self.borders.area,
            depth=[nothing()] if depth is None else depth,
            gaps=nothing() if gaps is None else gaps,
            others=self.borders.others,
        )

    def heads(self, reach: Reach, stretches: Stretches) -> Heads | None:
        """Put the people on the stretches; None where none are given."""
        people = self.given.people
        if people is None:
            return None
        inside = self.given.inside_area(people)
        if self.borders.people is not None:
            return people_of_zones(self.streets, people, self.borders.people, stretches, inside)
        return people_at_points(people, inside, self.snapper, reach.field, stretches, self.walk.max_snap)
