"""The walk filter, restated for the peers that read a file: which ways people may walk along."""

from __future__ import annotations

from typing import Any

NOT_WALKED = frozenset(
    {"abandoned", "bus_guideway", "construction", "cycleway", "motorway", "motorway_link", "no", "planned", "platform"}
    | {"proposed", "raceway", "razed", "rest_area", "services"}
)


def walked(tags: Any) -> bool:
    """Tell from the tags of a way, a dict or pyosmium's own."""
    return (
        tags.get("highway", "no") not in NOT_WALKED
        and tags.get("area", "") != "yes"
        and "private" not in tags.get("access", "")
        and "private" not in tags.get("service", "")
        and "no" not in tags.get("foot", "")
        and all(tags.get(f"sidewalk{side}", "") != "separate" for side in ("", ":both", ":left", ":right"))
    )
