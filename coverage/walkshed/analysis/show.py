"""How a result shows itself in a notebook: its headline and tables, as text. Drawing stays in `output`."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage
    from walkshed.siting.proposal import Proposal
    from walkshed.siting.worth import Closing

SHOWN_GAPS = 5


def headline_text(result: Coverage) -> str:
    """Say the result in a sentence."""
    h = result.headline
    people = "" if h["people_share"] is None else f" and {h['people_share']:.1%} of people"
    gaps = f"{h['gaps']:,} gap{'' if h['gaps'] == 1 else 's'}: {h['gap_street_km']:,.1f} km"
    stations = f"{h['stations_used']:,} station{'' if h['stations_used'] == 1 else 's'}"
    heads = "" if h["gap_people"] is None else f" and {h['gap_people']:,.0f} people"
    return (
        f"{h['street_share']:.1%} of {result.summary['streets']['street_km']:,.1f} km of street{people} "
        f"within {h['cutoff_min']:g} min of {stations}; {gaps}{heads}."
    )


def result_html(result: Coverage) -> str:
    """Show the headline, the coverage at each cutoff, and the first gaps; all text is escaped."""
    gaps = result.gaps.head(SHOWN_GAPS)[
        ["gap_id", "street_km", "people", "walk_min_median", "walk_min_max", "station_name", "zone"]
    ]
    return (
        f"<div><p><b>{escape(headline_text(result))}</b></p>"
        f"{_html(pd.DataFrame(result.summary['coverage']))}{_html(pd.DataFrame(gaps))}</div>"
    )


def proposal_html(proposal: Proposal) -> str:
    """Show what a proposal gains, its sites in order, and the coverage before and after; all text is escaped."""
    sites = proposal.sites[["order", "name", "kind", "zone", "gain_street_km", "gain_people"]]
    return (
        f"<div><p><b>{escape(repr(proposal))}</b></p>"
        f"{_html(pd.DataFrame(sites))}{_html(_before_and_after(proposal.before, proposal.after))}</div>"
    )


def closing_html(closing: Closing) -> str:
    """Show what closing stations loses, and the coverage before and after; all text is escaped."""
    return f"<div><p><b>{escape(repr(closing))}</b></p>{_html(_before_and_after(closing.before, closing.after))}</div>"


def _before_and_after(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> pd.DataFrame:
    shown = ["cutoff_min", "street_share", "people_share"]
    first, then = (pd.DataFrame(rows).reindex(columns=shown) for rows in (before, after))
    return first.merge(then, on="cutoff_min", suffixes=("_before", "_after"))


def _figure(value: float) -> str:
    """Write three digits, and never a power of ten."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _html(table: pd.DataFrame) -> str:
    html: Any = table.dropna(axis="columns", how="all").to_html(
        index=False, border=0, float_format=_figure, na_rep="", justify="left"
    )
    return str(html)
