"""The CRS gate: every frame passes it once, at the door; and what progress is told by.

The tables and their columns are listed in ARCHITECTURE.md. Frames that enter are in any CRS they
name; inside, all geometry is in the streets' own UTM; only `output` goes back to WGS 84.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from walkshed.errors import CRSError

if TYPE_CHECKING:
    import geopandas as gpd
    from pyproj import CRS

WGS84 = "EPSG:4326"

Progress = Callable[[str, float], None]
"""Called with the name of the step at work and the share of it that is done, 0 to 1."""


class _Quiet:
    """Reports no progress."""

    def __call__(self, step: str, share: float) -> None:
        """Do nothing."""

    def __repr__(self) -> str:
        """Read as a name in signatures, where a function would show its address."""
        return "quiet"


quiet = _Quiet()
"""Reports no progress: the default where nobody watches."""


def require_crs(frame: gpd.GeoDataFrame, what: str) -> None:
    """Refuse a frame without a coordinate system.

    Raises
    ------
    CRSError
        Naming the remedy.
    """
    if frame.crs is None:
        raise CRSError(
            f"{what}: no coordinate system is stated; set it, e.g. frame.set_crs('EPSG:4326'), and call again"
        )


def to_crs(frame: gpd.GeoDataFrame, crs: str | CRS, what: str) -> gpd.GeoDataFrame:
    """Pass `frame` through the gate: the same rows in `crs`.

    Raises
    ------
    CRSError
        If the frame states no coordinate system.
    """
    require_crs(frame, what)
    return frame if frame.crs == crs else frame.to_crs(crs)
