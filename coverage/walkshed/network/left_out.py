"""Street left out: steps for those on wheels, and what is closed.

What is left out is gone from the network: nobody walks there, no station stands there, and no figure counts it. The
rest of a street that is closed in part stays, and ends where the closed part begins. `Streets.left_out` keeps what was
taken, and why, so that reports can say how much that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from walkshed.errors import InputError, NoStreetsError, warn_user
from walkshed.network.streets import STEPS, Streets
from walkshed.phrases import Phrase
from walkshed.schema import require_crs

if TYPE_CHECKING:
    import geopandas as gpd

CLOSED_WITHIN_M = 10.0
"""Street as near as this to a line of closures, and along it, is closed: carriageway and pavements beside it."""

ALONG = 0.7
"""A stretch runs along a line if its ends lie this share of its length apart along it. What crosses it does not."""

LEAST_M = 1.0
"""Shorter pieces, which drawing leaves at the ends of shapes, are not cut out."""


@dataclass(frozen=True, eq=False)
class _Cuts:
    """What to take out: stretches of edges, sorted by edge and place, none overlapping."""

    edge: NDArray[np.int64]
    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]


def without_steps(streets: Streets) -> Streets:
    """Leave out all steps: the streets of those on wheels and with prams.

    Parameters
    ----------
    streets
        A network whose source tells steps (`Streets.edge_flags`).

    Returns
    -------
    Streets
        The network itself if it has no steps; else without them, and `left_out` has them as ``steps``.

    Raises
    ------
    NoStreetsError
        If nothing is left.

    Examples
    --------
    >>> ws.without_steps(streets).street_km <= streets.street_km
    True
    """
    edge = np.flatnonzero(streets.edge_flags & STEPS)
    return _without(streets, _Cuts(edge, np.zeros(len(edge)), streets.edge_length_m[edge]), "steps")


def without_closed(streets: Streets, closed: gpd.GeoDataFrame | Iterable[int]) -> Streets:
    """Leave out the street that is closed to walking.

    Parameters
    ----------
    streets
        The network.
    closed
        Ids of OpenStreetMap ways, closed from end to end; or a frame in any CRS that it states. A polygon
        closes the street inside it. A line closes the street that runs along it within `CLOSED_WITHIN_M`; what
        only crosses the line stays open. A row without geometry closes the way of its ``osm_id``.

    Returns
    -------
    Streets
        Without the closed stretches; `left_out` has them as ``closed``. People who live there set out from the
        nearest street that is left.

    Raises
    ------
    InputError
        If nothing at all is closed by it, or a row has neither geometry nor id.
    CRSError
        If the frame states no coordinate system.
    NoStreetsError
        If nothing is left.

    Warns
    -----
    InputWarning
        Of rows that close no street.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import shapely
    >>> square = shapely.box(119.43, 33.30, 119.44, 33.31)
    >>> dug_up = gpd.GeoDataFrame(geometry=[square], crs="EPSG:4326")
    >>> ws.without_closed(streets, dug_up).street_km < streets.street_km
    True
    """
    ids, shapes = _closures(streets, closed)
    cuts: list[tuple[int, float, float]] = []
    idle: list[str] = []
    by_id = pd.Series(np.arange(len(streets))).groupby(streets.edge_osm_id).indices
    for osm_id in ids:
        edges = by_id.get(osm_id, np.empty(0, dtype=np.int64)) if osm_id else np.empty(0, dtype=np.int64)
        cuts += [(int(e), 0.0, float(streets.edge_length_m[e])) for e in edges]
        idle += [] if len(edges) else [f"way {osm_id}"]
    tree = shapely.STRtree(streets.lines)
    for number, shape in shapes:
        own = [*_stretches_in(streets, tree, shape)]
        cuts += own
        idle += [] if own else [f"{shape.geom_type.lower()} {number}"]
    if not cuts:
        raise InputError(
            Phrase(
                "walking.closures_none",
                count=len(ids) + len(shapes),
                source=streets.source.name,
                metres=f"{CLOSED_WITHIN_M:g}",
            )
        )
    if idle:
        idle_names = ", ".join(idle[:5]) + (" …" if len(idle) > 5 else "")
        warn_user(Phrase("walking.closures_idle", count=len(idle), names=idle_names))
    return _without(streets, _united(cuts), "closed")


def _closures(
    streets: Streets, closed: gpd.GeoDataFrame | Iterable[int]
) -> tuple[list[int], list[tuple[int, shapely.Geometry]]]:
    """Part what is closed by id from what is closed by its shape, in the streets' CRS."""
    if not isinstance(closed, pd.DataFrame):
        return [int(i) for i in closed], []
    ids = closed["osm_id"].to_numpy() if "osm_id" in closed else np.full(len(closed), np.nan)
    geometry = closed.geometry.to_numpy()
    drawn = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    has_id = np.array([pd.notna(i) and bool(i) for i in ids], dtype=bool)
    lost = np.flatnonzero(~drawn & ~has_id)
    if len(lost):
        raise InputError(Phrase("walking.closures_lost", row=int(lost[0]) + 1))
    shapes: list[Any] = []
    if drawn.any():
        require_crs(closed, "closures")
        shapes = [*closed.geometry[drawn].to_crs(streets.crs).to_numpy()]
    numbered = [
        (int(number), part)
        for number, shape in zip(np.flatnonzero(drawn) + 1, shapes, strict=True)
        for part in shapely.get_parts(shapely.make_valid(shape))
    ]
    odd = sorted({s.geom_type for _, s in numbered} - {"Polygon", "LineString"})
    if odd:
        raise InputError(Phrase("walking.closures_shape", found=", ".join(odd)))
    return [int(i) for i in ids[~drawn]], numbered


