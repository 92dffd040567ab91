"""Online tiles under the map, where a user asks for them: by default there are none, and no network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from walkshed.errors import InputError
from walkshed.phrases import Phrase

CHOICES = "osm, gaode, tianditu:KEY"

_OSM = "https://tile.openstreetmap.org"
_GAODE = "https://webrd01.is.autonavi.com"
_TIANDITU = "https://t0.tianditu.gov.cn"


@dataclass(frozen=True)
class Tiles:
    """A tile service.

    Attributes
    ----------
    host
        The one origin that the page may load images from.
    layers
        URL templates in Leaflet's terms, the lowest first.
    max_zoom
        The largest zoom that has tiles.
    credit
        Name of its credit in the catalogue.
    is_shifted
        Whether its tiles are in GCJ-02, China's shifted datum: what is drawn over them is shifted alike.
    """

    host: str
    layers: tuple[str, ...]
    max_zoom: int
    credit: str
    is_shifted: bool = False


def tile_service(choice: str | None) -> Tiles | None:
    """Read a user's choice of tiles.

    Parameters
    ----------
    choice
        ``osm``, ``gaode``, ``tianditu:KEY``, or ``none`` or None for none.

    Raises
    ------
    InputError
        If it is none of these, or the key is missing or holds more than letters and digits.

    Examples
    --------
    >>> tile_service("osm").host
    'https://tile.openstreetmap.org'
    """
    name, _, key = (choice or "none").strip().partition(":")
    match name.lower():
        case "none" if not key:
            return None
        case "osm" if not key:
            return Tiles(_OSM, (f"{_OSM}/{{z}}/{{x}}/{{y}}.png",), 19, "map.credit_tiles_osm")
        case "gaode" if not key:
            url = f"{_GAODE}/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={{x}}&y={{y}}&z={{z}}"
            return Tiles(_GAODE, (url,), 18, "map.credit_tiles_gaode", is_shifted=True)
        case "tianditu":
            return Tiles(_TIANDITU, _tianditu(key), 18, "map.credit_tiles_tianditu")
    raise InputError(Phrase("asked.tiles", found=choice, known=CHOICES))


def _tianditu(key: str) -> tuple[str, ...]:
    if not re.fullmatch(r"[0-9A-Za-z]+", key):
        raise InputError(Phrase("asked.tianditu", found=key))
    asked = "SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    at = "TILECOL={x}&TILEROW={y}&TILEMATRIX={z}"
    return tuple(f"{_TIANDITU}/{layer}_w/wmts?{asked}&LAYER={layer}&{at}&tk={quote(key)}" for layer in ("vec", "cva"))
