"""What a cell holds: text, or a number however it is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from walkshed.phrases import Phrase

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_BLANK = {"", "-", "--", "/", "\\", "无", "null", "none", "n/a", "na", "#n/a", "暂无"}
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_SPACED = re.compile(r"(\d{1,3})[ :](\d{1,2})[ :](\d{1,2}(?:\.\d+)?)")
_SIDE = r"(?P<{}>[NSEW]|东经|西经|北纬|南纬|東經|西經|北緯|南緯)?"
_ANGLE = re.compile(
    _SIDE.format("before")
    + r"(?P<sign>[+-]?)(?P<d>\d+(?:\.\d+)?)(?:[°度]|$|(?=[NSEW]))"
    + r"(?:(?P<m>\d+(?:\.\d+)?)(?:['′’`]|分|$|(?=[NSEW]))"
    + r"(?:(?P<s>\d+(?:\.\d+)?)(?:[\"”“]|''|′′|’’|秒|$|(?=[NSEW])))?)?"
    + _SIDE.format("after"),
    re.IGNORECASE,
)


def texts(values: Iterable[object]) -> list[str]:
    """Write cells as text of one line: 12.0 as "12", missing ones as "", runs of white space as one space.

    Examples
    --------
    >>> texts([12.0, " 站\\n点 ", None, float("nan"), 1.5, True])
    ['12', '站 点', '', '', '1.5', 'True']
    """
    return [_text(v) for v in values]


def _text(value: object) -> str:
    if isinstance(value, str):
        line = " ".join(_INVISIBLE.sub("", value).split())
        return line if line.isascii() else line.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float | np.floating):
        if np.isnan(number := float(value)):
            return ""
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    return "" if value is None or value is pd.NA or value is pd.NaT else str(value)


def numbers(
    cells: Sequence[str], *, degrees: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Read numbers from text: full-width digits, decimal commas, thousands, degrees and minutes.

    Parameters
    ----------
    cells
        Text, one cell each.
    degrees
        Read ``121°28'12"E``, ``121 28 12`` and 东经121.47 too, and take a single comma for the decimal point;
        without it a comma only groups thousands.

    Returns
    -------
    value
        (n,) float64; NaN where there is none.
    blank
        (n,) bool: nothing stands there, or a word for nothing.
    bad
        (n,) bool: something stands there that is no finite number.

    Examples
    --------
    >>> numbers(["１２１．５", "1,234", "", "x"])[0]
    array([ 121.5, 1234. ,    nan,    nan])
    >>> numbers(["东经121.5", "31°30′N", "31,25"], degrees=True)[0]
    array([121.5 ,  31.5 ,  31.25])
    """
    series = pd.Series(cells, dtype=object)
    value = np.array(pd.to_numeric(series, errors="coerce"), dtype=np.float64)
    blank = np.zeros(len(value), dtype=bool)
    for i in np.flatnonzero(~np.isfinite(value)).tolist():
        plain = _plain(_SPACED.sub(r"\1°\2′\3″", cells[i]) if degrees else cells[i])
        blank[i] = plain.casefold() in _BLANK
        value[i] = np.nan if blank[i] else _number(plain, degrees)
    return value, blank, ~blank & ~np.isfinite(value)


def _plain(cell: str) -> str:
    """Half-width, without spaces and invisible marks; NFKC would turn the ordinal º into an o."""
    text = unicodedata.normalize("NFKC", re.sub("[º˚]", "°", cell[:200]))
    return "".join(_INVISIBLE.sub("", text).replace("−", "-").split())


def _number(plain: str, degrees: bool) -> float:
    if _THOUSANDS.fullmatch(plain) and not degrees:
        plain = plain.replace(",", "")
    if degrees and _DECIMAL_COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    if degrees and (angle := _ANGLE.fullmatch(plain)):
        return _degrees(angle)
    try:
        return float(plain)
    except ValueError:
        return np.nan


def _degrees(angle: re.Match[str]) -> float:
    minutes, seconds = float(angle["m"] or 0.0), float(angle["s"] or 0.0)
    if minutes >= 60.0 or seconds >= 60.0:
        return np.nan
    side = (angle["before"] or angle["after"] or "").upper()
    sign = -1.0 if angle["sign"] == "-" or side[:1] in {"S", "W", "西", "南"} else 1.0
    return sign * (float(angle["d"]) + minutes / 60.0 + seconds / 3600.0)


def rows_named(rows: Iterable[int], most: int = 8) -> Phrase:
    """Name rows in a message, the first `most` of them.

    Examples
    --------
    >>> rows_named([3]), rows_named([3, 5])
    ('row 3', 'rows 3, 5')
    """
    named = [str(int(r)) for r in rows]
    first = Phrase("check.row" if len(named) == 1 else "check.rows", rows=", ".join(named[:most]))
    more = len(named) - most
    return first if more <= 0 else Phrase("check.rows_more", rows=first, more=f"{more:,}")