def _stretches_in(
    streets: Streets, tree: shapely.STRtree, shape: shapely.Geometry
) -> Iterator[tuple[int, float, float]]:
    """List the stretches that a polygon holds, or that run along a line."""
    is_line = shape.geom_type == "LineString"
    ground = shape.buffer(CLOSED_WITHIN_M, cap_style="flat") if is_line else shape
    for edge in np.sort(tree.query(ground, predicate="intersects")).tolist():
        for from_m, to_m in _within(streets, edge, ground):
            if to_m - from_m < min(LEAST_M, streets.edge_length_m[edge] / 2):
                continue
            if not is_line or _runs_along(streets, edge, from_m, to_m, shape):
                yield edge, from_m, to_m


def _within(streets: Streets, edge: int, ground: shapely.Polygon) -> Iterator[tuple[float, float]]:
    """Cut one edge to a polygon, a straight segment at a time, so that a street that crosses itself is exact."""
    points = slice(streets.offsets[edge], streets.offsets[edge + 1])
    xy, along_m = streets.coords[points], streets.along_m[points]
    segments = shapely.linestrings(np.stack((xy[:-1], xy[1:]), axis=1))
    spans: list[NDArray[np.float64]] = []
    for i, piece in enumerate(shapely.intersection(segments, ground)):
        run = np.hypot(*(xy[i + 1] - xy[i]))
        for part in shapely.get_parts(piece):
            if part.length > 0:
                ends = (
                    np.sort(shapely.line_locate_point(segments[i], shapely.points(shapely.get_coordinates(part)))) / run
                )
                spans.append(along_m[i] + ends[[0, -1]] * (along_m[i + 1] - along_m[i]))
    yield from _joined(sorted(map(tuple, spans)))


def _joined(spans: list[tuple[float, float]], slack_m: float = 1e-6) -> list[tuple[float, float]]:
    """Join spans that overlap or touch."""
    joined: list[tuple[float, float]] = []
    for low, high in spans:
        if joined and low <= joined[-1][1] + slack_m:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((float(low), float(high)))
    return joined


def _runs_along(streets: Streets, edge: int, from_m: float, to_m: float, line: shapely.LineString) -> bool:
    xy, _ = _points(streets, edge, np.array([from_m, to_m]))
    apart_m = abs(np.subtract(*shapely.line_locate_point(line, shapely.points(xy))))
    return bool(apart_m >= ALONG * (to_m - from_m))


