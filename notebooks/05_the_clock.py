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
# # The clock
#
# A rest stop that closes at six is no rest stop for the night shift. The list says when each station is open, in
# OpenStreetMap's syntax or as people write it: 24小时, 08:00-22:00, 周一至周五 08:30-18:00，节假日休息. So coverage
# has a clock, and this notebook reads it.

# %%
import walkshed as ws

county = ws.demo_county()
streets = ws.read_streets(county.streets)
stations = ws.read_stations(county.stations)
rest_stops = ws.select_stations(stations, categories=("爱心驿站",))
result = ws.analyze(streets, rest_stops, area=ws.read_area(county.town), zones=ws.read_zones(county.zones))
result

# %% [markdown]
# What do the hours say? `opening_hours` is what was understood. An empty cell is **unknown**: the sheet does not say,
# and nobody guesses.

# %%
result.stations[["name", "hours", "opening_hours"]].head(8)

# %% [markdown]
# ## Monday, ten in the evening
#
# Each figure comes twice: `_low` takes the stations of unknown hours for closed, `_high` for open. The truth lies
# between. When the two are far apart, a telephone call is worth more than an analysis.

# %%
ws.at_moment(result, "周一 22:00").T

# %% [markdown]
# ## A whole week
#
# 168 hours, but only a few different sets of open doors: each set is walked once.

# %%
week = ws.week(result)
table = week.pivot(index="hour", columns="weekday", values="people_share_low")
table.columns = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
table.style.format("{:.0%}").background_gradient(axis=None, cmap="YlGnBu", vmin=0, vmax=1)

# %%
ax = week[week["weekday"] == 0].plot(x="hour", y=["people_share_low", "people_share_high"], drawstyle="steps-post")
ax.set_ylim(0, 1)
_ = ax.set_title("Monday: share of people within 15 minutes of an open station")

# %% [markdown]
# Day against night, on workdays, weekends and public holidays. `PH` in China is what the State Council's yearly
# notice says, with its working weekends.

# %%
ws.day_and_night(result).round(2)

# %% [markdown]
# ## The gaps of the night
#
# These streets have a station, but its door is shut. They are no case for a new building; they are a case for longer
# hours. By default the hour is the darkest of the night: the one at which least is covered.

# %%
gaps = ws.night_gaps(result)
gaps[["gap_id", "people_low", "people_high", "streets", "station_name", "walk_min"]].head()

# %%
ax = ws.plot(result, layer="covered")
gaps.plot(ax=ax, color="black", markersize=gaps["people_high"] / 40, alpha=0.7, zorder=7)
_ = ax.set_title("Black: what is lost at night, by people")

# %% [markdown]
# ## Whose longer hours gain most?
#
# Each station that is shut at that hour, opened alone: exactly what an analysis with it finds, less what one without
# it finds. A station whose hours are unknown gains between nothing (it is open already) and much (it is not): that is
# the call to make first.

# %%
ws.longer_hours(result)[["name", "hours", "state", "gain_people_low", "gain_people_high"]].head()

# %% [markdown]
# ## Reports of one moment
#
# `at=` makes a whole result of the stations open then, with its own gaps, map and report.

# %%
night = ws.analyze(
    streets, rest_stops, area=ws.read_area(county.town), zones=ws.read_zones(county.zones), at="Mon 23:00"
)
night

# %%
ws.explore(night, height=500)

# %% [markdown]
# On the command line: `walkshed hours STATIONS --streets FILE` prints these tables, and `--at "Mon 23:00"` makes any
# report one of that moment.
#
# ## Which norm?
#
# Plans speak in minutes or in metres, and of different speeds. `Walk.norm` takes them as written, with their source,
# and `judge` says what is met and by how much. Targets that name no figure are shown and not judged.

# %%
union = ws.analyze(
    streets,
    rest_stops,
    area=ws.read_area(county.town),
    zones=ws.read_zones(county.zones),
    walk=ws.Walk.norm("union2023"),
)
ws.judge(union, "union2023")[["says", "asked", "found", "met", "margin"]]
