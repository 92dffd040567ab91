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
print(f"{proven.gain:,.0f} people, proven: {proven.proven}; quickly found: {proposal.gain:,.0f}")

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
# Turn the question round. How few stations reach a share? `at_least` says what it takes at least; with `prove=True`
# that is proven to be the fewest.

# %%
promise = ws.fewest_sites(result, 0.85, prove=True)
share = promise.after[-1]["people_share"]
print(f"{len(promise.sites)} sites, at least {promise.at_least}; then {share:.1%} of people")

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
# ## Before and after
#
# Two results of one area can be set against each other: lists of two years, two street files, two speeds. Street and
# people are then *gained*, *lost* or *kept*, and stations *added*, *removed* or *moved*. Here: today, and the plan in
# which the five open and the least needed one closes.

# %%
plan = ws.analyze_again(result, proposal.stations[proposal.stations["station_id"] != least])
comparison = ws.compare(result, plan, names=("today", "plan"))
comparison

# %%
comparison.coverage.T.round(2)

# %%
comparison.stations.loc[comparison.stations["change"] != "kept", ["station_id", "name", "change"]]

# %% [markdown]
# Does anybody lose? A plan may gain much and still take something away. Zone by zone, the largest loss first:

# %%
at_15 = comparison.zones[comparison.zones["cutoff_min"] == 15]
at_15.sort_values("lost_km", ascending=False)[["zone", "gained_km", "lost_km"]].head(4).round(2)

# %% [markdown]
# `ws.write_comparison(comparison, folder)` writes it as a page with a map (difference, before, after), layers and
# tables.
#
# ## Who walks?
#
# A scenario may also be another walker. People of 65 and over walk at about 3 km/h; with a pram or a wheelchair,
# steps are closed. `without_steps` takes them out, `without_closed` takes out street that is dug up, and `with_slope`
# lets hills cost (it needs an elevation file).

# %%
town, zones = ws.read_area(county.town), ws.read_zones(county.zones)
walks = {
    "adult": ws.Walk(),
    "older": ws.Walk.profile("older"),
}
{
    who: round(ws.analyze(streets, rest_stops, area=town, zones=zones, walk=walk).headline["people_share"], 3)
    for who, walk in walks.items()
}

# %% [markdown]
# On the map, proposals are pins with their numbers.

# %%
ws.explore(result, sites=proposal.sites, height=500)
