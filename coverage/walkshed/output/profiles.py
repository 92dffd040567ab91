"""Who walks, side by side: rows for the report and the workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from walkshed.output.words import Words, catalogue, plain

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage


def profile_rows(result: Coverage, words: Words) -> dict[str, Any] | None:
    """Lay the profiles out as one row each; None where none were asked for."""
    if result.profiles is None:
        return None
    rows = [
        {
            "name": profile_name(str(name), words),
            "beside": f"{own['speed_kmh'].iloc[0]:g}",
            "street_km": float(own["street_total_km"].iloc[0]),
            "street": own["street_share"].tolist(),
            "people": own["people_share"].tolist(),
        }
        for name, own in result.profiles.groupby("profile", sort=False)
    ]
    stepless = result.profiles.loc[~result.profiles["steps"].astype(bool), "street_total_km"]
    lost_km = result.summary["streets"]["street_km"] - float(stepless.iloc[0]) if len(stepless) else 0.0
    return {"rows": rows, "lost_km": lost_km, "stepless": bool(len(stepless)) and result.walk.steps}


def profile_name(name: str, words: Words) -> str:
    """Name a profile: a known one in the reader's language, an own one as the user does."""
    return words(f"who.name_{name}") if f"who.name_{name}" in catalogue() else plain(name)


def profile_table(result: Coverage, words: Words) -> pd.DataFrame | None:
    """Hand out the profiles' table with their names in the reader's language."""
    if result.profiles is None:
        return None
    return result.profiles.assign(profile=[profile_name(str(name), words) for name in result.profiles["profile"]])
