"""The head that the report and the PNG share: title, headline, source, and the picture of the map."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import geopandas as gpd
from markupsafe import Markup, escape

from walkshed.output.colours import ramp
from walkshed.output.facts import area_name, headline, licence
from walkshed.output.offline import asset
from walkshed.output.picture import draw
from walkshed.output.provenance import provenance_text
from walkshed.output.sites import listed_sites
from walkshed.output.words import Words, plain

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage


def page_values(
    result: Coverage,
    words: Words,
    title: str | None,
    sites: gpd.GeoDataFrame | None = None,
    map_name: str = "map.html",
) -> dict[str, Any]:
    """Gather what every template with the picture of the map asks for.

    Parameters
    ----------
    result
        What `analyze` returned.
    words
        The language.
    title
        The user's heading, if any.
    sites
        Proposed sites, as `sites.listed_sites` takes them.
    map_name
        The map's file, which the picture links to.
    """
    listed = listed_sites(result, sites, words)
    return {
        "words": words,
        "unbroken": unbroken,
        "phrases": phrases,
        "sp": "" if words.lang == "zh" else " ",
        "css": asset("report.css"),
        "picture_css": asset("picture.css"),
        "title": plain(title) or words("report.title"),
        "area": area_name(result, words),
        "headline": headline(result, words),
        "summary": result.summary,
        "cutoffs": [f"{c:g}" for c in result.walk.cutoffs],
        "colours": ramp(len(result.walk.cutoffs)),
        "source": result.network.source,
        "provenance": provenance_text(result),
        "licence": licence(result, words),
        "picture": draw(result, listed),
        "sites": listed,
        "map_name": map_name,
    }


def unbroken(text: str) -> str:
    """Keep a number and its unit, and a number and its Chinese measure word, on one line.

    Examples
    --------
    >>> unbroken("3.2 km")
    '3.2\\xa0km'
    """
    return re.sub(r"(?<=\d) (?=%|km|min|m\b|gaps?\b|people\b|[万分处个公米人条])", "\N{NO-BREAK SPACE}", text)


def phrases(text: str) -> Markup:
    """Let a line of large or narrow Chinese break between phrases alone, never inside a word.

    A browser is told so by its style sheet; WeasyPrint breaks after any Chinese character.

    Examples
    --------
    >>> str(phrases("平均用时（分钟）"))
    '<span class="phrase">平均用时</span><span class="phrase">（分钟）</span>'
    """
    whole = unbroken(text)
    if not any("\u4e00" <= c <= "\u9fff" for c in whole):
        return escape(whole)
    parts = [part for part in re.split(r"(?<=[，；、。：])|(?=（)", whole) if part]
    return Markup("").join(Markup('<span class="phrase">{}</span>').format(part) for part in parts)
