"""What sites gain: each alone, each after those before it, and whom it newly serves, zone by zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from walkshed.analysis.intervals import add_up
from walkshed.analysis.zones import zone_of_each
from walkshed.compiled import Floats
from walkshed.reach.snap import Snaps
from walkshed.siting.demand import Demand, Pairs, cut_bits, uncovered, walk_from

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage


@dataclass(frozen=True, eq=False)
class Gained:
    """What n sites gain at the largest cutoff; people are NaN where none are given.

    Attributes
    ----------
    alone_km, alone_people
        (n,) each by itself.
    street_km, people
        (n,) each once those before it stand.
    serves
        ``order, zone, street_km, people``: the latter by zone (None outside of all); empty without zones.
    """

    alone_km: Floats
    alone_people: Floats
    street_km: Floats
    people: Floats
    serves: pd.DataFrame


def gained_by(result: Coverage, snaps: Snaps) -> Gained:
    """Add up what sites gain, in their order.

    Parameters
    ----------
    result
        What is covered without them.
    snaps
        Where they stand on the streets; all found.
    """
    n, demand = len(snaps.edge), uncovered(result)
    walks = walk_from(result, snaps, demand.street, demand.head)
    bits = cut_bits(result.network, demand.street, walks.own)
    street_m, a_m = bits.length_m, demand.people_a_m[bits.row]
    first, alone_m = _first(bits.pairs, street_m, n)
    _, alone_spread = _first(bits.pairs, street_m * a_m, n)
    count = np.empty(0) if result.heads is None else result.heads.count[demand.head]
    first_head, alone_heads = _first(walks.points, count, n)
    if result.heads is None:
        alone_heads = np.full(n, np.nan)
    people = _of_first(first, street_m * a_m, n) + _of_first(first_head, count, n)
    return Gained(
        alone_m / 1000,
        alone_heads + alone_spread,
        _of_first(first, street_m, n) / 1000,
        people if result.heads is not None else np.full(n, np.nan),
        _serves(result, demand, bits.row, (first, street_m, street_m * a_m), (first_head, count)),
    )


def _first(pairs: Pairs, weight: Floats, n: int) -> tuple[NDArray[np.int64], Floats]:
    """(rows,) the first site that covers each row, n where none does; and (n,) what each covers."""
    row, site = np.unique(np.stack((pairs[0], pairs[1].astype(np.int64))), axis=1)
    first = np.full(len(weight), n)
    np.minimum.at(first, row, site)
    return first, add_up(weight[row], site, n)


def _of_first(first: NDArray[np.int64], weight: Floats, n: int) -> Floats:
    return add_up(weight, first, n + 1)[:n]


def _serves(
    result: Coverage,
    demand: Demand,
    row: NDArray[np.int32],
    street: tuple[NDArray[np.int64], Floats, Floats],
    heads: tuple[NDArray[np.int64], Floats],
) -> pd.DataFrame:
    """Add the gains up by site and zone."""
    columns = ["order", "zone", "street_km", "people"]
    if result.zones is None or result.zones.empty:
        return pd.DataFrame(columns=columns)
    first, street_m, spread = street
    s = result.stretches
    middle = result.network.xy_at(s.edge[row], (s.from_m[row] + s.to_m[row]) / 2)
    parts = [
        pd.DataFrame({"order": first, "zone": zone_at(result, middle), "street_km": street_m / 1000, "people": spread})
    ]
    if result.heads is not None:
        where = zone_at(result, result.heads.xy[demand.head])
        parts.append(pd.DataFrame({"order": heads[0], "zone": where, "street_km": 0.0, "people": heads[1]}))
    table = pd.concat(parts, ignore_index=True)
    n = int(first.max(initial=0)) if not len(heads[0]) else int(max(first.max(initial=0), heads[0].max()))
    served: Any = table[table["order"] < n].groupby(["order", "zone"], dropna=False, as_index=False).sum()
    served = served[(served["street_km"] > 0) | (served["people"] > 0)]
    return served.assign(order=served["order"] + 1)[columns].reset_index(drop=True)


def zone_at(result: Coverage, xy: Floats) -> NDArray[np.object_]:
    """(p,) the name of the first zone that each point lies in; None where it lies in none."""
    name = np.full(len(xy), None, dtype=object)
    if result.zones is None or result.zones.empty:
        return name
    inside, zone = zone_of_each(result.zones, shapely.points(xy))
    name[inside] = result.zones["zone"].to_numpy(dtype=object)[zone]
    return name
