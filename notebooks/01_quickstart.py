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
# # Who can walk to a rest stop in 15 minutes?
#
# 安禾县 is an invented county: its town has a canal, a river with few bridges, a railway with two crossings, and rest
# stops for people who work outdoors. This notebook asks who can walk to one in 15 minutes over the streets, who cannot,
# and where the gaps are. Everything here also works with your own files.

# %%
import walkshed as ws

county = ws.demo_county()
streets = ws.read_streets(county.streets)
streets

# %% [markdown]
# The streets come from an OpenStreetMap file. Stations may be an Excel sheet with Chinese headings, as here.

# %%
stations = ws.read_stations(county.stations)
stations.head()

# %% [markdown]
# The study area is the county town. The zones are its neighbourhoods and the townships, with their people.

# %%
town = ws.read_area(county.town)
zones = ws.read_zones(county.zones)
zones.drop(columns="geometry").head()

# %% [markdown]
# One call does the whole job. The walk is 4.8 km/h unless told otherwise, so 15 minutes are 1,200 m of street.

# %%
rest_stops = stations[stations["category"] == "爱心驿站"]
result = ws.analyze(streets, rest_stops, area=town, zones=zones, walk=ws.Walk(cutoffs=(5, 10, 15), speed=4.8))
result

# %% [markdown]
# The map opens in the notebook, and needs no internet.

# %%
ws.explore(result)

# %% [markdown]
# Every figure stands in plain frames. A **gap** is what one new station could serve: closing the first gains its street
# and its people, and so on down the list.

# %%
result.gaps[["gap_id", "street_km", "people", "walk_min_median", "station_name", "zone"]].head()

# %% [markdown]
# Each stretch of street knows its minutes, its nearest station, and how many stations cover it.

# %%
result.streets.groupby("depth")["length_m"].sum().div(1000).round(1).rename("street_km")

# %% [markdown]
# Zone by zone:

# %%
result.zones[["zone", "people", "people_15", "people_share_15", "street_share_15", "walk_min_mean"]].sort_values(
    "people_share_15"
).head(8)

# %% [markdown]
# People of 65 and over walk at about 3 km/h. How much of the town is in reach for them?

# %%
older = ws.analyze(streets, rest_stops, area=town, zones=zones, walk=ws.Walk.profile("older"))
{name: round(r.headline["people_share"], 3) for name, r in {"adult": result, "older": older}.items()}

# %% [markdown]
# And the files to hand on: report, map, layers, tables, summary.

# %%
import tempfile

ws.write_report(result, tempfile.mkdtemp())
