"""``compare.html``: a comparison on paper. The page's text and order stand in ``templates/compare.html``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from walkshed.comparing.common_ground import STREET
from walkshed.comparing.common_people import PEOPLE
from walkshed.comparing.moves import PLACE_M, STILL_M
from walkshed.output.basemap import street_width
from walkshed.output.colours import CHANGES
from walkshed.output.compare_words import change_words, headline_of, note_lines, side_names
from walkshed.output.facts import area_name, licence, setting_facts
from walkshed.output.heading import phrases, unbroken
from walkshed.output.linework import lines_of
from walkshed.output.offline import TEMPLATES, asset
from walkshed.output.picture import MAX_CHARACTERS, STRIP, Group, context_lines, street_lines
from walkshed.output.provenance import provenance_of_both
from walkshed.output.sheet import WIDTH, frame_of, scale_bar
from walkshed.output.words import Words, plain

if TYPE_CHECKING:
    from walkshed.comparing.compare import Comparison

ZONES_LISTED = 40
STATIONS_LISTED = 60
DRAWN = ("never", "gone", "kept", "new", "lost", "gained")
"""The order in which they are drawn, what matters most on top."""


def render_comparison(
    comparison: Comparison,
    *,
    lang: str = "en",
    title: str | None = None,
    map_name: str = "map.html",
    warnings: Sequence[str] = (),
) -> str:
    """Write the report of a comparison.

    Parameters
    ----------
    comparison
        What `compare` returned.
    lang
        ``en`` or ``zh``.
    title
        The heading; by default one that fits every comparison.
    map_name
        The map's file beside the report.
    warnings
        Lines that were said while the input was read.

    Returns
    -------
    str
        A whole HTML document that loads nothing. The same comparison gives the same text.
    """
    words = Words(lang)
    rows = comparison.coverage.to_dict("records")
    sides = side_names(comparison, words)
    return TEMPLATES.get_template("compare.html").render(
        words=words,
        unbroken=unbroken,
        phrases=phrases,
        css=asset("report.css"),
        picture_css=asset("picture.css"),
        compare_css=asset("compare.css"),
        sp="" if lang == "zh" else " ",
        title=plain(title) or words("change.title"),
        area=area_name(comparison.after, words),
        sides=sides,
        headline=headline_of(comparison, rows[-1], words),
        rows=[row | {"cutoff": f"{row['cutoff_min']:g}"} for row in rows],
        last=rows[-1],
        cutoff=f"{rows[-1]['cutoff_min']:g}",
        counted=not pd.isna(rows[-1]["people_gained"]),
        has_people=not pd.isna(rows[-1]["people_before"]) and not pd.isna(rows[-1]["people_after"]),
        street_kinds=[k for k in STREET if k not in ("new", "gone") or any(row[f"{k}_km"] > 0 for row in rows)],
        people_kinds=PEOPLE,
        colours=CHANGES,
        summary=comparison.summary,
        source=comparison.after.network.source,
        provenance=provenance_of_both(comparison.before, comparison.after),
        licence=licence(comparison.after, words),
        picture=_picture(comparison),
        zones=_zones(comparison),
        stations=_stations(comparison, words),
        place=f"{PLACE_M:g}",
        still=f"{STILL_M:g}",
        notes=note_lines(comparison, words),
        side_notes=_side_notes(comparison, words),
        settings=_settings(comparison, words),
        warnings=[plain(line) for line in warnings],
        map_name=map_name,
    )


def _picture(comparison: Comparison) -> dict[str, Any]:
    """Draw the streets by what became of them at the largest cutoff, and the stations that changed."""
    frame = frame_of(tuple(comparison.after.area.total_bounds))
    streets = comparison.streets
    change = streets[f"change_{comparison.cutoffs[-1]:g}"].to_numpy()
    width, shapes = street_width(streets["highway"]), streets.geometry.to_numpy()
    groups = [
        Group(kind, int(each), CHANGES[kind], lines_of(shapes[(change == kind) & (width == each)]))
        for kind in DRAWN
        for each in np.unique(width)
    ]
    lines, thinned = street_lines(groups, frame, MAX_CHARACTERS)
    table = comparison.stations
    spots = frame.units(shapely.get_coordinates(shapely.centroid(table.geometry.to_numpy())))
    stations = [
        {"kind": kind, "x": int(x), "y": int(y)} for kind, (x, y) in zip(table["change"], spots.tolist(), strict=True)
    ]
    return {
        "width": WIDTH,
        "height": frame.height,
        "strip": STRIP,
        "context": context_lines(comparison.after, frame),
        "lines": lines,
        "thinned": thinned,
        "area": frame.path(shapely.boundary(comparison.after.area.geometry.to_numpy()), 3.0),
        "stations": stations[::-1],
        "scale": scale_bar(frame.metres_per_unit),
        "kinds": [kind for kind in STREET if (change == kind).any()],
        "station_kinds": list(dict.fromkeys(table["change"])),
    }


def _zones(comparison: Comparison) -> dict[str, Any] | None:
    """Zones at the largest cutoff, by how much changes in each."""
    if comparison.zones is None:
        return None
    frame = comparison.zones[comparison.zones["cutoff_min"] == comparison.cutoffs[-1]]
    moved = (frame["gained_km"] + frame["lost_km"]).to_numpy()
    order = np.lexsort((np.arange(len(frame)), -moved))
    rows = pd.DataFrame(frame.drop(columns="geometry")).iloc[order].to_dict("records")
    listed = [{k: _value(v) for k, v in row.items()} for row in rows[:ZONES_LISTED]]
    return {"rows": listed, "more": max(len(rows) - ZONES_LISTED, 0)}


def _stations(comparison: Comparison, words: Words) -> dict[str, Any]:
    changed = comparison.stations[comparison.stations["change"] != "kept"]
    rows = pd.DataFrame(changed.drop(columns="geometry")).head(STATIONS_LISTED).to_dict("records")
    listed = [{k: _value(v) for k, v in row.items()} | {"said": change_words(row["change"], words)} for row in rows]
    return {
        "rows": listed,
        "more": max(len(changed) - STATIONS_LISTED, 0),
        "categories": any(row["category"] for row in listed),
    }


def _value(value: Any) -> Any:
    if value is None or pd.isna(value):
        return None
    return plain(value) if isinstance(value, str) else value


def _side_notes(comparison: Comparison, words: Words) -> list[tuple[str, list[str]]]:
    """The notes of each side; those that both have stand once, under no heading."""
    own = [[words.note(note) for note in side.notes] for side in (comparison.before, comparison.after)]
    both = [line for line in own[0] if line in own[1]]
    heads = ("", words("change.notes_before"), words("change.notes_after"))
    apart = [[line for line in side if line not in both] for side in own]
    return [(head, lines) for head, lines in zip(heads, (both, *apart), strict=True) if lines]


def _settings(comparison: Comparison, words: Words) -> list[tuple[str, str, str]]:
    """Settings of both sides, label by label."""
    facts = [setting_facts(side, words) for side in (comparison.before, comparison.after)]
    shown = [{fact.label: _said(fact, words) for fact in side} for side in facts]
    labels = dict.fromkeys([*shown[0], *shown[1]])
    return [(label, shown[0].get(label, "–"), shown[1].get(label, "–")) for label in labels]


def _said(fact: Any, words: Words) -> str:
    if fact.kind == "text":
        value = str(fact.value)
    else:
        value = f"{fact.value:,g}" if fact.kind == "number" else words.number(fact.value, 1)
    return f"{value} {fact.unit}".strip()
