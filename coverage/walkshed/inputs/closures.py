"""Closures: what is shut to walking, as lines, polygons, or ids of OpenStreetMap ways."""

from __future__ import annotations

import re
from os import PathLike
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from walkshed.errors import InputError
from walkshed.inputs.cells import texts
from walkshed.inputs.headings import listing, normalise
from walkshed.inputs.places import flat
from walkshed.inputs.tables import Table, read_table
from walkshed.phrases import Phrase
from walkshed.schema import WGS84

HEADINGS = ("osm_id", "osmid", "way_id", "@id", "id")
_ID = re.compile(r"(?:way/|w)?(\d+)(?:\.0)?", re.IGNORECASE)


def read_closures(path: str | PathLike[str]) -> gpd.GeoDataFrame:
    """Read what is closed.

    Parameters
    ----------
    path
        Map layers of lines along the closed streets or polygons over them, in any CRS that they state; or a list of
        ids of OpenStreetMap ways under ``osm_id``, ``way_id`` or ``id`` (123 or way/123), which also serve features
        without a shape.

    Returns
    -------
    GeoDataFrame
        EPSG:4326; ``osm_id`` (int64, 0 where the shape says it), geometry (None where the id does).

    Raises
    ------
    InputError
        If the file cannot be read, holds nothing, or says neither by shapes nor by ids what is closed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "closed.csv")
    ...     _ = path.write_text("osm_id\\n9000000001\\n", encoding="utf-8")
    ...     closed = ws.read_closures(path)
    >>> closed["osm_id"].tolist()
    [9000000001]
    """
    table = read_table(Path(path), ())
    if not len(table):
        raise InputError(Phrase("walking.closures_empty", source=table.source))
    geometry = np.full(len(table), None, dtype=object)
    if table.geometry is not None:
        geometry = flat(table.geometry, table.source).to_numpy()
    drawn = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    ids = np.zeros(len(table), dtype=np.int64)
    if not drawn.all():
        ids[~drawn] = _ids(table, ~drawn)
    geometry[~drawn] = None
    return gpd.GeoDataFrame({"osm_id": ids}, geometry=geometry, crs=WGS84)


def _ids(table: Table, rows: NDArray[np.bool_]) -> list[int]:
    """Read the ids of rows without a shape."""
    known = [normalise(heading) for heading in table.headings]
    column = next((known.index(normalise(h)) for h in HEADINGS if normalise(h) in known), None)
    if column is None:
        headings = listing(table.headings)
        raise InputError(Phrase("walking.closures_no_ids", source=table.source, headings=headings))
    found = [(_ID.fullmatch(text.strip()), text) for text in np.array(texts(table.cells[column]), dtype=object)[rows]]
    wrong = [text for match, text in found if match is None]
    if wrong:
        raise InputError(Phrase("walking.closures_wrong_id", source=table.source, found=wrong[0]))
    return [int(match[1]) for match, _ in found if match is not None]
