"""The interactive map: one HTML file that opens anywhere, with no network.

`mapdata` says what is shown, ``assets/map_*.js`` draw it, `offline` makes the page whole.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import folium
import geopandas as gpd
from branca.element import Figure, MacroElement

from walkshed.errors import InputError
from walkshed.output.mapdata import map_data
from walkshed.output.offline import (
    POLICY_PLACE,
    TEMPLATES,
    Inline,
    asset,
    json_for_script,
    offline_html,
)
from walkshed.output.provenance import provenance_text
from walkshed.output.stage import staged
from walkshed.output.tiles import tile_service
from walkshed.output.words import Words, plain

if TYPE_CHECKING:
    import lonboard

    from walkshed.analysis.result import Coverage

MAP_LAYERS = ("streets", "depth", "covered", "zones", "people", "straight")
"""What a map can show first, beside stations, gaps, area and base map; the reader can switch to any other."""

_SCRIPTS = tuple(
    f"map_{part}.js"
    for part in (
        "codec",
        "draw",
        "categories",
        "streets",
        "marks",
        "sites",
        "ground",
        "layers",
        "routes",
        "popups",
        "search",
        "panel",
        "start",
    )
)


class MapPage(Figure):  # type: ignore[misc]  # branca ships no types
    """The document around the map: its head, the panel's place, the data, the scripts."""

    _template = TEMPLATES.get_template("map_page.html")

    def __init__(self, *, title: str, lang: str, data: str, provenance: str, images: str = "") -> None:
        super().__init__(title=title)
        self.provenance = provenance
        self.images = f" {images}" if images else ""
        self.lang = lang
        self.data = data
        self.policy_place = POLICY_PLACE
        self.styles = [Inline("style", asset("map.css"))]
        self.scripts = [Inline("script", asset(name)) for name in _SCRIPTS]


class CoverageLayers(MacroElement):  # type: ignore[misc]  # branca ships no types
    """All layers and the panel: hands folium's map to the script."""

    _template = TEMPLATES.get_template("map_script.html")

    def __init__(self) -> None:
        super().__init__()
        self._name = "CoverageLayers"


def render_map(
    result: Coverage,
    *,
    lang: str = "en",
    title: str | None = None,
    sites: gpd.GeoDataFrame | None = None,
    report_name: str | None = None,
    tiles: str | None = None,
    layer: str = "streets",
) -> str:
    """Draw the map of a result.

    Parameters
    ----------
    result
        What `walkshed.analyze` found.
    lang
        ``en`` or ``zh``.
    title
        The map's heading; by default one that fits every study.
    sites
        Proposed sites, shown as numbered marks: points with order, name, kind, gain_street_km and gain_people.
    report_name
        File name of the report that stands in the same folder: the map then links to it.
    tiles
        ``osm``, ``gaode`` or ``tianditu:KEY`` puts online tiles under the map; by default there are none.
    layer
        What is shown first, one of `MAP_LAYERS`.

    Returns
    -------
    str
        A whole HTML document that loads nothing, or nothing but the tiles asked for. The same result gives
        the same text.

    Raises
    ------
    InputError
        If there is no catalogue for `lang`, no such tiles, the sites lack a column, or there is no such layer.
    """
    words, service = Words(lang), tile_service(tiles)
    check_layer(result, layer)
    name = plain(title) or words("map.title")
    data = map_data(result, words, name, sites=sites, report_name=report_name, tiles=service) | {"first": layer}
    images = "" if service is None else service.host
    about = provenance_text(result)
    page = MapPage(title=name, lang=lang, data=json_for_script(data), provenance=about, images=images)
    page.add_child(bare_map())
    return offline_html(page)


def check_layer(result: Coverage, layer: str, layers: tuple[str, ...] = MAP_LAYERS) -> None:
    """Refuse a layer that there is not, or nothing is there for.

    Raises
    ------
    InputError
        If `layer` is none of `layers`, or the result has no zones or no people at points to show.
    """
    if layer not in layers:
        raise InputError(f"layer: found {layer!r}; choose one of {', '.join(layers)}")
    if layer == "zones" and (result.zones is None or result.zones.empty):
        raise InputError("layer: 'zones' needs zones; give analyze(zones=...), from a file or make_grid")
    if layer == "people" and (result.people is None or result.people.empty):
        raise InputError("layer: 'people' needs people at points; give analyze(people=...); those of zones are spread")


