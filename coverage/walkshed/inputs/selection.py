"""Which stations count: those of a category, and those that serve a group of people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np

from walkshed.errors import InputError, NoStationsError
from walkshed.inputs.understood import Finding, warn
from walkshed.phrases import Phrase

EVERYONE = "everyone"

GROUPS: dict[str, tuple[str, ...]] = {
    EVERYONE: (
        *("everyone", "everybody", "anyone", "all", "all people", "public", "general public", "the public"),
        *("所有人", "所有人员", "全部", "全体", "不限", "任何人", "公众", "社会公众", "市民", "全体市民"),
        *("户外劳动者", "户外工作者", "一线户外劳动者", "outdoor workers", "all outdoor workers"),
    ),
    "sanitation": ("sanitation", "sanitation workers", "street cleaners", "环卫", "环卫工", "环卫工人", "清洁工"),
    "couriers": (
        *("couriers", "courier", "delivery", "delivery workers", "riders", "快递", "快递员", "快递小哥", "骑手"),
        *("外卖", "外卖员", "外卖骑手", "外卖小哥", "快递外卖", "外卖配送员", "配送员"),
    ),
    "drivers": (
        *("drivers", "driver", "taxi drivers", "truck drivers", "司机", "出租车司机", "的士司机", "网约车司机"),
        *("货车司机", "公交司机", "驾驶员", "的哥"),
    ),
    "police": ("police", "traffic police", "警察", "民警", "交警", "辅警", "执勤民警", "巡警", "公安"),
}
"""Groups that stations serve, and the words that name each. Other words stand for themselves."""

_APART = re.compile(r"[、，,;；/／|\n\t]+")
_JOINED = re.compile(r"等|以及|及|和|与|&|\+|\band\b")
_AROUND = re.compile(r"^(仅限|仅|限|面向|供)|(使用|开放)$")


def _plain(text: str) -> str:
    words = unicodedata.normalize("NFKC", text).casefold().replace("_", " ").split()
    return _AROUND.sub("", " ".join(words).strip(" .。()"))


_NAMED = {_plain(word): group for group, words in GROUPS.items() for word in words}


def group_of(word: str) -> str:
    """Tell the group that a word names.

    Examples
    --------
    >>> group_of("快递小哥"), group_of("Taxi  drivers"), group_of("户外劳动者"), group_of("学生")
    ('couriers', 'drivers', 'everyone', '学生')
    """
    plain = _plain(word)
    return _NAMED.get(plain, plain)


def groups_served(text: str) -> frozenset[str]:
    """Read whom a station serves; empty where it does not say.

    Examples
    --------
    >>> sorted(groups_served("环卫工人、快递员和交警")), sorted(groups_served("快递员等户外劳动者"))
    (['couriers', 'police', 'sanitation'], ['couriers', 'everyone'])
    """
    words: list[str] = []
    for part in _APART.split(text):
        joined = _JOINED.split(part)  # a word that merely holds 和 stays whole
        words += joined if any(_plain(word) in _NAMED for word in joined) else [part]
    return frozenset(group for word in words if (group := group_of(word)))


def select_stations(
    stations: gpd.GeoDataFrame,
    *,
    categories: Sequence[str] = (),
    groups: Sequence[str] = (),
    source: str = "stations",
) -> gpd.GeoDataFrame:
    """Keep the stations that count.

    Parameters
    ----------
    stations
        As `read_stations` gives them.
    categories
        Those of any of these are kept; of all, if none is named.
    groups
        Those that say they serve any of these, or everyone, are kept: a key or a word of `GROUPS`, or the
        word that the stations use. A station that does not say whom it serves is taken for one that does
        not serve them; a warning counts such stations. If no group is named, all are kept.
    source
        What messages name.

    Returns
    -------
    GeoDataFrame
        A new one, in the same order.

    Raises
    ------
    InputError
        If no station is of a category, or none serves a group; if no column says whom they serve.

    Warns
    -----
    InputWarning
        If stations do not say whom they serve.

    Examples
    --------
    >>> stations = ws.read_stations(county.stations)
    >>> len(ws.select_stations(stations, categories=("爱心驿站",)))
    29
    """
    if not len(stations):
        return stations  # an empty list holds no category that could be misspelt
    if categories:
        found = set(stations["category"])
        _refuse_unknown([c for c in categories if c not in found], found, "no_category", source)
        stations = stations[stations["category"].isin(categories)]
    if groups:
        stations = _serving(stations, groups, source)
    return stations.reset_index(drop=True)


def _serving(stations: gpd.GeoDataFrame, groups: Sequence[str], source: str) -> gpd.GeoDataFrame:
    if "groups" not in stations.columns:
        raise InputError(Phrase("refused.no_groups", source=source))
    served = [groups_served(text) for text in stations["groups"].fillna("").astype(str)]
    found = frozenset[str]().union(*served)
    wanted = {word: group_of(word) for word in groups}
    unknown = [word for word, group in wanted.items() if not found & {group, EVERYONE}]
    _refuse_unknown(unknown, found, "no_group", source)
    silent = np.array([not own for own in served], dtype=bool)
    if silent.any():
        rows = tuple(stations["row"].to_numpy()[silent].tolist())
        values = {"count": len(rows), "all": len(stations), "groups": ", ".join(groups)}
        warn(Finding("groups_silent", "warning", rows, values, source))
    counts = {*wanted.values(), EVERYONE}
    return stations[np.array([bool(own & counts) for own in served], dtype=bool)]


def _refuse_unknown(unknown: Sequence[str], found: Iterable[str], code: str, source: str) -> None:
    if unknown:
        listed = sorted(found)
        more = " ..." if len(listed) > 20 else ""
        raise InputError(
            Phrase(
                f"refused.{code}",
                source=source,
                wanted=", ".join(map(repr, unknown)),
                found=", ".join(repr(f[:40]) for f in listed[:20]) or "-",
                more=more,
            )
        )


DATUM_M = 2000.0
"""How far off the stations of an unknown datum may be, and more."""


def near_stations(
    stations: gpd.GeoDataFrame,
    area: gpd.GeoDataFrame,
    reach_m: float,
    *,
    source: str = "stations",
    allow_none: bool = False,
) -> gpd.GeoDataFrame:
    """Keep the stations that may matter to an area, of a list that is of many areas.

    Parameters
    ----------
    stations
        As `read_stations` gives them.
    area
        As `read_area` gives it.
    reach_m
        Stations farther from it than this are left out, and counted in a warning; metres.
    source
        Name of the list.
    allow_none
        Whether none need be left.

    Raises
    ------
    NoStationsError
        If none is left, and some must be.

    Warns
    -----
    InputWarning
        If some are left out.
    """
    crs = area.estimate_utm_crs()
    reach_m += DATUM_M if "datum" in stations else 0.0
    near = stations.to_crs(crs).dwithin(area.to_crs(crs).geometry.iloc[0], reach_m * 1.001).to_numpy()
    if not near.any() and not allow_none:
        values = {"source": source, "count": f"{len(stations):,}", "reach": f"{reach_m:,.0f}"}
        raise NoStationsError(Phrase("refused.none_near", **values))
    if not near.all():
        values = {"count": f"{int((~near).sum()):,}", "all": f"{len(stations):,}"}
        warn(Finding(code="elsewhere", level="note", values=values, source=source))
    return stations[near].reset_index(drop=True)
