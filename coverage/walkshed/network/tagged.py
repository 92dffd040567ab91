"""``Tagged``: what each street line of a table or a graph carries, and whether one can walk it."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from walkshed.network.build import Ways
from walkshed.network.streets import BRIDGE, STEPS, TUNNEL
from walkshed.network.walkable import SIDEWALKS, is_walkable

NO = frozenset({"no", "false", "f", "n", "0", "0.0"})
FILTER_KEYS = ("highway", "area", "access", "service", "foot", *SIDEWALKS)
NAME_KEYS = ("name", "name:zh", "name:en")
"""Names in the order in which they are preferred; so do the readers of OSM files."""
ID_KEYS = ("osmid", "osm_id")
KEYS = (*FILTER_KEYS, *NAME_KEYS, "bridge", "tunnel", "layer", *ID_KEYS)
"""What is read of a line, whatever else it carries."""

Texts = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Tagged:
    """Lines with what they carry.

    Attributes
    ----------
    walkable
        (m,) bool. All of them where no ``highway`` is known.
    ways
        One row a line.
    level
        (m,) from 0: lines of one level can meet in passing; bridges, tunnels and layers are levels.
    """

    walkable: NDArray[np.bool_]
    ways: Ways
    level: NDArray[np.int64]

    def ways_of(self, lines: NDArray[np.int64]) -> Ways:
        """Give the ways of some of the lines."""
        return Ways(
            osm_id=self.ways.osm_id[lines],
            name=[self.ways.name[i] for i in lines],
            highway=[self.ways.highway[i] for i in lines],
            flags=self.ways.flags[lines],
        )


def tag_lines(count: int, columns: Mapping[str, Sequence[object]]) -> Tagged:
    """Read the tags of `count` lines.

    Parameters
    ----------
    count
        Number of lines.
    columns
        Values by key (those of `KEYS` that there are). A value may be a list, or a list written as text,
        as OSMnx makes them where one edge joins several ways.

    Returns
    -------
    Tagged
        A line of several classes is walkable if one of them is, and that one is its class.
    """
    texts = {key: [texts_of(value) for value in columns[key]] for key in KEYS if key in columns}
    nothing: list[Texts] = [()] * count
    bridge, tunnel = (np.array([_yes(t) for t in texts.get(key, nothing)], bool) for key in ("bridge", "tunnel"))
    highway = [_class(t) for t in texts.get("highway", nothing)]
    steps = np.array([h == "steps" for h in highway], bool)
    layer = np.unique([t[0] if t else "0" for t in texts.get("layer", nothing)], return_inverse=True)[1]
    names = [texts.get(key, nothing) for key in NAME_KEYS]
    ids = next((texts[key] for key in ID_KEYS if key in texts), nothing)
    return Tagged(
        walkable=_walkable(count, texts),
        ways=Ways(
            osm_id=np.array([_integer(t) for t in ids], dtype=np.int64),
            name=[next((t[0] for t in several if t), "") for several in zip(*names, strict=True)],
            highway=highway,
            flags=(steps * STEPS | bridge * BRIDGE | tunnel * TUNNEL).astype(np.uint8),
        ),
        level=(layer * 4 + bridge * 2 + tunnel).astype(np.int64),
    )


def texts_of(value: object) -> Texts:
    """Take a tag's value apart: nothing, one text, or several.

    Examples
    --------
    >>> texts_of("['residential', 'steps']"), texts_of(float("nan")), texts_of(12.0)
    (('residential', 'steps'), (), ('12',))
    """
    if isinstance(value, str):
        value = value.strip()
        if not (value.startswith("[") and value.endswith("]")):
            return (value,) if value else ()
        value = _list_of(value)
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        several = [text for one in value for text in ((one,) if isinstance(one, str) else texts_of(one))]
        return tuple(sorted(several) if isinstance(value, set | frozenset) else several)
    if pd.isna(value):
        return ()
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return (str(value),)


def _list_of(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return (text,)  # a name in brackets


def _yes(texts: Texts) -> bool:
    return any(text.casefold() not in NO for text in texts)


def _integer(texts: Texts) -> int:
    text = texts[0] if texts else ""
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 19 else 0


@lru_cache(maxsize=4096)
def _class(texts: Texts) -> str:
    return next((t for t in texts if is_walkable({"highway": t})), texts[0] if texts else "")


def _walkable(count: int, texts: Mapping[str, list[Texts]]) -> NDArray[np.bool_]:
    keys = [key for key in FILTER_KEYS if key in texts]
    if "highway" not in keys:
        return np.ones(count, dtype=np.bool_)
    known: dict[tuple[Texts, ...], bool] = {}
    walkable = np.empty(count, dtype=np.bool_)
    for i, row in enumerate(zip(*(texts[key] for key in keys), strict=True)):
        if row not in known:
            known[row] = is_walkable({key: _best(key, t) for key, t in zip(keys, row, strict=True) if t})
        walkable[i] = known[row]
    return walkable


def _best(key: str, texts: Texts) -> str:
    """Choose, of several values, one that lets people walk, if there is one."""
    if key == "highway":
        return _class(texts)
    return next((t for t in texts if is_walkable({"highway": "footway", key: t})), texts[0])
