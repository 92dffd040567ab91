"""What a file was made from, so that it says so itself wherever it ends up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from walkshed import __version__
from walkshed.output.words import plain

if TYPE_CHECKING:
    from walkshed.analysis.rollup import Rollup
    from walkshed.analysis.study import Coverage
    from walkshed.network.streets import Streets


def provenance(result: Coverage) -> dict[str, Any]:
    """Gather the version, the settings, the inputs with their hashes, and the date of the streets.

    Returns
    -------
    dict
        ``walkshed``, ``settings``, ``inputs`` (empty where a result was not made from files), ``streets`` (file,
        sha256 and date). As ``summary.json`` has them.
    """
    return provenance_of_streets(result.network) | {
        "walkshed": result.summary["walkshed"],
        "settings": result.summary["settings"],
        "inputs": [row | {"file": plain(row["file"])} for row in result.summary.get("inputs", ())],
    }


def provenance_of_streets(streets: Streets) -> dict[str, Any]:
    """Gather what is told of streets alone: version, the setting that made them, file, hash and date."""
    source = streets.source
    return {
        "walkshed": __version__,
        "settings": {"min_island_m": source.min_island_m},
        "inputs": [{"role": "streets", "file": plain(source.name), "sha256": source.sha256}],
        "streets": {"file": plain(source.name), "sha256": source.sha256, "date": source.date},
    }


def provenance_of_many(rolled: Rollup) -> dict[str, Any]:
    """Gather what a roll-up was made from: version, each settings that differ, each file once, the newest streets."""
    told = rolled.made_from
    return {"walkshed": __version__, **told, "inputs": [row | {"file": plain(row["file"])} for row in told["inputs"]]}


def provenance_text(result: Coverage) -> str:
    """Write the provenance as one line of JSON."""
    return told_text(provenance(result))


def provenance_of_both(before: Coverage, after: Coverage) -> str:
    """Write the provenance of a comparison as one line of JSON."""
    return told_text({"before": provenance(before), "after": provenance(after)})


def told_text(told: Mapping[str, Any]) -> str:
    """Write what is told as one line of JSON."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, allow_nan=False, default=str)
