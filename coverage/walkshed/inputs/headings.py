"""What a heading means: 经度, ``Lng`` and ``stop_lon`` are one thing.

A heading is compared without regard to case, width, spaces, punctuation and what stands in brackets
(``经度（°）``). Each meaning lists its headings from the surest to the vaguest; where several columns
of a file would do, the surest is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from walkshed.errors import InputError
from walkshed.phrases import Phrase

MEANINGS: dict[str, tuple[str, ...]] = {
    "station_id": (
        *("station_id", "站点编号", "站点id", "站点编码", "驿站编号", "编号", "编码", "代码", "id", "code"),
        *("stop_id", "site_id", "osm_id", "fid", "objectid", "no", "number", "序号", "序列"),
        *("編號", "站點編號", "代碼", "序號"),
    ),
    "name": (
        *("name", "站点名称", "驿站名称", "网点名称", "点位名称", "名称", "站名", "站点", "驿站", "店名"),
        *("名字", "station_name", "stop_name", "site_name", "name_zh", "name_en", "title", "标题", "station"),
        *("名稱", "站點名稱", "據點名稱", "站點"),
    ),
    "lon": (
        *("lon", "lng", "long", "longitude", "经度", "經度", "东经", "東經", "wgs84经度", "wgs84_lng"),
        *("stop_lon", "centroid_lon", "经", "x", "x坐标", "坐标x", "coord_x", "point_x"),
    ),
    "lat": (
        *("lat", "latitude", "纬度", "緯度", "北纬", "北緯", "wgs84纬度", "wgs84_lat"),
        *("stop_lat", "centroid_lat", "纬", "y", "y坐标", "坐标y", "coord_y", "point_y"),
    ),
    "lonlat": ("lonlat", "lnglat", "经纬度", "经度纬度", "经纬度坐标", "經緯度", "经纬坐标"),
    "latlon": ("latlon", "latlng", "纬经度", "纬度经度"),
    "pair": ("坐标", "座標", "地理坐标", "位置坐标", "location", "coordinates", "coordinate", "coords"),
    "wkt": ("wkt", "wkt_geom", "geom_wkt", "geometry_wkt", "the_geom", "geom", "geometry", "几何", "几何信息"),
    "category": ("category", "类别", "類別", "类型", "類型", "站点类型", "站点类别", "分类", "type", "kind", "folder"),
    "hours": (
        *("hours", "opening_hours", "开放时间", "營業時間", "营业时间", "服务时间", "开放时段", "时间"),
        *("open_hours", "openinghours", "開放時間", "服務時間"),
    ),
    "groups": ("groups", "服务对象", "服务人群", "服务群体", "对象", "服務對象", "group", "serves"),
    "capacity": ("capacity", "容量", "座位数", "座位", "容纳人数", "可容纳人数", "seats"),
    "address": ("address", "地址", "详细地址", "站点地址", "位置", "所在位置", "addr", "addr:full"),
    "township": (
        *("township", "所属镇", "所属乡镇", "所属街道", "所在镇", "所在乡镇", "所在街道", "乡镇街道", "镇街"),
        *("所在镇街", "所属镇街", "所在乡镇街道", "所属乡镇街道"),
        *("乡镇", "镇", "街道", "town", "鄉鎮", "鄉鎮市區", "行政區"),
    ),
    "population": (
        *("population", "people", "pop", "人口", "人口数", "人口数量", "常住人口", "人数", "总人口"),
        *("persons", "inhabitants", "residents", "pop_total", "total_pop", "poptotal", "常住人口数", "人口數"),
    ),
    "zone": (
        *("zone", "zone_name", "name", "名称", "片区", "片区名称", "网格", "网格名称", "乡镇街道", "镇街"),
        *("所在镇街", "所属镇街", "所在乡镇街道", "所属乡镇街道"),
        *("乡镇", "镇", "街道", "镇名", "乡镇名称", "街道名称", "社区", "社区名称", "村", "行政区"),
        *("区划名称", "township", "district", "neighbourhood", "neighborhood", "title", "label"),
        *("name_zh", "name_en", "名稱", "鄉鎮", "鄉鎮市區", "行政區", "村里"),
    ),
}
"""Meaning -> the headings that carry it, the surest first."""

ENDINGS: dict[str, tuple[str, ...]] = {
    "lon": ("经度", "longitude", "_lon", "_lng"),
    "lat": ("纬度", "latitude", "_lat"),
    "name": ("名称", "_name"),
}
"""Endings that carry a meaning where no whole heading does: 百度经度, ``depot_lng``."""

_BRACKETS = re.compile(r"[(\[{【〔<《「].*?[)\]}】〕>》」]")
_SEPARATORS = re.compile(r"[\W_]+")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_LONGEST = 200
_LEVEL = re.compile(r"name_?(\d)")


def normalise(heading: str) -> str:
    """Bring a heading to the form in which it is compared.

    Examples
    --------
    >>> normalise(" 经 度（°）"), normalise("Ｓtation_ID"), normalise("(lat)")
    ('经度', 'stationid', 'lat')
    """
    # What is longer is no heading, and thousands of open brackets would be searched for their ends.
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", heading[:_LONGEST])).casefold()
    return _SEPARATORS.sub("", _BRACKETS.sub("", text)) or _SEPARATORS.sub("", text)


_RANKS = {
    meaning: {normalise(h): rank for rank, h in reversed(list(enumerate(headings)))}
    for meaning, headings in MEANINGS.items()
}


def _rank(plain: str, raw: str, meaning: str) -> float | None:
    """How sure it is that a heading means `meaning`: the lower the surer, None where it does not."""
    if plain in _RANKS[meaning]:
        return _RANKS[meaning][plain]
    if meaning == "zone" and (level := _LEVEL.fullmatch(plain)):
        return 100.0 - int(level[1])  # GADM: the deepest level is the zone, the others what it lies in
    return 200.0 if any(raw.endswith(e) for e in ENDINGS.get(meaning, ())) else None


def _without_brackets(heading: str) -> str:
    return _BRACKETS.sub("", unicodedata.normalize("NFKC", heading[:_LONGEST])).strip().casefold()


def recognise(headings: Sequence[str], meanings: Iterable[str]) -> dict[str, int]:
    """Find the column of each meaning.

    Parameters
    ----------
    headings
        As they stand in the file.
    meanings
        Keys of `MEANINGS`; the first takes precedence where one column would do for two.

    Returns
    -------
    dict
        Meaning -> position of its column, for the meanings that were found.

    Examples
    --------
    >>> recognise(["序号", "驿站名称", "经度", "纬度"], ["station_id", "name", "lon", "lat"])
    {'station_id': 0, 'name': 1, 'lon': 2, 'lat': 3}
    """
    found: dict[str, int] = {}
    forms = [(normalise(h), _without_brackets(h)) for h in headings]
    for meaning in meanings:
        ranks = [(_rank(*form, meaning), i) for i, form in enumerate(forms) if i not in found.values()]
        best = min(((r, i) for r, i in ranks if r is not None), default=None)
        if best is not None:
            found[meaning] = best[1]
    return found


def assign(
    headings: Sequence[str], meanings: Sequence[str], columns: Mapping[str, str] | None, source: str
) -> dict[str, int]:
    """Find the column of each meaning, where `columns` has the first word.

    Parameters
    ----------
    headings
        As they stand in the file.
    meanings
        Keys of `MEANINGS`.
    columns
        Meaning -> heading, as the user states it.
    source
        What the message names.

    Raises
    ------
    InputError
        If `columns` names a meaning or a heading that there is not.
    """
    stated: dict[str, int] = {}
    plain = [normalise(h) for h in headings]
    for meaning, heading in (columns or {}).items():
        if meaning not in meanings:
            raise InputError(Phrase("refused.meaning", found=meaning, known=", ".join(meanings)))
        if normalise(heading) not in plain:
            raise InputError(Phrase("refused.no_column", source=source, heading=heading, headings=listing(headings)))
        stated[meaning] = plain.index(normalise(heading))
    free = ["" if i in stated.values() else h for i, h in enumerate(headings)]
    return stated | recognise(free, [m for m in meanings if m not in stated])


def listing(headings: Iterable[str]) -> str:
    """Name the headings in a message, the first 20 of them."""
    named = [str(h) for h in headings if str(h).strip()]
    more = f", ... ({len(named)})" if len(named) > 20 else ""
    return (", ".join(h if len(h) <= 40 else f"{h[:37]}..." for h in named[:20]) or "(none)") + more
