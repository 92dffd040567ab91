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
# # Reading a result
#
# You have run the analysis and have one sentence: so much of the town is within 15 minutes of a rest stop. What
# stands behind it? This notebook takes a result apart, from the sentence down to one single gap, and shows which
# frame answers which question. 安禾县 is invented; the steps are the same for your own place.

# %%
import walkshed as ws

county = ws.demo_county()
streets = ws.read_streets(county.streets)
stations = ws.read_stations(county.stations)
rest_stops = ws.select_stations(stations, categories=("爱心驿站",))
result = ws.analyze(streets, rest_stops, area=ws.read_area(county.town), zones=ws.read_zones(county.zones))
result

# %% [markdown]
# The sentence names its denominators: *km of street* inside the study area, and *people* whose street is known. The
# table under it has a row for each walking time. Below come the first gaps.
#
# Streets show themselves as well: where they are from, of what date, how much there is and of what class. If a class
# that people walk on is missing here (footways, say), then every figure below is too low. Look at this first.

# %%
streets

# %% [markdown]
# ## Three pictures
#
# Each picture is one call. `layer` says what is coloured: `streets` by minutes, `depth` by the number of stations,
# `covered` as an area with the gaps, `zones` by share. Axes are in metres, so any frame of the result goes on top.

# %%
ax = ws.plot(result, layer="streets")

# %% [markdown]
# Orange streets are farther than 15 minutes. They are not a ring around the town: they begin at the canal, at the
# railway, at the walled works. A circle drawn around each station would have painted most of them blue.

# %%
ax = ws.plot(result, layer="zones")

# %% [markdown]
# The map has all layers at once, lets you click on a street and see the walk, and is one file that needs no internet.
# In a notebook it is a cell; `layer` says what it opens with.

# %%
ws.explore(result, layer="covered", height=500)

# %% [markdown]
# ## How far is it, for everybody?
#
# One cutoff hides how near the miss is. The curve tells for each minute which share is reached. Where it is steep
# just after 15 minutes, many people are only just too far, and one well-placed station helps much.

# %%
result.curve.iloc[[5, 10, 15, 20, 25, 30]].round(3)

# %% [markdown]
# ## One door or two?
#
# A station may close for repairs. *Cross coverage* (交叉覆盖) is the street that two or more stations reach; where
# depth is 1, one closed door makes a gap.

# %%
result.depth[result.depth["cutoff_min"] == 15].round(3)

# %% [markdown]
# Which stations are those that nobody can replace? `street_km_only` and `people_only` are what is lost if one closes.

# %%
ws.station_worth(result)[["rank", "name", "street_km", "street_km_only", "overlap_share", "people_only"]].head()

# %% [markdown]
# ## One gap in depth
#
# A gap is **what one new station could serve**: at most one walk across. They are ranked by the people in them, and
# closing the first gains its people, then the second, and so on. Take one that has a story: of those with something
# to cross on the way, the one with the longest detour.

# %%
crossing = result.gaps[result.gaps["crosses"] != ""]
gap = crossing.sort_values("detour").iloc[-1]
gap[["gap_id", "zone", "streets", "street_km", "people", "station_name", "air_km", "walk_km", "detour"]]

# %% [markdown]
# By air the nearest station is near: `air_km`. On foot it is much farther: `walk_km`. The `detour` is one over the
# other, and where it is large and `crosses` names water or a railway, a footbridge may do what a new station would.
# The dossier also names a *host*: the public counter whose own walk takes in most of this gap.

# %%
gap[["cause", "crosses", "crosses_name", "host", "host_kind", "host_km", "host_people"]]

# %% [markdown]
# Who is in the gap, street by street? Every stretch knows its gap.

# %%
inside = result.streets[result.streets["gap_id"] == gap["gap_id"]]
inside.groupby("name")[["length_m"]].sum().sort_values("length_m", ascending=False).round().head()

# %%
ax = ws.plot(result, layer="streets")
west, south, east, north = gap.geometry.buffer(400).bounds
_ = ax.set(xlim=(west, east), ylim=(south, north))

# %% [markdown]
# ## The parts add up
#
# Street in the area is covered, in a gap, or a sliver: what is left over in bits under 200 m or that no junction
# takes in. People are covered, in a gap, *scattered* (on slivers, or too far from their street), or **unknown**. The
# sums agree to the metre and to the person; if they did not, no share could be trusted.

# %%
summary = result.summary
last = summary["coverage"][-1]
parts_km = last["street_km"] + summary["gaps"]["street_km"] + summary["gaps"]["sliver_km"]
round(parts_km, 6), round(summary["streets"]["street_km"], 6)

# %% [markdown]
# ## Take it elsewhere
#
# All frames are GeoDataFrames in metres. GIS wants files; other libraries want degrees, or a graph. Each is one line.

# %%
import tempfile
from pathlib import Path

folder = Path(tempfile.mkdtemp())
result.gaps.to_crs(4326).to_parquet(folder / "gaps.parquet")  # GeoParquet
result.streets.to_file(folder / "streets.gpkg")
ws.write_map(result, folder / "map.html")
sorted(path.name for path in folder.iterdir())
