"""``Coverage`` -> files: the map, the report, layers and tables. Nothing here computes a figure."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from walkshed.output.axes import plot
    from walkshed.output.compare_files import write_comparison
    from walkshed.output.export import write_geopackage, write_report, write_summary, write_tables
    from walkshed.output.report import render_report
    from walkshed.output.webmap import explore, render_map, write_map

_HOME = {
    "explore": "webmap",
    "plot": "axes",
    "render_map": "webmap",
    "render_report": "report",
    "write_comparison": "compare_files",
    "write_geopackage": "export",
    "write_map": "webmap",
    "write_report": "export",
    "write_summary": "export",
    "write_tables": "export",
}

__all__ = [
    "explore",
    "plot",
    "render_map",
    "render_report",
    "write_comparison",
    "write_geopackage",
    "write_map",
    "write_report",
    "write_summary",
    "write_tables",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'walkshed.output' has no attribute {name!r}")
    return getattr(import_module(f"walkshed.output.{_HOME[name]}"), name)
