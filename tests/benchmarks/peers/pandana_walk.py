"""Searches in pandana."""

from __future__ import annotations

import numpy as np
import pandana
import pandas as pd

from walkshed.network.streets import Streets


def network(streets: Streets) -> pandana.Network:
    """Prepare the streets: pandana contracts them here."""
    edges = pd.DataFrame({"u": streets.edge_u, "v": streets.edge_v, "length": streets.edge_length_m})
    edges = edges.astype({"u": np.int64, "v": np.int64})
    node = pd.RangeIndex(streets.node_count)
    x, y = (pd.Series(column, index=node) for column in streets.node_xy.T)
    return pandana.Network(x, y, edges["u"], edges["v"], edges[["length"]], twoway=True)


def within(net: pandana.Network, nodes: np.ndarray, budget_m: float) -> pd.DataFrame:
    """The nodes in range of each node, all in one call."""
    return net.nodes_in_range(nodes, budget_m)


def place_stations(net: pandana.Network, xy: np.ndarray, budget_m: float) -> None:
    net.set_pois("stations", budget_m, 1, pd.Series(xy[:, 0]), pd.Series(xy[:, 1]))


def nearest(net: pandana.Network, budget_m: float) -> pd.DataFrame:
    """The metres from every node to its nearest station."""
    return net.nearest_pois(budget_m, "stations", num_pois=1)


def costs(found: pd.DataFrame, nodes: np.ndarray) -> list[dict[int, float]]:
    """For each node the nodes in its range and their metres."""
    by_source = {s: dict(zip(g["destination"], g["length"], strict=True)) for s, g in found.groupby("source")}
    return [by_source[node] for node in nodes.tolist()]
