"""``Streets``: the walkable network, as plain arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx

STEPS, BRIDGE, TUNNEL = 1, 2, 4
"""Bits of ``Streets.edge_flags``."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a network comes from, as the report states it.

    Attributes
    ----------
    name
        The file's name, the place, or "graph".
    origin
        ``osm``: © OpenStreetMap contributors, ODbL. ``synthetic``: an invented place. ``other``: unknown.
    date
        The data's date as ISO text, if the source states one.
    extent
        West, south, east, north in degrees (WGS 84): the header's box, else the box of the streets.
    islands_left_out_m
        Street length in connected pieces too small to count, geodesic metres.
    min_island_m
        Pieces with less street than this in all were too small.
    clip_area, clip_budget_m
        The area (WGS 84, hexadecimal WKB) and the metres around it within which streets were kept; None where
        all were.
    sha256
        Hash of the file, if it is one.
    attribution
        Whom to name for the streets, in the user's own words; "" where the origin says it.
    dem
        Name of the elevation file that the costs follow; "" where all street counts as level.
    dem_missing_m
        Metres of street without elevation, which count as level.
    """

    name: str
    origin: Literal["osm", "synthetic", "other"] = "other"
    date: str | None = None
    extent: tuple[float, float, float, float]
    islands_left_out_m: float = 0.0
    min_island_m: float = 1000.0
    clip_area: str | None = None
    clip_budget_m: float | None = None
    sha256: str | None = None
    attribution: str = ""
    dem: str = ""
    dem_missing_m: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What lies around the streets, for the base map and as candidates for sites.

    Every frame is in the CRS of the streets and has a ``name`` column (text, "" where there is none).

    Attributes
    ----------
    water
        Polygons and lines, with ``part``: "sea" for polygons of the sea, which are made of coastlines as far as these
        tell and may end anywhere; "shore" for the coastlines along them; else "".
    rail
        Lines, with ``tunnel`` (bool) and ``crossable`` (bool): one can cross it anywhere, since it is in a tunnel,
        on a bridge or a beam, or a tram in the street.
    walls
        Lines that nobody steps over: walls and fences.
    buildings
        Polygons.
    places
        Points, with ``place`` (city, town, suburb, village ...).
    hosts
        Points of public counters, with ``kind`` (bank, post_office, fuel, townhall ...).
    """

    water: gpd.GeoDataFrame
    rail: gpd.GeoDataFrame
    walls: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    hosts: gpd.GeoDataFrame


class SurroundingsLater(Surroundings):
    """Surroundings whose frames are made when they are first asked for: no figure needs them.

    Parameters
    ----------
    make
        Makes the frame of a name, such as ``water``.
    """

    def __init__(self, make: Callable[[str], gpd.GeoDataFrame]) -> None:
        object.__setattr__(self, "_make", make)

    def __getattr__(self, name: str) -> gpd.GeoDataFrame:
        if name not in FRAMES:
            raise AttributeError(name)
        frame = self._make(name)
        object.__setattr__(self, name, frame)
        return frame


