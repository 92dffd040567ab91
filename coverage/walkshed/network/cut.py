"""``cut_streets``: the streets around many areas, cut out of one file in one pass, into the store.

Whoever reads the streets around one of these areas afterwards, in whatever process, finds them there. What is found is
what `read_streets` would have read: both end in the same scan and the same building.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from walkshed.errors import InputWarning, WalkshedError
from walkshed.network.clip import Clip
from walkshed.network.files import require_file
from walkshed.network.osm import scan_limit, streets_of
from walkshed.network.osm_file import OsmFile
from walkshed.network.osm_scan import scan_all
from walkshed.network.read import asked_of, kind_of
from walkshed.network.store import Store
from walkshed.schema import Progress, quiet

AREAS_A_PASS = 128
"""How many areas' streets are held at once: more take another pass, so that memory has a bound."""


def cut_streets(
    path: str | Path,
    clips: Sequence[Clip],
    *,
    store: str | Path,
    min_island_m: float = 1000.0,
    progress: Progress = quiet,
) -> dict[int, WalkshedError]:
    """Put the streets around many areas into a store.

    Parameters
    ----------
    path
        An OpenStreetMap file. Graphs and road lines are left to `read_streets`, which reads them by area.
    clips
        The areas, with their budgets. What the store holds already is not read again.
    store
        Folder that keeps what was read.
    min_island_m
        As for `read_streets`.
    progress
        Told of each step.

    Returns
    -------
    dict
        Position in `clips` -> why there are no streets for it; a fault of one area is none of the others'.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    file = require_file(path)
    if (kind := kind_of(file)) != "osm" or not clips:
        return {}
    asked = [asked_of(file, kind, {"min_island_m": float(min_island_m)}, clip) for clip in clips]
    kept = Store(store)
    left = [i for i, one in enumerate(asked) if not kept.holds(file, one)]
    failed: dict[int, WalkshedError] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # they are stored, and said to whoever takes the streets out
        for i, make in _made(OsmFile(file), clips, left, min_island_m, progress):
            try:
                kept.get_or_read(file, asked[i], make)
            except WalkshedError as error:
                failed[i] = error
    progress("streets", 1.0)
    return failed


def _made(
    file: OsmFile, clips: Sequence[Clip], left: Sequence[int], min_island_m: float, progress: Progress
) -> Iterator[tuple[int, Any]]:
    """Scan the file, and hand out how each area's streets are made: only one area's are built at a time."""
    for start in range(0, len(left), AREAS_A_PASS):
        now = left[start : start + AREAS_A_PASS]
        progress("streets", start / len(left))
        found = scan_all(file, [scan_limit(clips[i], min_island_m) for i in now])
        for n, i in enumerate(now):
            progress("streets", (start + n + 1) / len(left))
            yield i, partial(streets_of, file, found[n], clips[i], min_island_m)
