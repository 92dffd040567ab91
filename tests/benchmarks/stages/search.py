"""From each station as far as the budget goes: the product beside networkx and pandana.

Like for like: every side gives the nodes reached and their metres. What the product makes of a search, the streets cut
to the metre, takes more; the note tells how much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import networkx as nx
import numpy as np

from benchmarks.job import BUDGET_M
from benchmarks.peers import networkx_walk
from benchmarks.stages.contest import Contest, take_turns
from benchmarks.stages.standing import Costs, Standing, agree, node_costs, stand
from walkshed.compiled import Floats, Indices, Longs, array_kernel
from walkshed.reach.graph import Arcs, WalkGraph, split_at_stations
from walkshed.reach.pieces import reached_pieces
from walkshed.reach.search import Work, clear, new_work, spread


@dataclass(frozen=True)
class Peer:
    """One way to search from all stations, how to read what it found, and what it needed before."""

    search: Callable[[], Any]
    costs: Callable[[Any], Costs]
    note: str


def compare(rounds: int, streets_file: Path, stations_file: Path) -> list[Contest]:
    standing = stand(streets_file, stations_file)
    graph = graph_of(standing)
    contests = []
    for row, make in PEERS.items():
        try:
            contests.append(against(make(standing), row, standing, graph, rounds))
        except ImportError as error:
            contests.append(Contest(row, cannot=str(error)))
    return contests


def against(peer: Peer, row: str, standing: Standing, graph: WalkGraph, rounds: int) -> Contest:
    legs_m = standing.snaps.leg_m
    found = found_by_walkshed(standing)
    agreement = agree(found, peer.costs(peer.search()))
    pieces = agree(found, node_costs(standing.streets, reached_pieces(graph, legs_m, BUDGET_M), len(legs_m)))
    seconds = take_turns(
        {
            "ours": lambda: search_each(graph, legs_m),
            "theirs": peer.search,
            "cut": lambda: reached_pieces(graph, legs_m, BUDGET_M),
        },
        rounds,
    )
    cut_ms = 1000 * median(seconds["cut"]) / len(legs_m)
    note = f"cutting the streets to the metre too, ours takes {cut_ms:.3f} ms a station ({pieces}). {peer.note}"
    ours, theirs = ([s / len(legs_m) for s in seconds[side]] for side in ("ours", "theirs"))
    return Contest(row, ours, theirs, agreement, note)


def graph_of(standing: Standing) -> WalkGraph:
    return split_at_stations(standing.streets, standing.snaps.edge, standing.snaps.at_m)


def found_by_walkshed(standing: Standing) -> Costs:
    found = search_each(graph_of(standing), standing.snaps.leg_m)
    return [dict(zip(nodes.tolist(), costs.tolist(), strict=True)) for nodes, costs in found]


def search_each(graph: WalkGraph, legs_m: Floats) -> list[tuple[Indices, Floats]]:
    """The product's own search, one station after the other on one core: nodes and metres of each."""
    nodes, costs, ends = _search_each(
        graph.arcs, graph.station_node, legs_m, BUDGET_M, new_work(graph), graph.node_count
    )
    return [*zip(np.split(nodes, ends[:-1]), np.split(costs, ends[:-1]), strict=True)]


@array_kernel
def _search_each(
    arcs: Arcs, seeds: Indices, legs: Floats, budget: float, work: Work, room: int
) -> tuple[Indices, Floats, Longs]:
    nodes, costs = np.empty(room, np.int32), np.empty(room, np.float64)
    ends, end = np.empty(len(seeds), np.int64), 0
    for k in range(len(seeds)):
        reached, _ = spread(arcs, seeds[k : k + 1], legs[k : k + 1], budget, work)
        while end + reached > len(nodes):
            nodes, costs = np.concatenate((nodes, nodes)), np.concatenate((costs, costs))
        for i in range(reached):
            nodes[end + i], costs[end + i] = work.touched[i], work.cost[work.touched[i]]
        end += reached
        ends[k] = end
        clear(reached, work)
    return nodes[:end], costs[:end], ends


def with_networkx(standing: Standing) -> Peer:
    return _cutoff(standing, networkx_walk.osmnx_graph(standing.streets), "The graph as OSMnx has it, made before.")


def with_plain_networkx(standing: Standing) -> Peer:
    note = "An undirected graph without parallel edges, the fastest for distances alone, made before."
    return _cutoff(standing, networkx_walk.plain_graph(standing.streets), note)


def _cutoff(standing: Standing, graph: nx.Graph, note: str) -> Peer:
    return Peer(
        lambda: networkx_walk.within(graph, standing.node.tolist(), BUDGET_M),
        list,
        note,
    )


def with_ego_graphs(standing: Standing) -> Peer:
    graph = networkx_walk.osmnx_graph(standing.streets)

    def costs(found: list[nx.MultiDiGraph]) -> Costs:
        starts = zip(found, standing.node.tolist(), strict=True)
        return [nx.single_source_dijkstra_path_length(ego, node, weight="length") for ego, node in starts]

    return Peer(
        lambda: networkx_walk.ego_graphs(graph, standing.node.tolist(), BUDGET_M),
        costs,
        "The graph as OSMnx has it, made before.",
    )


def with_pandana(standing: Standing) -> Peer:
    from benchmarks.peers import pandana_walk

    begun = perf_counter()
    net = pandana_walk.network(standing.streets)
    prepared_s = perf_counter() - begun
    return Peer(
        lambda: pandana_walk.within(net, standing.node, BUDGET_M),
        lambda frame: pandana_walk.costs(frame, standing.node),
        f"All stations in one call, on all cores, after {prepared_s:.0f} s of preparation.",
    )


PEERS: dict[str, Callable[[Standing], Peer]] = {
    "search-networkx": with_networkx,
    "search-networkx-plain": with_plain_networkx,
    "search-ego": with_ego_graphs,
    "search-pandana": with_pandana,
}
