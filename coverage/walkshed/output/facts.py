"""The single figures of a result as rows to read: label, value, unit, and the kind of the value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from walkshed.inputs.datum import TITLES
from walkshed.output.words import Words, catalogue, plain

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage
    from walkshed.analysis.verify import Verification


class Fact(NamedTuple):
    """One row: `kind` names a number format of the workbook, or is ``text``."""

    label: str
    value: Any
    unit: str
    kind: str


def headline(result: Coverage, words: Words) -> str:
    """Say the result in one sentence."""
    head = result.headline
    told = "report.headline_street" if head["people_share"] is None else "report.headline_people"
    if not head["stations_used"]:
        told = "report.headline_no_station" if result.moment is None else "report.headline_none_open"
    reach = words(
        told,
        cutoff=f"{head['cutoff_min']:g}",
        street=words.share(head["street_share"]),
        people=words.share(head["people_share"]),
    )
    km = words.number(head["gap_street_km"], 1)
    people = words.people(head["gap_people"])
    if not head["gaps"]:
        return reach + words("report.headline_no_gap")
    if head["gap_people"] is None:
        key = "report.headline_gap" if head["gaps"] == 1 else "report.headline_gaps"
    else:
        key = "report.headline_gap_people" if head["gaps"] == 1 else "report.headline_gaps_people"
    return reach + words(key, count=words.number(head["gaps"]), km=km, people=people)


def self_check_lines(check: Verification, words: Words) -> list[str]:
    """Say how many places agree, and by how much the worst differs, if any were compared."""
    tried = words.number(check.inside + check.outside)
    lines = [
        words("report.check_found", share=words.share(check.share), agreeing=words.number(check.agreeing), tried=tried)
    ]
    if check.worst_m is not None:
        metres = "<0.001" if check.worst_m < 0.001 else words.number(check.worst_m, 3)
        lines.append(words("report.check_worst", metres=metres, compared=words.number(check.compared)))
    return lines


def summary_facts(result: Coverage, words: Words) -> list[Fact]:
    """List what the summary sheet shows. Rows of people are left out where none were given."""
    streets, stations, people = (result.summary[key] for key in ("streets", "stations", "people"))
    gaps, last = result.summary["gaps"], result.summary["coverage"][-1]
    km, heads = words("unit.km"), words("unit.people")
    rows = [
        Fact(words("fact.headline"), headline(result, words), "", "text"),
        Fact(words("fact.area"), area_name(result, words), "", "text"),
        Fact(words("fact.cutoff"), last["cutoff_min"], words("unit.min"), "number"),
        Fact(words("fact.street"), streets["street_km"], km, "km"),
        Fact(words("fact.street_covered"), last["street_km"], km, "km"),
        Fact(words("fact.street_in_gaps"), gaps["street_km"], km, "km"),
        Fact(words("fact.street_slivers"), gaps["sliver_km"], km, "km"),
        Fact(words("fact.gaps"), gaps["count"], "", "count"),
        Fact(words("fact.people"), people["total"], heads, "count"),
        Fact(words("fact.people_covered"), last["people"], heads, "count"),
        Fact(words("fact.people_in_gaps"), people["in_gaps"], heads, "count"),
        Fact(words("fact.people_scattered"), people["scattered"], heads, "count"),
        Fact(words("fact.people_unknown"), people["unknown"], heads, "count"),
        Fact(words("fact.stations_read"), stations["read"], "", "count"),
        Fact(words("fact.stations_used"), stations["used"], "", "count"),
        Fact(words("fact.stations_unsnapped"), len(stations["unsnapped"]), "", "count"),
        Fact(words("fact.stations_outside"), len(stations["outside"]), "", "count"),
        Fact(words("fact.zones_served"), result.zones_served_share, "", "share"),
    ]
    return [row for row in rows if row.value is not None]


def setting_facts(result: Coverage, words: Words) -> list[Fact]:
    """List the settings and the source of the streets, so that a figure can be made again."""
    settings, streets, source = result.summary["settings"], result.summary["streets"], result.network.source
    metres, minutes = words("unit.m"), words("unit.min")
    cutoffs = " / ".join(f"{c:g}" for c in settings["cutoffs_min"])
    budgets = " / ".join(f"{result.walk.budget_m(c):,.0f}" for c in settings["cutoffs_min"])
    rows = [
        Fact(words("fact.cutoffs"), cutoffs, minutes, "text"),
        Fact(words("fact.speed"), settings["speed_kmh"], words("unit.kmh"), "number"),
        Fact(words("fact.budgets"), budgets, metres, "text"),
        *_walked(result, words),
        *_listed(settings, words),
        Fact(words("fact.off_street"), settings["off_street_m"], metres, "number"),
        Fact(words("fact.max_snap"), settings["max_snap_m"], metres, "number"),
        Fact(words("fact.barriers"), words("fact.minded" if settings["barriers"] else "fact.not_minded"), "", "text"),
        Fact(words("fact.min_gap"), settings["min_gap_m"], metres, "number"),
        Fact(words("fact.min_island"), settings["min_island_m"], metres, "number"),
        Fact(words("fact.source"), plain(source.name), "", "text"),
        Fact(words("fact.date"), words.date(source.date), "", "text"),
        Fact(words("fact.density"), streets["km_per_km2"], words("unit.density"), "km"),
        Fact(words("fact.network"), network(result, words), "", "text"),
        Fact(words("fact.islands"), streets["islands_left_out_km"], words("unit.km"), "km"),
        Fact(words("fact.crs"), str(result.crs), "", "text"),
        Fact(words("fact.licence"), licence(result, words), "", "text"),
        Fact(words("fact.version"), f"walkshed {result.summary['walkshed']}", "", "text"),
    ]
    if source.sha256:
        rows.append(Fact(words("fact.sha256"), source.sha256, "", "text"))
    inputs = [row for row in result.summary.get("inputs", ()) if row["role"] != "streets"]
    return rows + input_facts(inputs, words)


def input_facts(inputs: Iterable[Mapping[str, str]], words: Words) -> list[Fact]:
    """List files that something was made from, with their hashes."""
    return [
        Fact(words(INPUTS[row["role"]]) if row["role"] in INPUTS else row["role"], _file(row), "", "text")
        for row in inputs
    ]


LICENCES = {
    "osm": "report.licence_osm",
    "synthetic": "report.licence_synthetic",
    "other": "report.licence_other",
}

INPUTS = {
    "areas": "fact.input_areas",
    "streets": "fact.source",
    "stations": "fact.input_stations",
    "area": "fact.input_area",
    "people": "fact.input_people",
    "zones": "fact.input_zones",
}


def _file(row: Mapping[str, str]) -> str:
    return f"{plain(row['file'])} (SHA-256 {row['sha256']})"


def _walked(result: Coverage, words: Words) -> list[Fact]:
    """Tell what else decides how far people walk: slopes, steps and closures, where there are any."""
    streets, settings = result.summary["streets"], result.summary["settings"]
    km = words("unit.km")
    rows = [
        Fact(words("who.fact_dem"), plain(settings["dem"]), "", "text") if "dem" in settings else None,
        Fact(words("who.fact_closed"), streets["closed_km"], km, "km") if "closed_km" in streets else None,
        Fact(words("who.fact_steps"), streets["steps_left_out_km"], km, "km")
        if "steps_left_out_km" in streets
        else None,
    ]
    return [row for row in rows if row is not None]


def _listed(settings: Mapping[str, Any], words: Words) -> list[Fact]:
    """Tell which datum the stations were read in, and which of them count where not all do."""
    titles = [TITLES.get(datum, datum) for datum in settings["datum"].split(", ")]
    told = {
        "fact.datum": titles,
        "fact.categories": settings.get("categories", ()),
        "fact.groups": settings.get("groups", ()),
    }
    comma = words("map.comma")
    return [Fact(words(label), comma.join(map(plain, names)), "", "text") for label, names in told.items() if names]


def area_name(result: Coverage, words: Words) -> str:
    """Name the study area, or say that it is all streets."""
    name = result.area["name"].iloc[0]
    return (plain(name) if isinstance(name, str) else "") or words("report.whole_area")


def used_categories(result: Coverage) -> set[str]:
    """Tell the categories of the stations that were used: tables set them side by side if they are several."""
    return set(result.stations.loc[result.stations["status"] == "used", "category"])


def kind_name(kind: str, words: Words) -> str:
    """Name a kind of public counter, as OpenStreetMap tags it, or of place; an unknown one is handed back as it is."""
    return next((words(key) for key in (f"host.{kind}", f"place.{kind}") if key in catalogue()), kind)


def street_lines(facts: dict[str, Any], words: Words) -> list[str]:
    """Word what a network is for the terminal, a line a fact: `facts` as ``walkshed streets --json`` has them."""
    size = words("fact.network_size", edges=words.number(facts["edges"]), nodes=words.number(facts["nodes"]))
    told = {
        "fact.source": facts["source"],
        "fact.date": words.date(facts["date"]),
        "column.street_all_km": words.number(facts["street_km"], 1),
        "fact.network": size,
        "fact.islands": words("map.km", km=words.number(facts["islands_left_out_km"], 1)),
        "fact.extent": ", ".join(f"{degrees:g}" for degrees in facts["extent"]),
        "fact.crs": facts["crs"],
    }
    return [words("fact.line", item=words(item), value=value) for item, value in told.items()]


def network(result: Coverage, words: Words) -> str:
    """Say how large the network read is: it reaches beyond the area."""
    streets = result.summary["streets"]
    return words("fact.network_size", edges=words.number(streets["edges"]), nodes=words.number(streets["nodes"]))


def licence(result: Coverage, words: Words) -> str:
    """Say whose the streets are: in the user's own words, beside what an OpenStreetMap source asks for."""
    own, origin = plain(result.network.source.attribution), result.network.source.origin
    return " · ".join(filter(None, (own, "" if own and origin == "other" else words(LICENCES[origin]))))


def states(words: Words) -> dict[str, str]:
    """Say what became of a station."""
    return {
        "used": words("state.used"),
        "unsnapped": words("state.unsnapped"),
        "outside": words("state.outside"),
    }
