"""What the examples in docstrings start from: the demo county, as the reference's first page has it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from _pytest.doctest import DoctestItem

NAMES = ("streets", "stations", "area", "zones", "result")
USED = re.compile(rf"\b({'|'.join(('ws', 'county', *NAMES))})\b")


@cache
def demo() -> dict[str, Any]:
    """Read and analyze the county town, once a process."""
    import walkshed as ws

    county = ws.demo_county()
    streets = ws.read_streets(county.streets)
    stations = ws.select_stations(ws.read_stations(county.stations), categories=("爱心驿站",))
    area, zones = ws.read_area(county.town), ws.read_zones(county.zones)
    result = ws.analyze(streets, stations, area=area, zones=zones)
    return {"ws": ws, "county": county} | dict(zip(NAMES, (streets, stations, area, zones, result), strict=True))


@pytest.fixture(autouse=True)
def _demo_in_examples(request: pytest.FixtureRequest, doctest_namespace: dict[str, Any]) -> None:
    item = request.node
    if isinstance(item, DoctestItem) and any(USED.search(example.source) for example in item.dtest.examples):
        doctest_namespace.update(demo())
