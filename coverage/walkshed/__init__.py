"""Who can walk to a station in 15 minutes over the real streets, who cannot, and where the gaps are.

Names are loaded when first used, so that ``import walkshed`` and the command line start at once.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from walkshed.analysis.again import analyze_again
    from walkshed.analysis.clock import at_moment, day_and_night, week
    from walkshed.analysis.judge import judge
    from walkshed.analysis.night import longer_hours, night_gaps
    from walkshed.analysis.profiles import by_profile
    from walkshed.analysis.study import Coverage, analyze
    from walkshed.comparing.compare import Comparison, compare
    from walkshed.demo import DemoCounty, demo_county
    from walkshed.errors import (
        CrewError,
        CRSError,
        FetchError,
        FormatError,
        InputError,
        InputWarning,
        MissingFileError,
        NoStationsError,
        NoStreetsError,
        OutputError,
        WalkshedError,
    )
    from walkshed.inputs import (
        make_grid,
        read_area,
        read_closures,
        read_people,
        read_stations,
        read_zones,
        select_stations,
    )
    from walkshed.network import (
        Streets,
        fetch_area,
        fetch_streets,
        read_streets,
        streets_from_graph,
        with_slope,
        without_closed,
        without_steps,
    )
    from walkshed.output import explore, plot, write_comparison, write_map, write_report
    from walkshed.progress import progress_shown
    from walkshed.reach.walk import PROFILES, Walk
    from walkshed.siting.proposal import Proposal
    from walkshed.siting.sites import fewest_sites, suggest_sites
    from walkshed.siting.solvers import Solution, maximal_coverage, p_center, p_median, set_cover
    from walkshed.siting.worth import Closing, close_stations, station_worth

_HOME = {
    "analyze_again": "analysis.again",
    "Proposal": "siting.proposal",
    "fewest_sites": "siting.sites",
    "suggest_sites": "siting.sites",
    "Solution": "siting.solvers",
    "maximal_coverage": "siting.solvers",
    "p_center": "siting.solvers",
    "p_median": "siting.solvers",
    "set_cover": "siting.solvers",
    "at_moment": "analysis.clock",
    "day_and_night": "analysis.clock",
    "week": "analysis.clock",
    "judge": "analysis.judge",
    "longer_hours": "analysis.night",
    "night_gaps": "analysis.night",
    "Comparison": "comparing.compare",
    "compare": "comparing.compare",
    "by_profile": "analysis.profiles",
    "Coverage": "analysis.study",
    "analyze": "analysis.study",
    "Closing": "siting.worth",
    "close_stations": "siting.worth",
    "station_worth": "siting.worth",
    "DemoCounty": "demo",
    "demo_county": "demo",
    "CRSError": "errors",
    "CrewError": "errors",
    "FetchError": "errors",
    "FormatError": "errors",
    "InputError": "errors",
    "InputWarning": "errors",
    "MissingFileError": "errors",
    "NoStationsError": "errors",
    "NoStreetsError": "errors",
    "OutputError": "errors",
    "WalkshedError": "errors",
    "make_grid": "inputs",
    "read_area": "inputs",
    "read_closures": "inputs",
    "read_people": "inputs",
    "read_stations": "inputs",
    "read_zones": "inputs",
    "select_stations": "inputs",
    "Streets": "network",
    "fetch_area": "network",
    "fetch_streets": "network",
    "read_streets": "network",
    "streets_from_graph": "network",
    "with_slope": "network",
    "without_closed": "network",
    "without_steps": "network",
    "explore": "output",
    "write_comparison": "output",
    "plot": "output",
    "write_map": "output",
    "write_report": "output",
    "progress_shown": "progress",
    "PROFILES": "reach.walk",
    "Walk": "reach.walk",
}

__all__ = [
    "PROFILES",
    "CRSError",
    "Closing",
    "Comparison",
    "Coverage",
    "CrewError",
    "DemoCounty",
    "FetchError",
    "FormatError",
    "InputError",
    "InputWarning",
    "MissingFileError",
    "NoStationsError",
    "NoStreetsError",
    "OutputError",
    "Proposal",
    "Solution",
    "Streets",
    "Walk",
    "WalkshedError",
    "__version__",
    "analyze",
    "analyze_again",
    "at_moment",
    "by_profile",
    "close_stations",
    "compare",
    "day_and_night",
    "demo_county",
    "explore",
    "fetch_area",
    "fetch_streets",
    "fewest_sites",
    "judge",
    "longer_hours",
    "make_grid",
    "maximal_coverage",
    "night_gaps",
    "p_center",
    "p_median",
    "plot",
    "progress_shown",
    "read_area",
    "read_closures",
    "read_people",
    "read_stations",
    "read_streets",
    "read_zones",
    "select_stations",
    "set_cover",
    "station_worth",
    "streets_from_graph",
    "suggest_sites",
    "week",
    "with_slope",
    "without_closed",
    "without_steps",
    "write_comparison",
    "write_map",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'walkshed' has no attribute {name!r}")
    with _collections_put_off():
        value = getattr(import_module(f"walkshed.{_HOME[name]}"), name)
    globals()[name] = value
    return value


@contextmanager
def _collections_put_off() -> Iterator[None]:
    """Look for no cycles while libraries load: all that they make stays, and looking takes a fifth of the time."""
    were_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if were_on:
            gc.enable()


def __dir__() -> list[str]:
    return sorted(__all__)
