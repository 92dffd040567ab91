"""Pictures for a notebook: a result on Matplotlib axes, one layer at a time, in the colours of the map."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np

from walkshed.errors import InputError
from walkshed.output.colours import DEPTHS, GAP, PEOPLE, SHARES, SITE, STATION, STATION_EDGE, UNKNOWN, UNREACHED, ramp
from walkshed.output.mapdata import unreached
from walkshed.output.mapground import STATES, share_class
from walkshed.output.mapwords import source_line
from walkshed.output.webmap import check_layer
from walkshed.output.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from walkshed.analysis.result import Coverage

CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",  # Matplotlib knows the collection by its first face, which has Chinese characters, too
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "PingFang HK",
    "Hiragino Sans GB",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Arial Unicode MS",
)
"""Fonts with Chinese characters on Linux, Windows and macOS; Matplotlib's own has none."""

PASSES = 8
"""Of Matplotlib's layout, at most; two or three settle it."""

AREA_EDGE, OTHER_STREETS = "#5e584e", "#b9b4aa"


class Part(NamedTuple):
    """What is drawn in one colour, and how the legend calls it."""

    frame: gpd.GeoDataFrame
    color: str
    text: str
    size: Any = None


def plot(
    result: Coverage,
    *,
    layer: str = "streets",
    ax: Axes | None = None,
    sites: gpd.GeoDataFrame | None = None,
    lang: str = "en",
) -> Axes:
    """Draw a result with Matplotlib, as ``GeoDataFrame.plot`` draws a frame.

    Parameters
    ----------
    result
        What `analyze` returned.
    layer
        ``streets`` by minutes, ``depth`` (streets by the number of stations), ``covered`` (the area within the largest
        cutoff, and the gaps), ``zones`` by share covered, or ``people`` at points by what they are.
    ax
        Axes to draw on, of a figure of your own; new ones if not given. The legend stands to the right of them: make
        the figure with ``layout="constrained"``, or save it with ``bbox_inches="tight"``.
    sites
        Proposed sites to mark, such as ``suggest_sites(result).sites``.
    lang
        Language of the legend, ``en`` or ``zh``. Chinese needs a font with its characters, one of `CHINESE_FONTS`:
        on Debian and Ubuntu ``apt install fonts-noto-cjk``.

    Returns
    -------
    matplotlib.axes.Axes
        In metres of the streets' UTM zone, so that any frame of the result can be drawn on top.

    Raises
    ------
    InputError
        If Matplotlib is not installed (``pip install "walkshed[notebook]"``), there is no such layer or language, or
        the result has no zones or no people at points to draw.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("agg")
    >>> import walkshed as ws
    >>> county = ws.demo_county()
    >>> result = ws.analyze(ws.read_streets(county.streets), ws.read_stations(county.stations))
    >>> ws.plot(result, layer="depth").get_legend().get_title().get_text()
    'Streets by number of stations within 15 min'
    """
    words = Words(lang)
    check_layer(result, layer, tuple(LAYERS))
    axes = _new_axes() if ax is None else ax
    title, parts = LAYERS[layer](result, words)
    result.area.boundary.plot(ax=axes, color=AREA_EDGE, linewidth=1, linestyle=(0, (4, 3)))
    if layer not in ("streets", "depth"):
        result.streets.plot(ax=axes, color=OTHER_STREETS, linewidth=0.4, alpha=0.6, zorder=3)
    drawn = [part for part in parts if not part.frame.is_empty.all()]
    for part in drawn:
        _draw(part, axes)
    if result.summary["stations"]["used"]:
        _mark_stations(result, axes, words)
    if sites is not None and not sites.empty:
        sites.to_crs(result.crs).plot(
            ax=axes, color=SITE, marker="v", edgecolor="white", markersize=60, zorder=6, label=words("page.layer_sites")
        )
    _finish(axes, title, result, words)
    if ax is None:
        _settle(axes)
    return axes


def _new_axes() -> Axes:
    try:
        pyplot = import_module("matplotlib.pyplot")
    except ImportError as error:
        raise InputError(
            'plot: Matplotlib is needed for it and not installed; pip install "walkshed[notebook]"'
        ) from error
    axes: Axes = pyplot.subplots(figsize=(9, 7), layout="constrained")[1]
    return axes


def _settle(axes: Axes) -> None:
    """Lay the figure out until nothing moves: one pass, as when it is drawn, may leave the legend beyond the edge."""
    figure = axes.get_figure(root=True)
    engine = None if figure is None else figure.get_layout_engine()
    if figure is None or engine is None:
        return
    for _ in range(PASSES):
        before = axes.get_position().bounds
        engine.execute(figure)
        if np.allclose(axes.get_position().bounds, before, atol=1e-4):
            return


def _cutoff(minutes: float, words: Words) -> str:
    return words("map.minutes", minutes=f"{minutes:g}")


