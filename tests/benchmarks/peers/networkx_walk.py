"""Searches in networkx."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx
import numpy as np

from walkshed.network.streets import Streets


def plain_graph(streets: Streets) -> nx.Graph:
    """The shortest of parallel edges: the fastest graph for distances alone."""
    graph = nx.Graph()
    longest_first = np.argsort(-streets.edge_length_m)
    u, v, m = (a[longest_first].tolist() for a in (streets.edge_u, streets.edge_v, streets.edge_length_m))
    graph.add_weighted_edges_from(zip(u, v, m, strict=True), weight="length")
    return graph


def osmnx_graph(streets: Streets) -> nx.MultiDiGraph:
    """The graph as OSMnx has it: both directions, parallel edges; nodes by number."""
    graph = streets.to_graph()
    return nx.relabel_nodes(graph, dict(zip(streets.node_id.tolist(), range(streets.node_count), strict=True)))


def within(graph: nx.Graph, nodes: Iterable[int], budget_m: float) -> list[dict[int, float]]:
    return [nx.single_source_dijkstra_path_length(graph, node, cutoff=budget_m, weight="length") for node in nodes]


def ego_graphs(graph: nx.MultiDiGraph, nodes: Iterable[int], budget_m: float) -> list[nx.MultiDiGraph]:
    return [nx.ego_graph(graph, node, radius=budget_m, distance="length") for node in nodes]
