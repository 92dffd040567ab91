"""Graphs of OSMnx and NetworkX: to `Streets` and back, and from GraphML files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError, ParserCreate

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from walkshed.errors import CRSError, FormatError, InputError, NoStreetsError
from walkshed.network.clip import Clip
from walkshed.network.files import require_file, sha256_of
from walkshed.network.joined import Lines, build_from_lines, nodes_by_name
from walkshed.network.plane import check_degrees
from walkshed.network.streets import BRIDGE, TUNNEL, Source, Streets
from walkshed.network.tagged import KEYS, tag_lines
from walkshed.phrases import Phrase
from walkshed.schema import WGS84

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CHUNK = 65_536  # bytes of a file read at once
UNKNOWN_EXTENT = (0.0, 0.0, 0.0, 0.0)
LARGEST_ID = 1 << 62  # leaves room for the numbers of the points between


def streets_from_graph(G: nx.Graph, *, min_island_m: float = 1000.0) -> Streets:
    """Make `Streets` of a street graph as OSMnx makes it.

    Both directions of a street count once; parallel streets and loops stay. Lengths are geodesic and taken
    from the geometry: ``length`` is not read. Edges with a ``highway`` that nobody walks are left out.

    Parameters
    ----------
    G
        MultiDiGraph, MultiGraph, DiGraph or Graph, simplified or not. ``G.graph["crs"]`` names the
        coordinate system of the nodes' ``x``, ``y`` and of the edges' ``geometry`` (LineString or WKT),
        without which an edge is straight. ``highway``, ``name``, ``osmid`` ... may be lists. Not changed.
    min_island_m
        Connected pieces with less street than this are left out, in metres. Give 0 for the graph of
        streets that were cut out around an area, as their pieces were judged before the cut.

    Returns
    -------
    Streets
        Node ids are the graph's, if they are whole numbers; else from 1 in the graph's order.

    Raises
    ------
    CRSError
        If the graph does not state a coordinate system.
    FormatError
        If a node lacks ``x`` or ``y``, or an edge's geometry is not a line.
    NoStreetsError
        If there is no walkable street in it.

    Examples
    --------
    >>> G = streets.to_graph()
    >>> abs(ws.streets_from_graph(G).street_km - streets.street_km) < 1e-6
    True
    """
    return build_from_graph(G, _source(G, "graph"), min_island_m=min_island_m)


def build_from_graph(G: nx.Graph, source: Source, *, min_island_m: float, keep: Clip | None = None) -> Streets:
    """Do the work of `streets_from_graph` for every source that comes as a graph.

    Where `source` states no extent, it is that of the lines.
    """
    to_degrees = _to_degrees(G, source.name)
    node_id, lonlat = _nodes(G, to_degrees, source.name)
    index = {node: i for i, node in enumerate(G.nodes)}
    edges = list(G.edges(data=True))
    tagged = tag_lines(len(edges), _columns([data for *_, data in edges]))
    walked = np.flatnonzero(tagged.walkable)
    if not len(walked):
        raise NoStreetsError(Phrase("network.graph_none", source=source.name, count=len(edges)))
    u, v = (np.array([index[edges[i][end]] for i in walked], dtype=np.int64) for end in (0, 1))
    straight = shapely.linestrings(np.stack([lonlat[u], lonlat[v]], axis=1))
    drawn = _geometries([edges[i][2].get("geometry") for i in walked], source.name)
    drawn = np.where(shapely.is_empty(drawn), straight, shapely.transform(drawn, to_degrees))
    lines = Lines.of(_from_u_to_v(drawn, straight), source.name)
    nodes = nodes_by_name(lines, u, v, node_id, lonlat)
    if source.extent == UNKNOWN_EXTENT:
        source = replace(source, extent=lines.extent)
    return build_from_lines(lines, nodes, tagged.ways_of(walked), source, min_island_m, keep)


def to_graph(streets: Streets) -> nx.MultiDiGraph:
    """Convert to the graph that OSMnx makes, for its functions and those of NetworkX.

    Parameters
    ----------
    streets
        Not changed.

    Returns
    -------
    networkx.MultiDiGraph
        EPSG:4326. Nodes: ``x``, ``y``, ``street_count``. Edges, each in both directions: ``osmid``,
        ``highway``, ``name``, ``bridge`` and ``tunnel`` where there are, ``length`` in metres, ``geometry``,
        ``oneway`` (False), ``reversed``. `streets_from_graph` gives the same streets back.

    Raises
    ------
    InputError
        If NetworkX is not installed.
    """
    nx = extra("networkx")
    G = nx.MultiDiGraph(
        crs=WGS84.lower(),
        created_with="walkshed",
        simplified=True,
        streets_origin=streets.source.origin,
        streets_date=streets.source.date or "",
    )
    to_degrees = Transformer.from_crs(streets.crs, WGS84, always_xy=True).transform
    ends = np.bincount(np.concatenate([streets.edge_u, streets.edge_v]), minlength=streets.node_count)
    lon, lat = to_degrees(*streets.node_xy.T)
    ids = streets.node_id.tolist()
    for node, x, y, count in zip(ids, lon.tolist(), lat.tolist(), ends.tolist(), strict=True):
        G.add_node(node, x=x, y=y, street_count=count)
    degrees = np.column_stack(to_degrees(*streets.coords.T))
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, degrees, (streets.offsets,))
    for i, (line, back) in enumerate(zip(lines, shapely.reverse(lines), strict=True)):
        u, v, carried = ids[streets.edge_u[i]], ids[streets.edge_v[i]], _attributes(streets, i)
        G.add_edge(u, v, **carried, oneway=False, reversed=False, geometry=line)
        G.add_edge(v, u, **carried, oneway=False, reversed=True, geometry=back)
    return G


def read_graphml(
    path: str | Path,
    *,
    area: gpd.GeoDataFrame | BaseGeometry | None = None,
    budget_m: float = 1200.0,
    min_island_m: float = 1000.0,
) -> Streets:
    """Read a street graph that OSMnx saved as GraphML.

    Parameters
    ----------
    path
        The file.
    area
        Keep the streets within `budget_m` metres of this (multi)polygon, WGS 84.
    budget_m
        Metres.
    min_island_m
        Connected pieces with less street than this are left out, in metres.

    Raises
    ------
    MissingFileError
        If there is no such file.
    FormatError
        If it is not GraphML as OSMnx saves it, or declares XML entities.
    InputError
        If OSMnx is not installed.
    CRSError, NoStreetsError
        As `streets_from_graph`.
    """
    path = require_file(path)
    _refuse_entities(path)
    osmnx, nx = extra("osmnx"), extra("networkx")
    try:
        G = osmnx.load_graphml(path)
    except (ParseError, ValueError, LookupError, AttributeError, TypeError, GEOSException, nx.NetworkXError) as error:
        raise FormatError(Phrase("network.graphml_other", source=path, reason=error)) from error
    keep = None if area is None else Clip.of(area, budget_m)
    source = replace(_source(G, path.name), sha256=sha256_of(path))
    return build_from_graph(G, source, min_island_m=min_island_m, keep=keep)


def extra(module: str) -> ModuleType:
    """Import OSMnx or NetworkX, which reading a file of streets does without."""
    try:
        return import_module(module)
    except ImportError as error:
        raise InputError(Phrase("network.no_module", module=module)) from error


def _refuse_entities(path: Path) -> None:
    """Refuse a document type: GraphML has none, and entities in it can fill the memory."""

    def refuse(*_: object) -> None:
        raise FormatError(Phrase("network.graphml_entities", source=path))

    elements: list[str] = []
    parser = ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, _: elements.append(name)
    try:
        with path.open("rb") as file:
            while not elements and (chunk := file.read(CHUNK)):
                parser.Parse(chunk, False)
    except FormatError:
        raise
    except (ExpatError, LookupError, ValueError) as error:  # also of an encoding that there is not
        raise FormatError(Phrase("network.graphml_xml", source=path, reason=error)) from error
    if not elements or elements[0].split()[-1] != "graphml":
        raise FormatError(Phrase("network.graphml_start", source=path))


def _source(G: nx.Graph, name: str) -> Source:
    """Say where a graph comes from: OSMnx's come from OpenStreetMap; `to_graph` notes it.

    OSMnx's ``created_date`` is the day that it made the graph, of however old a file: no date of the streets.
    """
    made_by_osmnx = "OSMnx" in str(G.graph.get("created_with", ""))
    origin = str(G.graph.get("streets_origin", "osm" if made_by_osmnx else "other"))
    date = str(G.graph.get("streets_date", ""))[:10]
    return Source(
        name=name,
        origin=origin if origin in ("osm", "synthetic") else "other",  # type: ignore[arg-type]
        date=date if re.fullmatch(r"\d{4}-\d\d-\d\d", date) else None,
        extent=UNKNOWN_EXTENT,
    )


def _to_degrees(G: nx.Graph, name: str) -> Callable[[Floats], Floats]:
    """Find the way from the graph's coordinates, (k, 2), to WGS 84."""
    stated = G.graph.get("crs")
    if stated is None:
        raise CRSError(Phrase("network.graph_no_crs", source=name))
    try:
        transform = Transformer.from_crs(CRS.from_user_input(stated), WGS84, always_xy=True).transform
    except ProjError as error:
        raise CRSError(Phrase("network.graph_bad_crs", source=name, found=str(stated)[:80])) from error
    return lambda xy: np.column_stack(transform(*np.reshape(xy, (-1, 2)).T))


