"""The colours of the report and the map: one thing has one colour in both.

Blue against vermilion is told apart with any colour vision; depth and shares come from ColorBrewer's
colour-blind safe scales (Purples, BuGn), and never carry a meaning alone: legends and pop-ups say it in words.
``assets/report.css`` repeats some of them; a test holds the two together.
"""

from __future__ import annotations

# Dark to light: the nearer, the darker.
NEAR, FAR = (6, 48, 84), (77, 144, 188)

GAP = "#c4410c"
"""What no station covers at the cutoff, and the gaps that are made of it."""

UNREACHED = "#2b2b2b"
UNKNOWN = "#8a8a8a"
STATION, STATION_EDGE = "#ffd34d", "#17232b"
SITE = "#00665e"
"""Proposed sites: numbered squares, so that shape tells them from the round numbers of gaps."""

DEPTHS = (GAP, "#a79fcb", "#6f55a8", "#3b0f70")
SHARES = ("#edf8fb", "#b2e2e2", "#66c2a4", "#2ca25f", "#006d2c")
STRAIGHT = "#8c6d00"
PEOPLE = {"covered": "#2171b5", "gap": GAP, "scattered": "#e0a03c", "unknown": UNKNOWN}

CHANGES = {
    "kept": "#7bb2d0",
    "gained": "#08406a",
    "lost": GAP,
    "never": "#b9b2a3",
    "new": "#7a4fa3",
    "gone": UNREACHED,
}
"""What became of street between two results: blue is covered now, dark blue newly."""


FAINT, HEAT = (244, 248, 250), (92, 160, 200)
"""From nobody to most: light enough throughout for dark figures on them."""


def ramp(n: int) -> list[str]:
    """Give `n` colours from near to far, as ``#rrggbb``.

    Examples
    --------
    >>> ramp(2)
    ['#063054', '#4d90bc']
    """
    shares = [i / (n - 1) if n > 1 else 0.35 for i in range(n)]
    mixed = [[round(a + (b - a) * t) for a, b in zip(NEAR, FAR, strict=True)] for t in shares]
    return ["#" + "".join(f"{v:02x}" for v in colour) for colour in mixed]


def palette(cutoffs: int) -> dict[str, object]:
    """Gather what the map's script colours by.

    Parameters
    ----------
    cutoffs
        How many there are.
    """
    return {
        "ramp": ramp(cutoffs),
        "gap": GAP,
        "unreached": UNREACHED,
        "unknown": UNKNOWN,
        "site": SITE,
        "station": STATION,
        "station_edge": STATION_EDGE,
        "depths": list(DEPTHS),
        "shares": list(SHARES),
        "straight": STRAIGHT,
        "people": PEOPLE,
    }
