"""The date that a file holds where its format asks for one: never the time of writing, so that the same result is the
same file.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from walkshed.errors import InputError

if TYPE_CHECKING:
    from walkshed.analysis.study import Coverage

EPOCH = "SOURCE_DATE_EPOCH"
"""Seconds since 1970, in the environment: https://reproducible-builds.org/specs/source-date-epoch/."""

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""The earliest that a zip archive, such as a workbook, can hold."""


def stamp(streets_date: str | None) -> datetime:
    """Date a file: as the environment says, else as the streets' data, else 1980.

    Parameters
    ----------
    streets_date
        ISO text.

    Raises
    ------
    InputError
        If the environment names no number of seconds.
    """
    if stated := os.environ.get(EPOCH):
        try:
            return max(datetime.fromtimestamp(int(stated), UTC), EARLIEST)
        except (ValueError, OverflowError, OSError):
            raise InputError(f"{EPOCH}: must be whole seconds since 1970; found {stated[:40]!r}") from None
    try:
        return max(datetime.fromisoformat((streets_date or "")[:10]).replace(tzinfo=UTC), EARLIEST)
    except ValueError:
        return EARLIEST


def stamp_of(result: Coverage) -> datetime:
    """Date the files of a result."""
    return stamp(result.summary["streets"]["date"])


def is_timed() -> bool:
    """Tell whether a summary may say how long it took: not where the environment fixes the date."""
    return EPOCH not in os.environ
