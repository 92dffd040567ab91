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
# # Where next, and what if?
#
# The gaps are known. Now there is money for five stations, or a plan to close two, or a promise that 85 % of the
# people shall be within 15 minutes. Each is a question with an exact answer on the same streets.

# %%
import walkshed as ws

county = ws.demo_county()
streets = ws.read_streets(county.streets)
stations = ws.read_stations(county.stations)
rest_stops = ws.select_stations(stations, categories=("爱心驿站",))
result = ws.analyze(streets, rest_stops, area=ws.read_area(county.town), zones=ws.read_zones(county.zones))
result

# %% [markdown]
# ## Five more
#
# Stations need a roof. Most stand in banks, post offices, power-company counters: so the *candidates* are the public
# counters that the street file knows inside the area. `suggest_sites` picks five of them so that the most people are
# newly covered.

# %%
proposal = ws.suggest_sites(result, n=5)
proposal

# %% [markdown]
# The order is the order in which to open them: `gain_people` is what each adds once those before it stand. The choice
# is greedy with swaps, and it comes with a **bound**: no five candidates whatever can gain more than that. If the two
# are close, nobody needs to look further. Where they are not, ask for the proof.

# %%
proven = ws.suggest_sites(result, n=5, prove=True)
proven.gain, proposal.gain, proven.proven

# %%
ax = ws.plot(result, layer="streets", sites=proposal.sites)

# %% [markdown]
# Whom does each serve? Zone by zone:

# %%
proposal.serves[proposal.serves["order"] == 1].sort_values("people", ascending=False).round(1)

# %% [markdown]
# ## How many are worth it?
#
# Each further station gains less. The curve says how much; where it *bends*, the next one starts to cost more than
# those before it brought.

# %%
ax = proposal.curve.plot(x="sites", y=["share", "bound_share"], grid=True, figsize=(7, 3.5))
ax.axvline(proposal.bend or 0, linestyle=":")
proposal.bend

# %% [markdown]
# ## A promise: 85 % of the people
#
# Turn the question round. How few stations reach a share? `at_least` is proven: fewer cannot do it.

# %%
promise = ws.fewest_sites(result, 0.85)
len(promise.sites), promise.at_least, promise.after[-1]["people_share"]

# %% [markdown]
# And if a share is out of reach, that is said, with what stays outside.

# %%
try:
    ws.fewest_sites(result, 0.999)
except ws.InputError as error:
    print(error)

# %% [markdown]
# The counters stand where they stand. With `candidates="anywhere"` a station may stand at any street: this is what
# could be reached with a kiosk of your own.

# %%
anywhere = ws.suggest_sites(result, n=5, candidates="anywhere", spacing_m=400)
round(anywhere.gain), round(proposal.gain)

# %% [markdown]
# ## Rules
#
# Plans have rules: this bank has agreed already, that post office never will; every neighbourhood must have one.

# %%
first = proposal.sites["site_id"].iloc[0]
ruled = ws.suggest_sites(result, n=5, forbidden=(first,), at_most_one_per_zone=True)
round(ruled.gain), round(proposal.gain)

# %% [markdown]
# What the rules cost is the difference between the two.
#
# ## What if one closes?
#
# `station_worth` ranks stations by what only they serve. The last in the list is the first to think about when a
# lease ends; the first in the list is the one to keep.

# %%
worth = ws.station_worth(result)
worth[["rank", "station_id", "name", "street_km_only", "overlap_share", "people_only"]].tail(3)

# %%
least = worth["station_id"].iloc[-1]
ws.close_stations(result, least)

# %% [markdown]
# Two that overlap are not the sum of their parts: each covers for the other until both are gone. So ask for both at
# once.

# %%
two = ["AH001", "AH003"]
both = ws.close_stations(result, two)
round(both.lost_people), round(worth.set_index("station_id")["people_only"][two].sum())

# %% [markdown]
# ## Does it hold?
#
# What a proposal promises is what a fresh analysis finds with the sites in the list.

# %%
later = ws.analyze_again(result, proposal.stations)
round(later.headline["people_share"], 6), round(proposal.after[-1]["people_share"], 6)

# %% [markdown]
# On the map, proposals are pins with their numbers.

# %%
ws.explore(result, sites=proposal.sites, height=500)