def _nodes(G: nx.Graph, to_degrees: Callable[[Floats], Floats], name: str) -> tuple[Ints, Floats]:
    """(n,) ids and (n, 2) degrees, in the graph's order."""
    try:
        xy = np.array([(data["x"], data["y"]) for _, data in G.nodes(data=True)], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(Phrase("network.graph_nodes", source=name, reason=error)) from error
    lonlat = to_degrees(xy)
    check_degrees(lonlat, name)
    whole = all(isinstance(node, int | np.integer) and -LARGEST_ID < int(node) < LARGEST_ID for node in G.nodes)
    return np.array(list(G.nodes) if whole else range(1, len(xy) + 1), dtype=np.int64), lonlat


def _columns(edges: list[dict[str, Any]]) -> dict[str, list[object]]:
    present = set().union(*edges)
    return {key: [data.get(key) for data in edges] for key in KEYS if key in present}


def _geometries(stated: list[object], name: str) -> NDArray[np.object_]:
    """The edges' own lines, in the graph's coordinates; empty ones where an edge is straight."""
    drawn = np.full(len(stated), shapely.LineString(), dtype=object)
    for i, shape in enumerate(stated):
        line = shapely.from_wkt(shape, on_invalid="ignore") if isinstance(shape, str) else shape
        if isinstance(line, shapely.LineString):
            drawn[i] = line
        elif shape is not None and shape == shape:
            raise FormatError(Phrase("network.graph_shape", source=name, found=str(shape)[:60]))
    return np.asarray(shapely.force_2d(drawn))


def _from_u_to_v(drawn: NDArray[np.object_], straight: NDArray[np.object_]) -> NDArray[np.object_]:
    """Turn lines that run from v to u, as undirected graphs hold them."""
    first, last = (shapely.get_point(drawn, end) for end in (0, -1))
    u, v = (shapely.get_point(straight, end) for end in (0, -1))
    ahead = shapely.distance(first, u) + shapely.distance(last, v)
    back = shapely.distance(first, v) + shapely.distance(last, u)
    return np.asarray(np.where(back < ahead, shapely.reverse(drawn), drawn))


def _attributes(streets: Streets, i: int) -> dict[str, object]:
    """What OSMnx would write on edge i; it leaves out what is not known."""
    flags = int(streets.edge_flags[i])
    stated = {
        "osmid": int(streets.edge_osm_id[i]),
        "highway": streets.highways[streets.edge_highway[i]],
        "name": streets.names[streets.edge_name[i]],
        "bridge": "yes" if flags & BRIDGE else "",
        "tunnel": "yes" if flags & TUNNEL else "",
        "length": float(streets.edge_length_m[i]),
    }
    return {key: value for key, value in stated.items() if value != ""}
