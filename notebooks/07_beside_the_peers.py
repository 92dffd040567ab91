# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Beside the peers
#
# Service areas on foot have been drawn for years. The best-known recipe is the isochrone example of OSMnx: take all
# junctions within so many metres, and draw a hull around them or buffer the streets between them. Is the result of
# this package different, where, and why? The same station, the same streets, the same 15 minutes; both drawn.

# %%
import geopandas as gpd
import matplotlib.pyplot as plt
import networkx as nx
import osmnx as ox
import pandas as pd
import shapely

import walkshed as ws

county = ws.demo_county()
streets = ws.read_streets(county.streets)
stations = ws.select_stations(ws.read_stations(county.stations), categories=("爱心驿站",))
one = stations[stations["station_id"] == "AH008"]
result = ws.analyze(streets, one, area=ws.read_area(county.town))
budget_m = result.walk.budget_m(15)
ours = result.service_areas.geometry.iloc[-1]
one[["station_id", "name"]], budget_m

# %% [markdown]
# This station stands west of the canal. Now the recipe, step by step: nearest junction, its ego graph, hull and
# buffer. Its steps are public knowledge and these are OSMnx's and NetworkX's own functions.

# %%
G = ox.project_graph(streets.to_graph(), to_crs=result.crs)
at = result.stations.geometry.iloc[0]
center = ox.nearest_nodes(G, at.x, at.y)
reached = nx.ego_graph(G, center, radius=budget_m, distance="length")
nodes, edges = ox.graph_to_gdfs(reached)
hull = nodes.union_all().convex_hull
buffered = edges.buffer(100).union_all()
leg_m = shapely.Point(nodes.loc[center, ["x", "y"]]).distance(at)
print(f"{leg_m:.1f} m to the junction, {len(reached)} junctions reached")

# %%
fig, panels = plt.subplots(1, 3, figsize=(14, 5.5), sharex=True, sharey=True, layout="constrained")
titles = {"hull of the junctions": hull, "buffer of the edges": buffered, "walkshed": ours}
for ax, (title, shape) in zip(panels, titles.items(), strict=True):
    streets.to_frame().clip(hull.buffer(600).bounds).plot(ax=ax, color="#b9b4aa", linewidth=0.4)
    streets.surroundings.water.clip(hull.buffer(600).bounds).plot(ax=ax, color="#9cc3de")
    gpd.GeoSeries([shape]).plot(ax=ax, color="#2171b5", alpha=0.4)
    gpd.GeoSeries([at]).plot(ax=ax, color="#ffd34d", edgecolor="black", zorder=5)
    ax.set_title(f"{title}: {shape.area / 1e6:.2f} km²")
    ax.set_axis_off()

# %% [markdown]
# ## Where do they differ?
#
# Hold each drawing against the walk itself. Take every stretch of street that a drawing paints, and ask how far it is
# to walk there. What is painted and farther than 15 minutes is a **promise that nobody can keep**; what is nearer and
# not painted is left out.

# %%
pieces = result.streets
middle = pieces.geometry.interpolate(0.5, normalized=True)
within = pieces["covered"]


def held_against_the_walk(shape):
    painted = middle.within(shape)
    km = pieces["length_m"] / 1000
    return {
        "area_km2": shape.area / 1e6,
        "street painted, km": km[painted].sum(),
        "of it beyond 15 min": km[painted & ~within].sum(),
        "within 15 min, not painted": km[~painted & within].sum(),
    }


pd.DataFrame({title: held_against_the_walk(shape) for title, shape in titles.items()}).T.round(2)

# %% [markdown]
# Why?
#
# - **The hull** knows no holes and no water: it paints what lies between two arms of the network, whether or not
#     there is a way.
# - **The buffer** has holes, but it is as wide at its rim, where the walk is used up, as at its heart: the last 100 m
#     off the street would need 100 m more. It also takes an edge whole or not at all: the walk ends in the middle of
#     most streets.
# - **The junction**: the walk starts at the nearest junction, not at the station. The leg from one to the other is
#     walked for nothing.
# - **walkshed** starts mid-edge and ends mid-edge. Its area is everything within 100 m of street that is reached with
#     100 m to spare: so along a street it ends where the walk ends, and it leaves out no street that is reached.
#
# It, too, paints some street that is not reached in time: street on the far side of a yard or a ditch, a straight leg
# of less than 100 m away. The place is near; the way along that street is not. A drawing cannot tell the two apart.
# **That is why no figure here comes from a drawing**: shares are sums of street by its walk, and areas are for the
# eye.
#
# Both buffer and area reach over the canal where nobody can cross it. `ws.Walk(barriers=True)` lets no leg cross
# water, railway or wall.
#
# ## The same distances
#
# Is our walk the same walk? From the same junction, NetworkX and walkshed must agree on the length of every street
# reached.

# %%
point = gpd.GeoDataFrame(
    {"station_id": ["junction"]}, geometry=[shapely.Point(nodes.loc[center, ["x", "y"]])], crs=result.crs
)
again = ws.analyze(streets, point, area=ws.read_area(county.town))
cost = nx.single_source_dijkstra_path_length(G, center, cutoff=budget_m, weight="length")
undirected = {(*sorted((u, v)), round(d["length"], 3)): (u, v, d["length"]) for u, v, d in G.edges(data=True)}
inf = float("inf")
by_hand = sum(
    min(length, max(0, budget_m - cost.get(u, inf)) + max(0, budget_m - cost.get(v, inf)))
    for u, v, length in undirected.values()
)
leg_m = again.stations["snap_m"].iloc[0]
town = again.summary["coverage"][-1]["street_km"]
print(f"by hand {by_hand / 1000:.2f} km, walkshed {town:.2f} km; leg to the junction {leg_m:.3f} m")

# %% [markdown]
# The two agree as far as the walk stays inside the town's outline, in which our figure is counted.
#
# ## pandana and Valhalla
#
# pandana adds up what lies within a distance of every junction, and is fast at it. Valhalla answers requests from
# tiles of its own, which have to be built first. If pandana is installed, here is what it says of the same station.
# (`make bench` in a checkout builds the tiles and runs all peers beside each other, with checked answers and times.)

# %%
from importlib.util import find_spec

if find_spec("pandana"):
    import pandana

    graph_nodes, graph_edges = ox.graph_to_gdfs(G)
    frame = graph_edges.reset_index()
    network = pandana.Network(graph_nodes["x"], graph_nodes["y"], frame["u"], frame["v"], frame[["length"]])
    near = network.nodes_in_range([center], budget_m)
    print(f"pandana reaches {len(near):,} junctions, the ego graph {len(reached):,}")
else:
    print("pandana is not installed here")

# %% [markdown]
# What the peers do better: Valhalla answers for a continent at once and knows cars and bicycles; OSMnx fetches and
# cleans any network on earth and has a hundred other uses; pandana adds up millions of amenities per second; r5py
# knows timetables. walkshed does one job: stations on foot, exactly, with the gaps and what would close them. Its
# streets come from OSMnx as gladly as from a file.
