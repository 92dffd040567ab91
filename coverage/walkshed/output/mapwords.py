"""The map's sentences: the headline of each cutoff, the notes, the source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from walkshed.output.tiles import Tiles
from walkshed.output.words import Words, catalogue, plain

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage


def page_words(words: Words) -> dict[str, str]:
    """Collect the phrases that the script puts in: those of the catalogue's table ``page``."""
    return {name.removeprefix("page."): words(name) for name in catalogue() if name.startswith("page.")}


def headlines(result: Coverage, words: Words) -> list[dict[str, Any]]:
    """Write one headline a cutoff: the sentence and the bars under it."""
    return [_headline(row, result, words) for row in _by_cutoff(result.summary["coverage"])]


def category_headlines(
    result: Coverage, words: Words, category: str, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Write one headline a cutoff for the stations of one category; `rows` are its rows of ``result.categories``."""
    return [_headline(row, result, words, category) for row in _by_cutoff(rows)]


def _by_cutoff(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: float(row["cutoff_min"]))


def _headline(row: dict[str, Any], result: Coverage, words: Words, category: str = "") -> dict[str, Any]:
    summary = result.summary
    bars = _people_bar(row, summary, words), _street_bar(row, summary, words)
    none = "map.headline_no_station" if result.moment is None else "map.headline_none_open"
    sentence = _sentence(row, words, category) if summary["stations"]["used"] else words(none)
    return {"sentence": sentence, "bars": [bar for bar in bars if bar]}


def gaps_line(result: Coverage, words: Words) -> str:
    """Say how much all gaps hold."""
    return _gaps_line(result.summary, words) if result.summary["gaps"]["count"] else words("map.no_gaps")


def _sentence(row: dict[str, Any], words: Words, category: str) -> str:
    values = {"minutes": f"{row['cutoff_min']:g}", "streets": words.share(row["street_share"]), "category": category}
    people = row.get("people_share")
    key = "map.headline" + ("_category" if category else "") + ("" if people is None else "_people")
    return words(key, people=words.share(people), **values)


def _street_bar(row: dict[str, Any], summary: dict[str, Any], words: Words) -> dict[str, str | float]:
    total = summary["streets"]["street_km"]
    return {
        "name": words("map.bar_streets"),
        "share": row["street_share"],
        "share_text": words.share(row["street_share"]),
        "text": words("map.bar_streets_of", covered=words.number(row["street_km"]), total=words.number(total)),
    }


def _people_bar(row: dict[str, Any], summary: dict[str, Any], words: Words) -> dict[str, str | float] | None:
    people = summary["people"]
    if row.get("people_share") is None or people["total"] is None:
        return None
    known = people["total"] - people["unknown"]
    text = words("map.bar_people_of", covered=words.people(row["people"]), total=words.people(known))
    if people["unknown"] > 0:
        share = words.share(people["unknown"] / people["total"])
        text += words("map.bar_people_unknown", unknown=words.people(people["unknown"]), share=share)
    return {
        "name": words("map.bar_people"),
        "share": row["people_share"],
        "share_text": words.share(row["people_share"]),
        "text": text,
    }


def _gaps_line(summary: dict[str, Any], words: Words) -> str:
    gaps = summary["gaps"]
    values = {
        "count": words.number(gaps["count"]),
        "km": words.number(gaps["street_km"]),
        "minutes": f"{gaps['cutoff_min']:g}",
    }
    key = "map.gap_line" if gaps["count"] == 1 else "map.gaps_line"
    if gaps["people"] is None:
        return words(key, **values)
    return words(f"{key}_people", people=words.people(gaps["people"]), **values)


def notes(result: Coverage, words: Words, tolerance_m: float) -> list[str]:
    """Say what the drawing promises and what it rests on."""
    walk = result.walk
    return [
        words(
            "map.promise",
            minutes=f"{walk.largest:g}",
            metres=words.number(walk.budget_m(walk.largest)),
            leg=words.number(walk.off_street),
        ),
        *([words("map.barriers")] if walk.barriers else []),
        words("map.promise_people"),
        words("map.gap_meaning", minutes=f"{walk.largest:g}", metres=words.number(walk.min_gap)),
        words("map.settings", speed=f"{walk.speed:g}", snap=words.number(walk.max_snap)),
        words("map.tolerance", metres=words.number(tolerance_m)),
        *(words.note(note) for note in result.notes),
    ]


def source_line(result: Coverage, words: Words) -> dict[str, str]:
    """Name the streets' source, their date and whom to thank for them: the user's own words never replace OSM's."""
    source = result.network.source
    own = plain(source.attribution)
    return {
        "own": own,
        "credit": "" if own and source.origin == "other" else words(f"map.credit_{source.origin}"),
        "origin": source.origin,
        "name": plain(source.name),
        "date": words("map.streets_of", date=words.date(source.date)) if source.date else words("map.streets_undated"),
    }


def tile_settings(tiles: Tiles, words: Words) -> dict[str, Any]:
    """Gather what the script needs to load tiles."""
    return {
        "layers": list(tiles.layers),
        "max_zoom": tiles.max_zoom,
        "shifted": tiles.is_shifted,
        "credit": words(tiles.credit),
    }


def base_name(base: dict[str, Any], words: Words) -> str:
    """Name what of water, rail, buildings and places the base map has; "" where it has none."""
    kinds = {"water": ("water", "waterways"), "rail": ("rail",), "buildings": ("buildings",), "places": ("places",)}
    named = [words(f"map.base_{kind}") for kind, keys in kinds.items() if any(key in base for key in keys)]
    text = words("map.comma").join(named)
    return text[:1].upper() + text[1:]