def _street_parts(result: Coverage, words: Words) -> tuple[str, list[Part]]:
    streets, walk = result.streets, result.walk
    least = streets["cutoff_min"].to_numpy(float)
    parts = [
        Part(streets[np.isclose(least, c)], color, words("page.within", cutoff=_cutoff(c, words)))
        for c, color in zip(walk.cutoffs, ramp(len(walk.cutoffs)), strict=True)
    ]
    beyond, lost = np.isnan(least), unreached(result)
    parts.append(Part(streets[beyond & ~lost], GAP, words("page.beyond", cutoff=_cutoff(walk.largest, words))))
    parts.append(Part(streets[beyond & lost], UNREACHED, words("page.unreached")))
    return words("page.layer_streets"), parts


def _depth_parts(result: Coverage, words: Words) -> tuple[str, list[Part]]:
    depth = result.streets["depth"].clip(upper=3)
    texts = [words("page.depth_none"), *(words("page.depth_some", count=n) for n in (1, 2))]
    texts.append(words("page.depth_more", count=3))
    parts = [
        Part(result.streets[depth == n], color, text) for n, (color, text) in enumerate(zip(DEPTHS, texts, strict=True))
    ]
    return words("page.layer_depth", cutoff=_cutoff(result.walk.largest, words)), parts


def _covered_parts(result: Coverage, words: Words) -> tuple[str, list[Part]]:
    cutoff = _cutoff(result.walk.largest, words)
    return words("page.layer_covered"), [
        Part(result.covered.tail(1), ramp(3)[2], words("page.within", cutoff=cutoff)),
        Part(result.gaps, GAP, words("page.layer_gaps", cutoff=cutoff)),
    ]


def _zone_parts(result: Coverage, words: Words) -> tuple[str, list[Part]]:
    zones: Any = result.zones  # check_layer saw to it that there are some
    by = "people" if "people" in zones and zones["people"].notna().any() else "street"
    shares = zones[f"{by}_share_{result.walk.largest:g}"].map(share_class)
    step = 100 // len(SHARES)
    parts = [
        Part(zones[shares == i], color, words("page.share_class", low=i * step, high=(i + 1) * step))
        for i, color in enumerate(SHARES)
    ]
    parts.append(Part(zones[shares < 0], UNKNOWN, words("page.share_unknown")))
    return words(f"page.layer_zones_{'people' if by == 'people' else 'streets'}"), parts


def _people_parts(result: Coverage, words: Words) -> tuple[str, list[Part]]:
    people: Any = result.people  # check_layer saw to it that there are some
    most = max(float(people["population"].max()), 1.0)
    parts = []
    for state in STATES:
        own = people[people["state"] == state]
        text = words(f"map.state_{state}", people=words.people(float(own["population"].sum())))
        parts.append(Part(own, PEOPLE[state], text, 40.0 * own["population"].to_numpy(float) / most))
    return words("page.layer_people"), parts


LAYERS = {
    "streets": _street_parts,
    "depth": _depth_parts,
    "covered": _covered_parts,
    "zones": _zone_parts,
    "people": _people_parts,
}


def _draw(part: Part, axes: Axes) -> None:
    """Draw one part and put it into the legend: polygons have none of their own in GeoPandas."""
    kind = part.frame.geom_type.iloc[0]
    if kind.endswith("LineString"):
        part.frame.plot(ax=axes, color=part.color, linewidth=0.9, label=part.text, zorder=4)
    elif kind.endswith("Polygon"):
        part.frame.plot(ax=axes, color=part.color, edgecolor="white", linewidth=0.5, alpha=0.6, zorder=2)
        axes.scatter([], [], marker="s", s=90, color=part.color, alpha=0.6, label=part.text)
    else:
        part.frame.plot(ax=axes, color=part.color, markersize=part.size, label=part.text, zorder=4)


def _mark_stations(result: Coverage, axes: Axes, words: Words) -> None:
    used = result.stations[result.stations["status"] == "used"]
    used.plot(
        ax=axes, color=STATION, edgecolor=STATION_EDGE, markersize=45, zorder=5, label=words("page.layer_stations")
    )


def _finish(axes: Axes, title: str, result: Coverage, words: Words) -> None:
    """Legend, credit, and no axes: metres of a UTM zone tell a reader nothing."""
    source = source_line(result, words)
    credit = " · ".join(filter(None, (source["own"], source["credit"], source["date"])))
    family = _families()
    axes.set_axis_off()
    axes.set_aspect("equal")
    legend = axes.legend(title=title, loc="upper left", bbox_to_anchor=(1, 1), frameon=False, alignment="left")
    note = axes.annotate(credit, (0, 0), xycoords="axes fraction", va="top", fontsize=7, color=AREA_EDGE)
    for text in (*legend.get_texts(), legend.get_title(), note):
        text.set_fontfamily(family)


def _families() -> list[str]:
    """Matplotlib's own font, and for what it lacks one with Chinese characters, if there is one."""
    manager = import_module("matplotlib.font_manager").fontManager
    installed = set(manager.get_font_names())
    return ["sans-serif", *[name for name in CHINESE_FONTS if name in installed][:1]]
