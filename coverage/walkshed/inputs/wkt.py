"""Places written as well-known text: ``POINT (119.3 33.2)``, with ``SRID=4490;`` before it or not."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

_SRID = re.compile(r"\s*SRID\s*=\s*(\d{1,6})\s*;", re.IGNORECASE)


def read_wkt(cells: Sequence[str]) -> tuple[NDArray[np.object_], list[int], NDArray[np.bool_]]:
    """Read shapes from text.

    Parameters
    ----------
    cells
        One shape each, or blank.

    Returns
    -------
    shapes
        (n,) of shapely; None where there is none.
    srids
        The numbers of coordinate systems that are named, each once.
    bad
        (n,) bool: something stands there that is no shape.

    Examples
    --------
    >>> shapes, srids, bad = read_wkt(["SRID=4490;POINT (119.3 33.2)", "", "POINT (x)"])
    >>> shapes[0].x, srids, bad.tolist()
    (119.3, [4490], [False, False, True])
    """
    named = [_SRID.match(cell) for cell in cells]
    bare = np.array([c[m.end() :] if m else c for c, m in zip(cells, named, strict=True)], dtype=object)
    shapes = shapely.from_wkt(bare, on_invalid="ignore")
    bad = np.array([bool(text) and shape is None for text, shape in zip(bare, shapes, strict=True)], dtype=bool)
    return shapes, sorted({int(m[1]) for m in named if m}), bad
