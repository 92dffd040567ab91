"""What ran, where and when."""

from __future__ import annotations

import os
import platform
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    *("walkshed", "osmnx", "networkx", "pandana", "pyvalhalla", "pyvalhalla-weekly"),
    *("scipy", "shapely", "geopandas", "osmium", "numba", "numpy"),
)


def described() -> str:
    """One paragraph: the day, the machine, the versions."""
    found = ", ".join(f"{name} {v}" for name in PACKAGES if (v := installed(name)))
    return (
        f"{date.today():%Y-%m-%d}; {platform.system()} {platform.machine()}, {processor()}, {os.cpu_count()} cores, "
        f"{memory_gb():.0f} GB; Python {platform.python_version()}; {found}."
    )


def installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"


def memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