FRAMES = tuple(f.name for f in fields(Surroundings))
"""The names of the frames."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Streets:
    """The walkable network: n nodes, m edges, k points of polylines.

    An edge runs from one junction or end to the next, or to where what it carries (name, class,
    steps, bridge, tunnel) changes. Parallel edges and loops stay.

    Attributes
    ----------
    node_xy
        (n, 2) float64, metres in `crs`.
    node_id
        (n,) int64, the source's own id, ascending.
    edge_u, edge_v
        (m,) int32, the nodes at the two ends.
    edge_length_m
        (m,) float64, geodesic metres on WGS 84.
    cost_uv, cost_vu
        (m,) float64, metres of level walking that the edge costs from u to v and from v to u: the length,
        until slope says otherwise.
    edge_name, names
        (m,) int32 index into `names`, of which the first is "".
    edge_highway, highways
        (m,) int32 index into `highways`, of which the first is "".
    edge_osm_id
        (m,) int64, the way (the longest, where an edge joins several); 0 where there is none.
    edge_flags
        (m,) uint8, the bits `STEPS`, `BRIDGE`, `TUNNEL`.
    coords, offsets
        (k, 2) float64 and (m + 1,) int64: the polyline of edge i is ``coords[offsets[i]:offsets[i + 1]]``,
        from u to v, metres in `crs`.
    crs
        A UTM zone, as "EPSG:32650".
    source
        Where the network comes from.
    surroundings
        Water, rail, walls, buildings, places and hosts, if the source has them.
    left_out
        Street that was taken out on purpose: ``reason`` (closed, steps), ``length_m``, lines in `crs`; None where
        none was.

    Examples
    --------
    >>> len(streets), streets.node_count, streets.crs
    (14022, 11574, 'EPSG:32650')
    >>> round(float(streets.edge_length_m.sum()) / 1000 - streets.street_km, 9)
    0.0
    >>> streets.to_frame().columns.tolist()
    ['u', 'v', 'name', 'highway', 'osm_id', 'length_m', 'geometry']
    >>> streets.to_graph().number_of_nodes() == streets.node_count
    True
    >>> streets.least_cost, len(streets.lines) == len(streets)  # on the level
    (1.0, True)

    The middle of the first edge, along its polyline:

    >>> import numpy as np
    >>> middle_m = streets.along_m[streets.offsets[1] - 1] / 2
    >>> streets.xy_at(np.array([0]), np.array([middle_m])).round().tolist()
    [[726214.0, 3688634.0]]
    """

    node_xy: NDArray[np.float64]
    node_id: NDArray[np.int64]
    edge_u: NDArray[np.int32]
    edge_v: NDArray[np.int32]
    edge_length_m: NDArray[np.float64]
    cost_uv: NDArray[np.float64]
    cost_vu: NDArray[np.float64]
    edge_name: NDArray[np.int32]
    names: tuple[str, ...]
    edge_highway: NDArray[np.int32]
    highways: tuple[str, ...]
    edge_osm_id: NDArray[np.int64]
    edge_flags: NDArray[np.uint8]
    coords: NDArray[np.float64]
    offsets: NDArray[np.int64]
    crs: str
    source: Source
    surroundings: Surroundings | None = field(default=None, repr=False)
    left_out: gpd.GeoDataFrame | None = field(default=None, repr=False)

    def __len__(self) -> int:
        """Count the edges."""
        return len(self.edge_u)

    @property
    def node_count(self) -> int:
        """Count the nodes."""
        return len(self.node_xy)

    @property
    def street_km(self) -> float:
        """Total street length in km."""
        return float(self.edge_length_m.sum()) / 1000.0

    @cached_property
    def least_cost(self) -> float:
        """The least that any metre of street costs, at most 1: gently downhill a metre costs less than on the level.

        A walk of a given budget goes no farther than the budget over this.
        """
        cheaper = np.minimum(self.cost_uv, self.cost_vu)
        share = np.divide(cheaper, self.edge_length_m, out=np.ones(len(self)), where=self.edge_length_m > 0)
        # What only differs by rounding is level.
        return float(min(1.0, share.min(initial=1.0) + 1e-9))

    @cached_property
    def along_m(self) -> NDArray[np.float64]:
        """(k,) metres from u to each polyline point, scaled so that the last is the edge's length.

        Planar lengths in UTM differ from geodesic ones by up to 0.1 %; positions along an edge are in
        geodesic metres throughout.
        """
        step = np.hypot(*np.diff(self.coords, axis=0, prepend=self.coords[:1]).T)
        total = np.cumsum(step)
        start = total[self.offsets[:-1]]
        along: NDArray[np.float64] = total - np.repeat(start, np.diff(self.offsets))
        planar = along[self.offsets[1:] - 1]
        scale = np.divide(self.edge_length_m, planar, out=np.zeros_like(planar), where=planar > 0)
        along *= np.repeat(scale, np.diff(self.offsets))
        along[self.offsets[1:] - 1] = self.edge_length_m
        return along

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """(m,) the edges as LineStrings in the streets' CRS; made once, since many outputs draw them."""
        import shapely

        lines: NDArray[np.object_] = shapely.from_ragged_array(
            shapely.GeometryType.LINESTRING, self.coords, (self.offsets,)
        )
        return lines

    def xy_at(self, edge: NDArray[np.integer], at_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """(p, 2) where p street points lie, in the streets' CRS: metres along edges."""
        key = float(self.edge_length_m.max(initial=0.0)) + 1.0
        edge_of_point = np.repeat(np.arange(len(self)), np.diff(self.offsets))
        p = np.searchsorted(edge_of_point * key + self.along_m, edge * key + at_m, side="right") - 1
        p = np.clip(p, self.offsets[edge], self.offsets[edge + 1] - 2)
        run = self.along_m[p + 1] - self.along_m[p]
        t = np.divide(at_m - self.along_m[p], run, out=np.zeros_like(run), where=run > 0)
        xy: NDArray[np.float64] = self.coords[p] + t[:, None] * (self.coords[p + 1] - self.coords[p])
        return xy

    def __repr__(self) -> str:
        """Say what and how much this is."""
        date = f", {self.source.date}" if self.source.date else ""
        return (
            f"Streets({self.source.name}{date}: {self.street_km:,.1f} km, "
            f"{len(self):,} edges, {self.node_count:,} nodes, {self.crs})"
        )

    def _repr_html_(self) -> str:
        from walkshed.network.show import streets_html

        return streets_html(self)

    def to_frame(self) -> gpd.GeoDataFrame:
        """Hand the edges out as a frame in the streets' CRS.

        Returns
        -------
        GeoDataFrame
            ``u``, ``v`` (node ids), ``name``, ``highway``, ``osm_id``, ``length_m``, ``geometry``.
        """
        import geopandas as gpd

        return gpd.GeoDataFrame(
            {
                "u": self.node_id[self.edge_u],
                "v": self.node_id[self.edge_v],
                "name": np.asarray(self.names, dtype=object)[self.edge_name],
                "highway": np.asarray(self.highways, dtype=object)[self.edge_highway],
                "osm_id": self.edge_osm_id,
                "length_m": self.edge_length_m,
            },
            geometry=self.lines.copy(),
            crs=self.crs,
        )

    def to_graph(self) -> nx.MultiDiGraph:
        """Convert to the graph that OSMnx makes: WGS 84, both directions, ``length`` in metres.

        Returns
        -------
        networkx.MultiDiGraph
            Needs the extra ``walkshed[osmnx]``.
        """
        from walkshed.network.graph import to_graph

        return to_graph(self)