def _points(streets: Streets, edge: int, at_m: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tell where places along an edge lie, and the metres along it of all its own points."""
    points = slice(streets.offsets[edge], streets.offsets[edge + 1])
    along_m = streets.along_m[points]
    xy = [np.interp(at_m, along_m, streets.coords[points, axis]) for axis in (0, 1)]
    return np.column_stack(xy), along_m


def _united(cuts: list[tuple[int, float, float]]) -> _Cuts:
    rows: list[tuple[int, float, float]] = []
    for edge, own in pd.DataFrame(cuts, columns=["edge", "from_m", "to_m"]).groupby("edge", sort=True):
        spans = sorted(zip(own["from_m"], own["to_m"], strict=True))
        rows += [(int(edge), low, high) for low, high in _joined(spans)]
    edge, from_m, to_m = (np.array(column) for column in zip(*rows, strict=True))
    return _Cuts(edge.astype(np.int64), from_m, to_m)


def _without(streets: Streets, cuts: _Cuts, reason: str) -> Streets:
    """Take the cuts out; the edges that are left keep their order and what they carry."""
    if not len(cuts.edge):
        return streets
    touched = np.unique(cuts.edge)
    whole = np.setdiff1d(np.arange(len(streets)), touched)
    pieces = [piece for edge in touched for piece in _left_of(streets, int(edge), cuts)]
    made = pd.DataFrame(pieces, columns=["edge", "from_m", "to_m"]).astype({"edge": np.int64})
    edge = np.concatenate((whole, made["edge"].to_numpy(dtype=np.int64)))
    from_m = np.concatenate((np.zeros(len(whole)), made["from_m"].to_numpy(dtype=float)))
    to_m = np.concatenate((streets.edge_length_m[whole], made["to_m"].to_numpy(dtype=float)))
    if not len(edge):
        raise NoStreetsError(Phrase(f"walking.all_{reason}", source=streets.source.name))
    order = np.lexsort((from_m, edge))
    left = _rebuilt(streets, edge[order], from_m[order], to_m[order])
    return replace(left, left_out=_noted(streets, cuts, reason))


def _left_of(streets: Streets, edge: int, cuts: _Cuts) -> Iterator[tuple[int, float, float]]:
    """List what stays of an edge."""
    mine, length_m = cuts.edge == edge, float(streets.edge_length_m[edge])
    starts, ends = [0.0, *cuts.to_m[mine]], [*cuts.from_m[mine], length_m]
    for start, end in zip(starts, ends, strict=True):
        if end - start > min(LEAST_M, length_m / 2):
            yield edge, start, end


def _rebuilt(
    streets: Streets, edge: NDArray[np.int64], from_m: NDArray[np.float64], to_m: NDArray[np.float64]
) -> Streets:
    """Make a network of stretches of this one, sorted by edge and place; cut ends become nodes."""
    lines = [_line(streets, *row) for row in zip(edge.tolist(), from_m.tolist(), to_m.tolist(), strict=True)]
    cut_u, cut_v = from_m > 0, to_m < streets.edge_length_m[edge]
    n, fresh = streets.node_count, int(cut_u.sum())
    u, v = streets.edge_u[edge].astype(np.int64), streets.edge_v[edge].astype(np.int64)
    u[cut_u] = n + np.arange(fresh)
    v[cut_v] = n + fresh + np.arange(int(cut_v.sum()))
    ends = [line[0] for line, cut in zip(lines, cut_u, strict=True) if cut]
    ends += [line[-1] for line, cut in zip(lines, cut_v, strict=True) if cut]
    node_xy = np.vstack((streets.node_xy, *ends)) if ends else streets.node_xy
    most = int(streets.node_id.max(initial=0))
    node_id = np.concatenate((streets.node_id, most + 1 + np.arange(len(ends))))
    used, place = np.unique(np.concatenate((u, v)), return_inverse=True)
    share = np.divide(to_m - from_m, streets.edge_length_m[edge], out=np.ones(len(edge)), where=to_m > from_m)
    return replace(
        streets,
        node_xy=node_xy[used],
        node_id=node_id[used],
        edge_u=place[: len(edge)].astype(np.int32),
        edge_v=place[len(edge) :].astype(np.int32),
        edge_length_m=to_m - from_m,
        cost_uv=streets.cost_uv[edge] * share,
        cost_vu=streets.cost_vu[edge] * share,
        edge_name=streets.edge_name[edge],
        edge_highway=streets.edge_highway[edge],
        edge_osm_id=streets.edge_osm_id[edge],
        edge_flags=streets.edge_flags[edge],
        coords=np.vstack(lines),
        offsets=np.concatenate(([0], np.cumsum([len(line) for line in lines]))).astype(np.int64),
    )


def _line(streets: Streets, edge: int, from_m: float, to_m: float) -> NDArray[np.float64]:
    points = streets.coords[streets.offsets[edge] : streets.offsets[edge + 1]]
    if from_m <= 0 and to_m >= streets.edge_length_m[edge]:
        return points
    ends, along_m = _points(streets, edge, np.array([from_m, to_m]))
    inner = points[(along_m > from_m + 1e-6) & (along_m < to_m - 1e-6)]
    return np.vstack((ends[:1], inner, ends[1:]))


def _noted(streets: Streets, cuts: _Cuts, reason: str) -> gpd.GeoDataFrame:
    """Add what is taken out to what was before."""
    import geopandas as gpd

    lines = [_line(streets, *row) for row in zip(cuts.edge.tolist(), cuts.from_m, cuts.to_m, strict=True)]
    length_m = cuts.to_m - cuts.from_m
    taken = gpd.GeoDataFrame(
        {"reason": reason, "length_m": length_m}, geometry=[*map(shapely.LineString, lines)], crs=streets.crs
    )
    return taken if streets.left_out is None else pd.concat((streets.left_out, taken), ignore_index=True)
