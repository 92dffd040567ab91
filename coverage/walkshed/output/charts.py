"""The report's charts as places on a sheet; ``templates/report_charts.html`` draws them, with real text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from walkshed.output.sheet import text_units
from walkshed.output.words import Words, plain

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

WIDTH = 560
"""Units across: about the pixels of a wide phone, so that text of 14 units can be read on one."""
LEFT, RIGHT, TOP = 52, 112, 14
CURVE_HEIGHT = 250
ZONE_LEFT, ZONE_RIGHT, ZONE_ROW = 150, 78, 26
ZONES_DRAWN = 40
DEPTH_LEFT, DEPTH_ROW = 112, 40
CHARACTER = 16.0 / 62.0
"""Units of a character of a chart over those of a name on the map."""


def curve_chart(result: Coverage, words: Words) -> dict[str, Any]:
    """Place the curves of street and people by minute.

    Returns
    -------
    dict
        ``width``, ``height``, ``x`` and ``y`` axes (lists of place and text), ``cutoffs`` (places), ``lines``
        (kind, path, and where its label stands).
    """
    return _shares_along(result.curve, "minute", _whole(result), words)


def site_chart(proposed: dict[str, Any], words: Words) -> dict[str, Any] | None:
    """Place the curves of street and people by the number of sites; what is marked is where it bends.

    Parameters
    ----------
    proposed
        ``summary["sites"]``.
    words
        The language.

    Returns
    -------
    dict or None
        As of `curve_chart`; None where there is no curve to draw.
    """
    curve = pd.DataFrame(proposed["curve"])
    if len(curve) < 2:
        return None
    return _shares_along(curve, "sites", [] if proposed["bend"] is None else [proposed["bend"]], words)


def _shares_along(curve: pd.DataFrame, along: str, marked: list[float], words: Words) -> dict[str, Any]:
    """Place the shares of street and people along the column of whole numbers from 0."""
    last = float(curve[along].iloc[-1])

    def x(step: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * step / last, 1)

    def y(share: float) -> float:
        return round(TOP + CURVE_HEIGHT * (1.0 - share), 1)

    lines = []
    for kind in ("people", "street"):
        shares = curve[f"{kind}_share"]
        if shares.notna().all():
            points = " ".join(f"{x(m)},{y(s)}" for m, s in zip(curve[along], shares, strict=True))
            lines.append({"kind": kind, "points": points, "y": y(shares.iloc[-1]), "share": shares})
    return {
        "width": WIDTH,
        "height": TOP + CURVE_HEIGHT + 46,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "bottom": TOP + CURVE_HEIGHT,
        "x": [{"at": x(m), "text": f"{m:g}"} for m in _ticks(last)],
        "y": [{"at": y(s / 100), "text": f"{s}"} for s in (0, 25, 50, 75, 100)],
        "cutoffs": [{"at": x(c), "dots": [y(_at(curve, line["kind"], c)) for line in lines]} for c in marked],
        "lines": [_labelled(line, i, words) for i, line in enumerate(lines)],
    }


def _whole(result: Coverage) -> list[float]:
    """Cutoffs that the curve has a point for."""
    return [c for c in result.walk.cutoffs if c == int(c)]


def _at(curve: pd.DataFrame, kind: str, step: float) -> float:
    return float(curve[f"{kind}_share"].iloc[int(step)])


def _ticks(last: float) -> list[float]:
    step = next(s for s in (1, 5, 10, 15, 30, 60, 120, 600, 1e9) if last / s <= 8)
    return [m * step for m in range(int(last // step) + 1)]


def _labelled(line: dict[str, Any], i: int, words: Words) -> dict[str, Any]:
    """Keep the two labels apart where the curves end together."""
    return {
        "kind": line["kind"],
        "points": line["points"],
        "label_y": line["y"] + (-4 if i == 0 else 16),
        "text": words(f"report.chart_{line['kind']}"),
    }


def zone_chart(result: Coverage, rows: list[dict[str, Any]], words: Words, *, has_people: bool) -> dict[str, Any]:
    """Place a bar a zone, in the table's order.

    Parameters
    ----------
    result
        What `analyze` returned.
    rows
        Zones as the report lists them, each with its ``bar``.
    words
        The language.
    has_people
        Whether the bars are shares of people rather than of street.
    """
    across = WIDTH - ZONE_LEFT - ZONE_RIGHT
    key = f"{'people' if has_people else 'street'}_share_{result.walk.largest:g}"
    bars = []
    for i, row in enumerate(rows[:ZONES_DRAWN]):
        bands = [
            (round(ZONE_LEFT + across * a / 100, 1), round(across * width / 100, 1), band)
            for band, (a, width) in enumerate(row["bar"])
            if width
        ]
        name = shortened(plain(row["zone"]), ZONE_LEFT - 12)
        bars.append({"name": name, "y": TOP + i * ZONE_ROW, "bands": bands, "share": words.share(row[key])})
    return {
        "width": WIDTH,
        "height": TOP + len(bars) * ZONE_ROW + 34,
        "left": ZONE_LEFT,
        "across": across,
        "row": ZONE_ROW,
        "bottom": TOP + len(bars) * ZONE_ROW,
        "bars": bars,
        "x": [{"at": ZONE_LEFT + across * s / 100, "text": f"{s}"} for s in (0, 25, 50, 75, 100)],
    }


def depth_chart(result: Coverage, words: Words) -> dict[str, Any]:
    """Place a bar a cutoff, in bands of 0, 1, 2, and 3 or more stations."""
    across = WIDTH - DEPTH_LEFT
    bars = []
    for i, (cutoff, own) in enumerate(result.depth.groupby("cutoff_min", sort=True)):
        bands, at = [], float(DEPTH_LEFT)
        for depth, share in zip(own["depth"], own["street_share"], strict=True):
            width = across * float(share)
            text = words.share(float(share), 0 if share >= 0.01 else 1)
            bands.append(
                {
                    "x": round(at, 1),
                    "width": round(width, 1),
                    "depth": int(depth),
                    "text": text if width > 40 else "",
                    "middle": round(at + width / 2, 1),
                }
            )
            at += width
        bars.append({"y": TOP + i * DEPTH_ROW, "bands": bands, "cutoff": f"{cutoff:g}"})
    return {"width": WIDTH, "height": TOP + len(bars) * DEPTH_ROW, "row": DEPTH_ROW, "bars": bars}


def shortened(text: str, room: float) -> str:
    """Cut text to the units that there are, with an ellipsis."""
    if text_units(text) * CHARACTER <= room:
        return text
    while text and text_units(text + "…") * CHARACTER > room:
        text = text[:-1]
    return text + "…"
