"""``read_osm``: an OpenStreetMap file becomes ``Streets`` and their surroundings.

Memory
------
Without an area, and of PBF files under 64 MB, node locations (16 bytes for each node of the file) and the ways
with their nodes are held in memory. With an area, for larger files and other formats, node locations go to a
temporary file of that size, which is removed afterwards; of the ways, only those are held whose box comes within
one budget and `min_island_m` of the area. So memory grows with what lies around the area, not with the file. Set
the environment variable TMPDIR (TEMP on Windows) where the system's folder for temporary files is too small.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from walkshed.errors import FormatError, InputError, NoStreetsError
from walkshed.network.build import Ways, build_streets
from walkshed.network.clip import PLANAR, Box, Clip, widen
from walkshed.network.files import sha256_of
from walkshed.network.found import Found
from walkshed.network.osm_file import OsmFile
from walkshed.network.osm_scan import scan
from walkshed.network.plane import bounds_of
from walkshed.network.streets import Source, Streets
from walkshed.phrases import Phrase
from walkshed.schema import Progress, quiet

AROUND_M = 1200.0
"""How far beyond the streets their surroundings are kept, where no area is given."""


def read_osm(
    path: str | Path,
    *,
    clip: Clip | None = None,
    min_island_m: float = 1000.0,
    sha256: str | None = None,
    progress: Progress = quiet,
) -> Streets:
    """Read the walkable streets of an OSM file, and what lies around them.

    Nodes that are not in the file, or out of range, break their way there. Objects may come in any order.

    Parameters
    ----------
    path
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.
    clip
        Keep only what comes within one budget of an area, in bounded memory.
    min_island_m
        Connected pieces with less street than this are left out, in metres.
    sha256
        Hash of the file, where it is known already.
    progress
        Told of each step.

    Raises
    ------
    MissingFileError, FormatError
        If there is no such file; if it is not an OSM file, or damaged.
    NoStreetsError
        If there is no walkable street in it, or none near the area.
    """
    file = OsmFile(path)
    progress("streets", 0.0)
    found = scan(file, scan_limit(clip, min_island_m) if clip else None)
    progress("streets", 0.6)
    streets = streets_of(file, found, clip, min_island_m, sha256 or sha256_of(file.path))
    progress("streets", 1.0)
    return streets


def scan_limit(clip: Clip, min_island_m: float) -> Box:
    """Bound what decides on the streets of a clip: those within one budget, and the islands that they belong to."""
    return clip.box((clip.budget_m + min_island_m) * PLANAR)


def streets_of(file: OsmFile, found: Found, clip: Clip | None, min_island_m: float, sha256: str) -> Streets:
    """Make streets and their surroundings of what was found in a file.

    Raises
    ------
    FormatError, NoStreetsError
        As `read_osm`.
    """
    streets = _streets(file, found, clip, min_island_m, sha256)
    around = clip.box(clip.budget_m) if clip else widen(streets.source.extent, AROUND_M)
    return replace(streets, surroundings=found.around.frames(streets.crs, around))


def _streets(file: OsmFile, found: Found, clip: Clip | None, min_island_m: float, sha256: str) -> Streets:
    if not len(found.lines):
        raise clip.misses(str(file.path), file.box or found.box) if clip and found.box else _nothing_found(file, found)
    nodes = found.lines.nodes()
    if not len(nodes.ids):
        raise _no_coordinates(file, np.array(found.lines.refs))
    way = np.repeat(np.arange(len(found.lines)), np.array(found.lines.sizes))
    row = nodes.row
    joined = np.flatnonzero((way[1:] == way[:-1]) & (row[1:] >= 0) & (row[:-1] >= 0))
    return build_streets(
        node_id=nodes.ids,
        lonlat=nodes.lonlat,
        seg_a=row[joined],
        seg_b=row[joined + 1],
        seg_way=way[joined],
        ways=Ways(
            osm_id=np.array(found.osm_id, dtype=np.int64),
            name=found.name,
            highway=found.highway,
            flags=np.frombuffer(found.flags, dtype=np.uint8),
        ),
        source=Source(
            name=file.path.name,
            origin="synthetic" if "synthetic" in file.generator.lower() else "osm",
            date=file.date or _newest(found),
            extent=file.box or found.box or bounds_of(nodes.lonlat),
            sha256=sha256,
        ),
        min_island_m=min_island_m,
        keep=clip,
    )


def _newest(found: Found) -> str | None:
    """Take the latest change for the date; objects without a timestamp claim 1970."""
    return found.newest.date().isoformat() if found.newest and found.newest.year > 2000 else None


def _nothing_found(file: OsmFile, found: Found) -> InputError:
    if found.unplaced:
        return _no_coordinates(file, np.array(found.unplaced))
    count, tags = file.count_ways() if not found.refused else (found.refused.total(), Counter[str]())
    if found.refused:
        tags = Counter({f"highway={value}": n for value, n in found.refused.items()})
    most = ", ".join(f"{tag} ({n})" for tag, n in tags.most_common(5)) or "no tags"
    return NoStreetsError(Phrase("network.osm_none", source=file.path, count=count, most=most))


def _no_coordinates(file: OsmFile, refs: NDArray[np.int64]) -> FormatError:
    if refs.max() < 0:
        return FormatError(Phrase("network.osm_negative", source=file.path))
    return FormatError(Phrase("network.osm_nodes", source=file.path))
