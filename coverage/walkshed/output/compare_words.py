"""A comparison in words: what its report, its map and the terminal say alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from walkshed.analysis.notes import NO_STATIONS
from walkshed.output.words import Words, plain

if TYPE_CHECKING:
    from walkshed.comparing.compare import Comparison


def side_names(comparison: Comparison, words: Words) -> tuple[str, str]:
    """Name both sides: by their files, else before and after."""
    before, after = (plain(name) for name in comparison.names)
    return before or words("change.before"), after or words("change.after")


def headline_of(comparison: Comparison, row: Mapping[str, Any], words: Words) -> str:
    """Say in one sentence what changes at a cutoff; `row` is of `comparison.coverage`."""
    has_people = not pd.isna(row["people_share_before"]) and not pd.isna(row["people_share_after"])
    text = words(
        "change.headline_people" if has_people else "change.headline_street",
        cutoff=f"{row['cutoff_min']:g}",
        before=words.share(row["street_share_before"]),
        after=words.share(row["street_share_after"]),
        people_before=words.share(row["people_share_before"]),
        people_after=words.share(row["people_share_after"]),
    )
    counted = not pd.isna(row["people_gained"])
    return text + words(
        "change.headline_change_people" if counted else "change.headline_change",
        gained=words.number(row["gained_km"], 1),
        lost=words.number(row["lost_km"], 1),
        people_gained=words.people(row["people_gained"]),
        people_lost=words.people(row["people_lost"]),
    )


def note_lines(comparison: Comparison, words: Words) -> list[str]:
    """Say what a reader must know of the comparison itself, and of a side without a station why it has none."""
    sides = zip(side_names(comparison, words), (comparison.before, comparison.after), strict=True)
    none = [
        words("change.note_side", side=side, note=words.note(note))
        for side, result in sides
        for note in result.notes
        if note.code in NO_STATIONS
    ]
    return none + [words(f"change.note_{note.code}", **note.values) for note in comparison.notes]


def change_words(change: str, words: Words) -> str:
    """Say what became of a station; of one that stays, nothing."""
    return "" if change == "kept" else words(f"change.change_{change}")
