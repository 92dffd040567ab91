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
# # Your own city
#
# Three things are needed: a list of stations, the streets, and an outline of the area. This notebook goes through
# each, with files as they are found in offices: an Excel list whose coordinates come from a Chinese map service, a
# street extract, a drawn outline. It runs without internet; where the internet would be used, the line is shown and
# not run.

# %% [markdown]
# ## Streets
#
# The best source is a file: an OpenStreetMap extract of your province (`.osm.pbf`) from Geofabrik, or of any box from
# BBBike. A province is fine as it is: with `area=`, only your county and one walk around it are taken. With `store=`
# the streets are kept, and every later run skips the reading.
#
# Small towns can be fetched by name instead. This asks OpenStreetMap's servers and needs `pip install
# "walkshed[osmnx]"`:
#
# ```python
# area = ws.fetch_area("宝应县, 扬州市")
# streets = ws.fetch_streets(area)
# ```
#
# Here the demo county's file stands for yours.

# %%
import tempfile
from pathlib import Path

import walkshed as ws

county = ws.demo_county()
area = ws.read_area(county.town)
with ws.progress_shown() as progress:  # a province takes a minute the first time
    streets = ws.read_streets(county.streets, area=area, store=Path(tempfile.mkdtemp()), progress=progress)
streets

# %% [markdown]
# Look at the date and at the kilometres. **Thin street data is the largest error there is**: what nobody mapped,
# nobody can walk. Compare the kilometres per square kilometre with a place you know; a Chinese county town has 10 to
# 20.
#
# Do you work with OSMnx? Its graphs go in and come out. Lengths are taken from the geometry, parallel streets stay,
# and both directions of a street count once.

# %%
G = streets.to_graph()
type(G).__name__, G.graph["crs"], len(G), G.number_of_edges()

# %%
import osmnx as ox

back = ws.streets_from_graph(G, min_island_m=0)
round(back.street_km, 3), round(streets.street_km, 3), round(ox.stats.edge_length_total(G) / 2000, 3)

# %% [markdown]
# For momepy, neatnet or pandana the edges are a GeoDataFrame: `streets.to_frame()`. Road lines of your survey office
# (Shapefile, GeoPackage, GeoParquet) are read by `ws.read_streets` just as well.

# %%
streets.to_frame().head(3)

# %% [markdown]
# ## Stations
#
# Lists come with Chinese headings, in Excel or CSV, in whatever encoding. Make one, as a colleague might send it: the
# coordinates were clicked together on a Chinese web map, so they are in GCJ-02 and lie some 500 m off.

# %%
import pandas as pd

theirs = pd.read_excel(county.stations_gcj02, engine="calamine")
theirs.head(3)

# %%
folder = Path(tempfile.mkdtemp())
theirs.to_csv(folder / "驿站.csv", index=False, encoding="gb18030")
as_given = ws.read_stations(folder / "驿站.csv")
as_given[["name", "category", "opening_hours", "geometry"]].head(3)

# %% [markdown]
# The file was read: separator, encoding, headings, hours. But where do the points lie? Ask with `datum="auto"`: each
# station's distance to the nearest street is held against random places around it. Points in the right datum lie
# beside streets, points in the wrong one lie anywhere.

# %%
unsure = ws.read_stations(folder / "驿站.csv", datum="auto")
result = ws.analyze(streets, unsure, area=area)
print(result.datum.chosen)
pd.DataFrame(result.datum.fits).round(2)

# %% [markdown]
# That is GCJ-02. Now that you know, say it: `datum="gcj02"`. What does the mistake cost? Analyze once as given and
# once put right, and compare.

# %%
import warnings

right = ws.read_stations(folder / "驿站.csv", datum="gcj02")
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ws.InputWarning)
    shares = {
        name: round(ws.analyze(streets, frame, area=area).headline["street_share"], 3)
        for name, frame in {"as given": as_given, "put right": right}.items()
    }
shares

# %% [markdown]
# The two shares may look alike; the gaps do not lie in the same places. An answer for the wrong streets is worse than
# none.
#
# ## One category, one group
#
# The list has rest stops and nursing rooms. They are different questions, so ask them one at a time.

# %%
stops = ws.select_stations(right, categories=("爱心驿站",))
result = ws.analyze(streets, stops, area=area)
result.stations["status"].value_counts()

# %% [markdown]
# `status` says what became of each row: *used*, *unsnapped* (farther than 250 m from any street: a typo in the
# coordinates, or an unmapped street), *outside* (too far from the area to matter). Nothing is dropped in silence. On
# the command line, `walkshed check` tells the same, row by row, before you analyze.
#
# ## People and zones
#
# Without people every street counts the same. With them, a gap in a dense quarter comes before one in an industrial
# estate. Zones with a 人口 column will do; so do points, polygons, H3 cells, or a raster such as WorldPop's. No zones
# at hand? Lay a grid.

# %%
zones = ws.read_zones(county.zones)
grid = ws.make_grid(area, 1000, streets.crs)
by_people = ws.analyze(streets, stops, area=area, zones=zones)
by_square = ws.analyze(streets, stops, area=area, zones=grid)
print(f"{by_people.headline['people_share']:.1%} of people; {len(by_square.zones)} squares")

# %%
ax = ws.plot(by_square, layer="zones")

# %% [markdown]
# ## All at once, without Python
#
# The same from the command line, for a colleague who has no notebook:
#
# ```
# walkshed check  驿站.csv --streets jiangsu.osm.pbf --area 县界.geojson --datum auto
# walkshed report 驿站.csv --streets jiangsu.osm.pbf --area 县界.geojson --zones 乡镇.gpkg --datum gcj02 --lang zh
# ```
#
# It writes the report, the map, the layers and the tables that `ws.write_report` writes here.

# %%
paths = ws.write_report(by_people, folder / "report", lang="zh", title="安禾县城步行覆盖")
list(paths)
