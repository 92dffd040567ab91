"""``each_once``: what became of every station of the lists that many studies take theirs from: each is counted once."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

STATES = ("used", "unknown", "closed", "unsnapped", "outside")
"""What became of a station, the first that is true of it in any area. Unknown: it is near an area that failed; closed:
near one that is told at a moment, and not open for certain then."""

COLUMNS = ("list", "station_id", "name", "status", "area", "lon", "lat")


def each_once(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tell what became of each station, over all studies.

    Parameters
    ----------
    frames
        Of each study those near it, and all of each list: list (whatever tells lists apart), station_id, name, status
        (one of `STATES`), area ("" where it is near none); lon and lat (WGS 84, degrees), where they are known.

    Returns
    -------
    DataFrame
        One row a station, by list and id: list, station_id, name, status, areas (those where the status is true), lon
        and lat (NaN where they are not known).

    Examples
    --------
    >>> import pandas as pd
    >>> near = pd.DataFrame({"list": "a.csv", "station_id": ["1", "2"], "name": "", "status": "used", "area": "East"})
    >>> far = near.assign(status="outside", area="")
    >>> told = each_once([near.head(1), near.head(1).assign(area="West"), far])
    >>> told[["station_id", "status", "areas"]].to_numpy().tolist()
    [['1', 'used', 'East, West'], ['2', 'outside', '']]
    """
    table = pd.concat([pd.DataFrame(columns=list(COLUMNS), dtype=object), *frames], ignore_index=True)
    table[["lon", "lat"]] = table[["lon", "lat"]].astype(float)
    keys = [table["list"], table["station_id"]]
    rank = table["status"].map({state: i for i, state in enumerate(STATES)})
    true = table[rank == rank.groupby(keys).transform("min")]
    once = true.groupby(["list", "station_id"], sort=True)
    told = once[["name", "status", "lon", "lat"]].first().assign(areas=once["area"].agg(", ".join))
    return told.reset_index()[["list", "station_id", "name", "status", "areas", "lon", "lat"]]
