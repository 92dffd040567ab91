"""Counts of work, which do not depend on the machine: what must not be done twice, and must not grow with the map."""

from __future__ import annotations

import numpy as np
import pytest

from toys import at, grid, scattered
from walkshed.analysis import stock
from walkshed.analysis.canvas import Canvas
from walkshed.analysis.gaps import plan_gaps, uncovered_street
from walkshed.analysis.intervals import Intervals
from walkshed.analysis.study import analyze
from walkshed.reach.reach import walk_out
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import Walk


@pytest.fixture
def walks(monkeypatch):
    """Count the walks that the stock tries, and those that it takes."""
    count = {"tried": 0, "taken": 0}
    try_each, take = stock.try_each, stock._take

    def tries(*everything):
        done, *filled = try_each(*everything)
        count["tried"] += done
        return done, *filled

    def takes(*everything):
        count["taken"] += 1
        return take(*everything)

    monkeypatch.setattr(stock, "try_each", tries)
    monkeypatch.setattr(stock, "_take", takes)
    return count


def test_gaps_try_every_walk_once_and_take_each_once(walks):
    streets = grid(25, 25)
    snaps = Snapper(streets).snap(streets.node_xy[[312]], 250.0)
    reach = walk_out(streets, snaps, 400.0)
    uncovered = uncovered_street(reach.field, 400.0, None)
    plan = plan_gaps(streets, reach.field, uncovered, 400.0, 200.0)
    junctions = int((reach.field.node_cost[: streets.node_count] > 400.0).sum())
    assert walks == {"tried": junctions, "taken": len(plan.center)}


def test_the_cells_of_an_area_follow_what_is_reached(monkeypatch):
    """A town 50 km off adds nothing to the grid on which an area is drawn."""
    cells, sizes = [], []
    blank = Canvas.blank
    monkeypatch.setattr(Canvas, "blank", lambda canvas: cells.append(canvas._shape) or blank(canvas))
    for far_copy in (False, True):
        result = analyze(grid(20, 20, far_copy), at((900, 900)), walk=Walk(cutoffs=(5,)))
        assert not cells, "nothing is drawn before it is looked at"
        assert len(result.service_areas) == 1
        sizes.append(cells.pop())
    (small, large) = sizes
    assert small == large
    assert small[0] * small[1] <= ((2 * 400 + 2 * 120) / 10 + 3) ** 2  # 300 m either way, and what is out of reach


def test_pieces_follow_what_is_reached():
    """The same stations have the same table of pieces, whatever else the network holds."""
    tables = []
    for far_copy in (False, True):
        streets = grid(20, 20, far_copy)
        snaps = Snapper(streets).snap(streets.node_xy[[210, 250, 377]], 250.0)
        tables.append(walk_out(streets, snaps, 500.0).pieces)
    assert len(tables[0]) == len(tables[1])
    assert (tables[0].from_m == tables[1].from_m).all()


def test_gains_stay_exact_while_street_is_taken():
    """What each candidate is said to gain is what its walk would take in of what is left, at any time."""
    streets = scattered(60, 2000, seed=7)
    reach = walk_out(streets, Snapper(streets).snap(streets.node_xy[[0]], 250.0), 300.0)
    uncovered = uncovered_street(reach.field, 300.0, None)
    candidates = np.arange(streets.node_count, dtype=np.int32)
    taking = stock.Stock(reach.graph, uncovered, candidates, 300.0)
    left = uncovered
    for _, street in taking.take_best(50.0):
        left = _without(left, street)
        assert taking.gain_m == pytest.approx(stock.Stock(reach.graph, left, candidates, 300.0).gain_m, abs=1e-6)
    assert taking.gain_m.max() < 50.0


def _without(rows, gone):
    """What is left of rows of street when others are gone, in metres along each edge."""
    edge, from_m, to_m, of = [], [], [], []
    for e, a, b, part in zip(rows.edge, rows.from_m, rows.to_m, rows.of, strict=True):
        cuts = [(a, b)]
        for x, y in zip(gone.from_m[gone.edge == e], gone.to_m[gone.edge == e], strict=True):
            cuts = [piece for s, t in cuts for piece in ((s, min(t, x)), (max(s, y), t)) if piece[1] > piece[0]]
        for s, t in cuts:
            edge, from_m, to_m, of = [*edge, e], [*from_m, s], [*to_m, t], [*of, part]
    return Intervals(np.array(edge, np.int32), np.array(from_m), np.array(to_m), np.array(of, np.int32))
