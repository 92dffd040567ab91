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
# # A province
#
# One county is a study. A province has a hundred, and the questions are new ones: which county is worst off, where
# are the largest gaps of all, which study failed and why? `walkshed batch` makes one study an area and rolls them up:
# on one machine, on all of its cores, or on a Dask cluster. Here townships of the demo county stand for counties.

# %%
import tempfile
from pathlib import Path

import geopandas as gpd
import pandas as pd

import walkshed as ws

county = ws.demo_county()
folder = Path(tempfile.mkdtemp())
zones = gpd.read_file(county.zones)
areas = zones[zones["名称"].str.endswith("镇")].nlargest(3, "人口")
areas.to_file(folder / "areas.gpkg")
areas[["名称", "人口"]]

# %% [markdown]
# A batch is a file. `[defaults]` are options of `walkshed report` for every study, `[split]` makes a study of each
# polygon of a layer; single studies may be added under `[[study]]`. Streets and stations are those of the whole
# province: of the one, each study gets its own, cut out in a single pass; of the other, those within one walk of it.

# %%
batch = folder / "province.toml"
batch.write_text(
    f"""
title = "Townships"
out = "out"

[defaults]
streets = '{county.streets}'
stations = '{county.stations}'
zones = '{county.zones}'
category = ["爱心驿站"]

[split]
areas = "areas.gpkg"
name = "名称"
""",
    encoding="utf-8",
)

# %% [markdown]
# From a terminal: `walkshed batch province.toml`. It takes one process a core if `walkshed[dask]` is installed; a
# cluster that runs already is named with `--scheduler tcp://HOST:8786`. From here the same command is called by name,
# with one worker: three towns are done before Dask has started a second.

# %%
import subprocess
import sys


def walkshed(*arguments):
    """Call the command as from a terminal."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "walkshed", *map(str, arguments)], capture_output=True, text=True, encoding="utf-8"
    )
    print(done.stdout)
    return done


first = walkshed("batch", batch, "--workers", 1)
print(first.stderr)
first.returncode

# %% [markdown]
# Each study has a folder with its report and map; beside them stands what is said over all.

# %%
sorted(path.name for path in (folder / "out").iterdir())

# %%
over_all = gpd.read_file(folder / "out" / "areas.gpkg", layer="areas")
over_all.drop(columns="geometry").sort_values("rank").T

# %% [markdown]
# The largest gaps of the whole province, whichever area they lie in:

# %%
gpd.read_file(folder / "out" / "areas.gpkg", layer="gaps").drop(columns="geometry").head(5)

# %% [markdown]
# An area without any station counts as well: its street is measured, and none of it is covered. What lies in two
# areas that overlap is told. `ws.make_grid` or a layer of counties, towns, or school districts: any polygons will do.
#
# ## Run it again
#
# Machines are switched off, files come late, a list is put right. The same command again does only what is left:
# studies that are new, that failed, or whose input, settings or outputs are no longer what the manifest says.

# %%
again = walkshed("batch", batch)
print(again.stderr)
again.returncode

# %%
import sqlite3

with sqlite3.connect(folder / "out" / "manifest.sqlite") as manifest:
    studies = pd.read_sql("select * from studies", manifest)
studies[["name", "state", "why"]]

# %% [markdown]
# A worker that dies costs time and nothing else: its study is tried elsewhere. A study that fails is marked with why,
# no other is touched, and the command says so in the end. The same input gives the same bytes, with any number of
# workers.
#
# In Python the same is `walkshed.batch.run_batch`, with `Job`, `Province` and `Crew`.
