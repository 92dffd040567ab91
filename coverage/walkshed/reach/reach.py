"""``Reach``: what stations reach on the streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkshed.network.streets import Streets
from walkshed.reach.field import Field, nearest_station_field
from walkshed.reach.graph import WalkGraph, split_at_stations
from walkshed.reach.pieces import Pieces, reached_pieces
from walkshed.reach.snap import Snaps
from walkshed.schema import Progress, quiet


@dataclass(frozen=True, eq=False)
class Reach:
    """What s stations reach on the streets.

    Attributes
    ----------
    leg_m
        (s,) the straight leg from each station to its street.
    xy
        (s, 2) where each stands on the street.
    graph
        The streets with the stations as nodes.
    pieces
        What each station reaches within the largest cutoff.
    field
        The least cost from everywhere, without a bound.
    """

    leg_m: NDArray[np.float64]
    xy: NDArray[np.float64]
    graph: WalkGraph
    pieces: Pieces
    field: Field


def walk_out(streets: Streets, snaps: Snaps, budget_m: float, *, progress: Progress = quiet) -> Reach:
    """Walk out from every station, as far as `budget_m` goes, and once from all without a bound.

    Parameters
    ----------
    streets
        The network.
    snaps
        Where the stations stand; all found.
    budget_m
        Metres of cost, of the largest cutoff.
    progress
        Called with "reach" and the share done.

    Returns
    -------
    Reach
    """
    graph = split_at_stations(streets, snaps.edge, snaps.at_m)
    field = nearest_station_field(graph, snaps.leg_m)
    pieces = reached_pieces(graph, snaps.leg_m, budget_m, progress=progress)
    return Reach(snaps.leg_m, snaps.xy, graph, pieces, field)