def bare_map() -> folium.Map:
    """Make folium's map, bare: no tiles, and no control that the page brings itself."""
    chart = folium.Map(tiles=None, location=(0, 0), zoom_start=2, zoom_control=False, attribution_control=False)
    chart._id = "walkshed"  # folium's own ids are random, but the same result shall give the same file
    CoverageLayers().add_to(chart)
    return chart


@dataclass(frozen=True)
class MapView:
    """A map in a notebook's cell. It carries all it needs; nothing is loaded.

    Attributes
    ----------
    html
        The whole document.
    height
        Pixels.
    """

    html: str
    height: int

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox="allow-scripts allow-popups" loading="lazy" '
            f'style="width:100%;height:{self.height}px;border:0" title="walkshed"></iframe>'
        )

    def __repr__(self) -> str:
        return f"MapView({len(self.html) / 1e6:.1f} MB; shown by a notebook, written by walkshed.write_map)"


def explore(
    result: Coverage,
    *,
    layer: str = "streets",
    lang: str = "en",
    sites: gpd.GeoDataFrame | None = None,
    height: int = 600,
    engine: Literal["page", "lonboard"] = "page",
) -> MapView | lonboard.Map:
    """Show the map of a result in a notebook; it is saved with the notebook and needs no internet there either.

    A map of some hundred thousand streets is slow in any page. With ``engine="lonboard"`` the graphics card draws it:
    one layer, without base map, search or pop-ups; that asks the internet for a part of lonboard each time.

    Parameters
    ----------
    result
        What `walkshed.analyze` found.
    layer
        What is shown first: ``streets`` by minutes, ``depth`` (streets by the number of stations), ``covered`` (the
        area), ``zones`` by share covered, ``people`` at points, or ``straight`` (circles, for comparison). The panel
        switches to any other.
    lang
        ``en`` or ``zh``.
    sites
        Proposed sites, as for `render_map`.
    height
        Pixels.
    engine
        ``page``, or ``lonboard`` (``pip install "walkshed[lonboard]"``): the layers of `plot`.

    Returns
    -------
    MapView or lonboard.Map
        What a notebook shows.

    Raises
    ------
    InputError
        If lonboard is asked for and not installed, `height` is not a positive number, there is no catalogue for
        `lang`, no such engine or no such layer, or the result has nothing to show on it.

    Examples
    --------
    >>> import walkshed as ws
    >>> county = ws.demo_county()
    >>> result = ws.analyze(ws.read_streets(county.streets), ws.read_stations(county.stations))
    >>> ws.explore(result, layer="depth", lang="zh")
    MapView(... MB; shown by a notebook, written by walkshed.write_map)
    """
    if height <= 0:
        raise InputError(f"height: must be a positive number of pixels, found {height}; give e.g. 600")
    if engine not in ("page", "lonboard"):
        raise InputError(f"engine: found {engine!r}; choose page or lonboard")
    if engine == "lonboard":
        from walkshed.output.deck import deck_map

        return deck_map(result, layer=layer, lang=lang, sites=sites, height=int(height))
    return MapView(render_map(result, lang=lang, sites=sites, layer=layer), int(height))


def write_map(
    result: Coverage,
    path: str | os.PathLike[str],
    *,
    lang: str = "en",
    title: str | None = None,
    sites: gpd.GeoDataFrame | None = None,
    tiles: str | None = None,
) -> Path:
    """Write the map of a result, whole or not at all.

    Parameters
    ----------
    result
        What `walkshed.analyze` found.
    path
        The HTML file. A file of that name is replaced.
    lang, title, sites, tiles
        As for `render_map`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        As for `render_map`.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ws.write_map(result, f"{folder}/map.html", lang="zh").name
    'map.html'
    """
    target = Path(path)
    html = render_map(result, lang=lang, title=title, sites=sites, tiles=tiles)
    with staged(target.parent, [target.name]) as folder:
        (folder / target.name).write_text(html, encoding="utf-8", newline="\n")
    return target
