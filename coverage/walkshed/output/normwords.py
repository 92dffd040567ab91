"""A norm in words: its table in the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from walkshed.analysis.judge import judge
from walkshed.output.words import Words
from walkshed.reach.norms import Target, norm_of

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage


def norm_chapter(result: Coverage, words: Words) -> dict[str, Any] | None:
    """Gather what ``report_norm.html`` shows; None where the walk follows no norm."""
    if result.walk.follows is None:
        return None
    norm, frame = norm_of(result.walk.follows), judge(result, result.walk.follows)
    judged = frame["met"].notna().sum()
    values = {"norm": norm.title[words.lang], "met": int((frame["met"] == True).sum()), "judged": int(judged)}  # noqa: E712
    return {
        "lead": words("norm.lead" if judged else "norm.lead_none", **values),
        "rows": norm_rows(result, words),
        "source": norm.source[words.lang],
        "verified": norm.verified,
    }


def norm_rows(result: Coverage, words: Words) -> list[dict[str, Any]]:
    """Word the rows of `judge`: ``says``, ``measure``, ``asked``, ``found``, ``verdict``, ``met``."""
    name = result.walk.follows or ""
    rows = judge(result, name).to_dict("records")
    return [_row(row, target, words) for row, target in zip(rows, norm_of(name).targets, strict=True)]


def _row(row: dict[str, Any], target: Target, words: Words) -> dict[str, Any]:
    limit = "norm.at_least" if target.at_least is not None else "norm.at_most"
    return {
        "says": target.says[words.lang],
        "measure": words(f"norm.m_{row['measure']}"),
        "asked": "–" if row["asked"] is None else words(limit, figure=_figure(row["asked"], target, words)),
        "found": _figure(row["found"], target, words),
        "verdict": _verdict(row, target, words),
        "met": row["met"],
    }


def _figure(value: float | None, target: Target, words: Words) -> str:
    return words.number(value) if target.measure == "people_per_station" else words.share(value)


def _verdict(row: dict[str, Any], target: Target, words: Words) -> str:
    if row["found"] is None:
        return words("norm.not_known" if row["met"] is None else "norm.no_station")
    if row["asked"] is None:
        return words("norm.no_figure")
    size = abs(row["margin"])
    if target.measure == "people_per_station":
        margin = words.number(size)
    else:
        margin = words("norm.points", points=f"{max(100 * size, 0.1):.1f}")
    if row["met"]:
        return words("norm.met") if size == 0 else words("norm.met_by", margin=margin)
    return words("norm.missed_by", margin=margin)
