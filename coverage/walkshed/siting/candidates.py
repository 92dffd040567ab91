"""Candidates: where a new station could stand, and where that is on the streets."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from walkshed.compiled import Floats, Indices, array_kernel
from walkshed.errors import InputError
from walkshed.inputs import check_stations
from walkshed.phrases import Phrase
from walkshed.reach.graph import Arcs, split_at_stations
from walkshed.reach.search import Work, clear, new_work, spread
from walkshed.reach.snap import Snaps
from walkshed.schema import to_crs

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

Source: TypeAlias = gpd.GeoDataFrame | Literal["hosts", "anywhere"]

ON_STREET = "street"
ALIKE = 0.5
"""How like an unknown id a known one must be to be meant (difflib's ratio)."""
"""The kind of a candidate that is a place on the street, not a building."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """The k candidates that a station could stand at, and where they are on the streets.

    Attributes
    ----------
    table
        ``site_id, name, kind, geometry`` (where they were said to be, in the streets' CRS).
    snaps
        Where they stand on the streets; all found.
    read, unsnapped, outside
        How many there were; of them too far from any street, and farther from the area than one walk.
    """

    table: gpd.GeoDataFrame
    snaps: Snaps
    read: int
    unsnapped: int
    outside: int

    def __len__(self) -> int:
        return len(self.table)

    def take(self, rows: NDArray[np.int64]) -> Candidates:
        """Take some of them."""
        s = self.snaps
        own = Snaps(s.edge[rows], s.at_m[rows], s.leg_m[rows], s.xy[rows])
        table = self.table.iloc[rows].reset_index(drop=True)
        return Candidates(table, own, self.read, self.unsnapped, self.outside)

    def rows_of(self, ids: tuple[str, ...], what: str) -> NDArray[np.int64]:
        """Find candidates by id.

        Raises
        ------
        InputError
            If there is none of that id, naming those most like it.
        """
        known = self.table["site_id"].tolist()
        check_ids(ids, known, what, "candidate")
        return np.array([known.index(str(i)) for i in dict.fromkeys(ids)], dtype=np.int64)


def check_ids(ids: tuple[str, ...], known: list[str], what: str, noun: str) -> None:
    """Refuse ids that are not known; `what` is the option that names them.

    Raises
    ------
    InputError
        Naming the known ones that are like them; else the first few.
    """
    for name in map(str, ids):
        if name not in known:
            told = {"what": what, "noun": Phrase(f"choosing.{noun}"), "found": name}
            near = ", ".join(map(repr, get_close_matches(name, known, n=3, cutoff=ALIKE)))
            if near:
                raise InputError(Phrase("choosing.id_unknown", near=near, **told))
            some = ", ".join(map(repr, known[:3])) + ", ..." * (len(known) > 3)
            raise InputError(Phrase("choosing.id_unlike", known=some, **told))


def find_candidates(result: Coverage, source: Source, spacing_m: float) -> Candidates:
    """List the candidates and snap them to the streets.

    Parameters
    ----------
    result
        Whose streets and area they are for.
    source
        Points in any stated CRS, named as stations are (or with ``kind``); ``hosts``, the public counters of
        the streets' file inside the area; or ``anywhere`` on the streets inside the area.
    spacing_m
        Of ``anywhere``: no two are nearer to each other on foot, and no street inside the area is farther from
        one than twice that.

    Raises
    ------
    InputError
        If there is none that can be used.
    """
    if isinstance(source, str):
        if source not in ("hosts", "anywhere"):
            raise InputError(f"candidates: found {source!r}; give a GeoDataFrame of points, 'hosts' or 'anywhere'")
        table = _hosts(result) if source == "hosts" else _anywhere(result, spacing_m)
    else:
        table = _given(result, source)
    return _standing(result, table)


def _standing(result: Coverage, table: gpd.GeoDataFrame) -> Candidates:
    """Snap them as `analyze` would, and leave out those that it would not use."""
    xy = shapely.get_coordinates(table.geometry.array)
    budget_m = result.walk.budget_m(result.walk.largest) / result.network.least_cost
    far = shapely.distance(result.area.geometry.iloc[0], shapely.points(xy)) > budget_m
    snaps = result.snapper.snap(xy, result.walk.max_snap)
    unsnapped = ~far & ~snaps.found
    everything = Candidates(table, snaps, len(table), int(unsnapped.sum()), int(far.sum()))
    used = np.flatnonzero(~far & snaps.found)
    if not len(used):
        raise InputError(
            Phrase(
                "choosing.none_usable",
                count=len(table),
                outside=everything.outside,
                unsnapped=everything.unsnapped,
                metres=result.walk.max_snap,
                proviso=result.snapper.proviso,
            )
        )
    return everything.take(used)


def _given(result: Coverage, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    checked = to_crs(check_stations(frame, role="candidates"), result.crs, "candidates")
    kind = checked["category"]
    if "kind" in frame and len(frame) == len(checked):
        kind = frame["kind"].fillna("").astype(str).to_numpy()
    return gpd.GeoDataFrame(
        {"site_id": checked["station_id"].to_numpy(), "name": checked["name"].to_numpy(), "kind": np.asarray(kind)},
        geometry=checked.geometry.to_numpy(),
        crs=result.crs,
    )


def _hosts(result: Coverage) -> gpd.GeoDataFrame:
    near = result.network.surroundings
    hosts = None if near is None else near.hosts[near.hosts.intersects(result.area.geometry.iloc[0])]
    if hosts is None or hosts.empty:
        raise InputError(Phrase("choosing.no_hosts"))
    return _numbered("host", hosts["name"], hosts["kind"], hosts.geometry.to_numpy(), result.crs)


def _anywhere(result: Coverage, spacing_m: float) -> gpd.GeoDataFrame:
    """Take places on the streets inside the area, junctions first, and none within the spacing of another."""
    if not (np.isfinite(spacing_m) and spacing_m > 0):
        raise InputError(Phrase("choosing.spacing", found=spacing_m))
    streets = result.network
    steps = np.maximum((streets.edge_length_m / spacing_m + 1e-9).astype(np.int64), 1)
    edge = np.repeat(np.arange(len(streets), dtype=np.int32), steps - 1)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(steps - 1) - (steps - 1), steps - 1) + 1
    at_m = nth * streets.edge_length_m[edge] / steps[edge]
    graph = split_at_stations(streets, edge, at_m)
    xy = np.full((graph.node_count, 2), np.nan)
    xy[: streets.node_count] = streets.node_xy
    xy[graph.station_node] = streets.xy_at(edge, at_m)
    name = np.zeros(graph.node_count, np.int32)
    name[graph.v], name[graph.u] = streets.edge_name[graph.edge], streets.edge_name[graph.edge]
    on_street = _inside(result, xy)
    order = np.argsort(-np.diff(graph.arcs.indptr), kind="stable").astype(np.int32)
    kept = np.sort(_spaced(graph.arcs, order[on_street[order]], spacing_m * (1 - 1e-9), new_work(graph)))
    names = pd.Series(np.asarray(streets.names, dtype=object)[name[kept]])
    return _numbered("street", names, pd.Series(ON_STREET, names.index), shapely.points(xy[kept]), result.crs)


def _inside(result: Coverage, xy: Floats) -> NDArray[np.bool_]:
    if result.borders.area is None:
        return np.ones(len(xy), bool)
    area = result.area.geometry.iloc[0]
    shapely.prepare(area)
    inside: NDArray[np.bool_] = shapely.intersects_xy(area, xy)
    return inside


def _numbered(prefix: str, name: pd.Series, kind: pd.Series, points: NDArray[np.object_], crs: str) -> gpd.GeoDataFrame:
    ids = [f"{prefix} {i}" for i in range(1, len(points) + 1)]
    return gpd.GeoDataFrame(
        {"site_id": ids, "name": name.to_numpy(), "kind": kind.to_numpy()}, geometry=points, crs=crs
    )


@array_kernel
def _spaced(arcs: Arcs, order: Indices, spacing: float, work: Work) -> Indices:
    """Keep the nodes, in order, that are not nearer than the spacing to a node kept before."""
    beaten = np.zeros(len(arcs.indptr) - 1, np.bool_)
    kept = np.empty(len(order), np.int32)
    count, leg = 0, np.zeros(1)
    for x in order:
        if beaten[x]:
            continue
        kept[count] = x
        reached, _ = spread(arcs, kept[count : count + 1], leg, spacing, work)
        for i in range(reached):
            beaten[work.touched[i]] = True
        clear(reached, work)
        count += 1
    return kept[:count]
