"""How streets show themselves in a notebook: what they are, as text. Drawing stays in `output`."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from walkshed.network.streets import Streets

CLASSES_SHOWN = 6


def streets_html(streets: Streets) -> str:
    """Show where streets come from, how much there is, and the classes with most of it; all text is escaped."""
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in _facts(streets))
    return f"<div><p><b>{escape(repr(streets))}</b></p><table>{rows}</table></div>"


def _facts(streets: Streets) -> list[tuple[str, str]]:
    from walkshed.network.streets import FRAMES

    source, around = streets.source, streets.surroundings
    west, south, east, north = source.extent
    facts = [
        ("from", f"{source.name}, {source.date or 'undated'}, {source.origin}"),
        ("extent, WGS 84", f"{west:.4f}, {south:.4f} to {east:.4f}, {north:.4f}"),
        ("street", f"{streets.street_km:,.1f} km: {_classes(streets)}"),
        ("left out", f"{source.islands_left_out_m / 1000:,.1f} km in pieces of less than {source.min_island_m:,.0f} m"),
    ]
    if around is not None:
        facts.append(("around them", ", ".join(FRAMES)))  # no counts: the frames are made when they are asked for
    return facts


def _classes(streets: Streets) -> str:
    km = np.bincount(streets.edge_highway, streets.edge_length_m, len(streets.highways)) / 1000
    most = np.argsort(-km, kind="stable")[:CLASSES_SHOWN]
    told = [f"{streets.highways[i] or 'no class'} {km[i]:,.1f}" for i in most if km[i] > 0]
    rest = km.sum() - km[most].sum()
    return ", ".join([*told, f"other {rest:,.1f}"] if rest >= 0.05 else told)
