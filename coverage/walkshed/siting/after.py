"""What is covered once proposed sites stand, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage


def coverage_after(result: Coverage, sites: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add the gains of sites to what is covered at the largest cutoff.

    Parameters
    ----------
    result
        What `analyze` returned.
    sites
        ``order``, and ``gain_street_km`` and ``gain_people``: what each adds once those before it stand.

    Returns
    -------
    DataFrame
        One row before any site (order 0), then one a site: ``order``, ``street_km``, ``street_share`` (of the street
        in the area), ``people`` and ``people_share`` (of those that are not unknown; None where no people are given).
    """
    last, people = result.summary["coverage"][-1], result.summary["people"]
    sites = sites.sort_values("order", kind="stable")
    street_km = last["street_km"] + np.append(0.0, sites["gain_street_km"].to_numpy(float).cumsum())
    table = pd.DataFrame(
        {
            "order": np.append(0, sites["order"].to_numpy(int)),
            "street_km": street_km,
            "street_share": street_km / result.summary["streets"]["street_km"],
            "people": None,
            "people_share": None,
        }
    )
    if last["people_share"] is not None:
        heads = last["people"] + np.append(0.0, sites["gain_people"].to_numpy(float).cumsum())
        table["people"], table["people_share"] = heads, heads / (people["total"] - people["unknown"])
    return table
