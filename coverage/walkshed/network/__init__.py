"""Street networks: one model, `Streets`, and one reader for each kind of source.

Names are loaded when first used: reading a file of one kind does not load the readers of the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from walkshed.network.graph import streets_from_graph
    from walkshed.network.left_out import without_closed, without_steps
    from walkshed.network.overpass import fetch_area, fetch_streets
    from walkshed.network.read import read_streets
    from walkshed.network.slope import with_slope
    from walkshed.network.streets import Source, Streets, Surroundings

_HOME = {
    "Source": "streets",
    "Streets": "streets",
    "Surroundings": "streets",
    "fetch_area": "overpass",
    "fetch_streets": "overpass",
    "read_streets": "read",
    "streets_from_graph": "graph",
    "with_slope": "slope",
    "without_closed": "left_out",
    "without_steps": "left_out",
}

__all__ = [
    "Source",
    "Streets",
    "Surroundings",
    "fetch_area",
    "fetch_streets",
    "read_streets",
    "streets_from_graph",
    "with_slope",
    "without_closed",
    "without_steps",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'walkshed.network' has no attribute {name!r}")
    return getattr(import_module(f"walkshed.network.{_HOME[name]}"), name)
