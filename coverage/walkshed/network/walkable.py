"""What a street is that one can walk on: DESIGN 1.1, the one place that says so.

This is the ``walk`` filter of OSMnx 2.1 (``osmnx._overpass._get_network_filter``), restated on the tags of
one way.
"""

from typing import Protocol

from walkshed.network.streets import BRIDGE, STEPS, TUNNEL

FILTER_VERSION = "walk-1"
"""Part of the key of every stored network: change it with the filter, and nothing stale is read."""

NOT_WALKABLE = frozenset(
    {"abandoned", "bus_guideway", "construction", "cycleway", "motorway", "motorway_link", "no", "planned"}
    | {"platform", "proposed", "raceway", "razed", "rest_area", "services"}
)
SIDEWALKS = ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")
"""Where one is ``separate``, the pavement is mapped as a way of its own, which counts instead."""


class Tags(Protocol):
    """The tags of one way: a dict, or an osmium tag list."""

    def get(self, key: str, default: str, /) -> str:
        """Look up the value of a key."""
        ...


def is_walkable(tags: Tags) -> bool:
    """Tell whether people may walk along a way.

    Parameters
    ----------
    tags
        The tags of one way.

    Examples
    --------
    >>> is_walkable({"highway": "residential"}), is_walkable({"highway": "footway", "access": "private"})
    (True, False)
    """
    highway = tags.get("highway", "")
    return (
        bool(highway)
        and highway not in NOT_WALKABLE
        and tags.get("area", "") != "yes"
        and "private" not in tags.get("access", "")
        and "private" not in tags.get("service", "")
        and "no" not in tags.get("foot", "")
        and not any(tags.get(side, "") == "separate" for side in SIDEWALKS)
    )


def flags_of(tags: Tags) -> int:
    """Say with the bits `STEPS`, `BRIDGE` and `TUNNEL` what kind of way it is."""
    steps = STEPS if tags.get("highway", "") == "steps" else 0
    bridge = BRIDGE if tags.get("bridge", "no") != "no" else 0
    tunnel = TUNNEL if tags.get("tunnel", "no") != "no" else 0
    return steps | bridge | tunnel
