"""``Found``: what is picked out of an OSM file before it becomes streets."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from walkshed.network.clip import Box
from walkshed.network.polylines import Polylines
from walkshed.network.surroundings import Collector

Area = tuple[str, str, list[int]]
"""Kind, name and member ways of an area that is mapped with several outlines."""


@dataclass
class Found:
    """What the passes over a file met.

    Attributes
    ----------
    lines, osm_id, name, highway, flags
        The walkable ways that were kept; `lines` are `Polylines`, or `Placed` ones.
    around
        What is no street.
    refused
        Ways of the whole file with a ``highway`` that is not walkable, by its value.
    newest
        When a walkable way was last changed.
    box
        Around all walkable ways, kept or not; only known where some were not kept.
    unplaced
        One node each of the walkable ways that were not kept because none of their nodes is in the file.
    """

    lines: Any = field(default_factory=Polylines)
    osm_id: array[int] = field(default_factory=lambda: array("q"))
    name: list[str] = field(default_factory=list)
    highway: list[str] = field(default_factory=list)
    flags: bytearray = field(default_factory=bytearray)
    around: Collector = field(default_factory=Collector)
    refused: Counter[str] = field(default_factory=Counter)
    newest: datetime | None = None
    box: Box | None = None
    unplaced: array[int] = field(default_factory=lambda: array("q"))
