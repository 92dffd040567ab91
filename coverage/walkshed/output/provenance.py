"""What a file was made from, so that it says so itself wherever it ends up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from walkshed.output.words import plain

if TYPE_CHECKING:
    from walkshed.analysis.study import Coverage


def provenance(result: Coverage) -> dict[str, Any]:
    """Gather the version, the settings, the inputs with their hashes, and the date of the streets.

    Returns
    -------
    dict
        ``walkshed``, ``settings``, ``inputs`` (empty where a result was not made from files), ``streets`` (file,
        sha256 and date). As ``summary.json`` has them.
    """
    source = result.network.source
    return {
        "walkshed": result.summary["walkshed"],
        "settings": result.summary["settings"],
        "inputs": [row | {"file": plain(row["file"])} for row in result.summary.get("inputs", ())],
        "streets": {"file": plain(source.name), "sha256": source.sha256, "date": source.date},
    }


def provenance_text(result: Coverage) -> str:
    """Write the provenance as one line of JSON."""
    return _line(provenance(result))


def provenance_of_both(before: Coverage, after: Coverage) -> str:
    """Write the provenance of a comparison as one line of JSON."""
    return _line({"before": provenance(before), "after": provenance(after)})


def _line(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, allow_nan=False, default=str)
