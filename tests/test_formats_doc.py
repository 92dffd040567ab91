"""The page of accepted formats, headings and wordings is what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from walkshed.inputs.accepted import HOURS, UNREAD, page
from walkshed.inputs.headings import MEANINGS
from walkshed.inputs.hours import read_hours

ROOT = Path(__file__).parents[1]


def test_the_page_is_up_to_date() -> None:
    written = (ROOT / "docs" / "accepted.md").read_text(encoding="utf-8")
    assert written == page(), "run: python -m walkshed.inputs.accepted docs/accepted.md"


def test_every_heading_stands_in_it() -> None:
    text = page()
    assert all(heading in text for headings in MEANINGS.values() for heading in headings)


@pytest.mark.parametrize("wording", HOURS)
def test_what_it_promises_is_read(wording: str) -> None:
    assert read_hours(wording) is not None


@pytest.mark.parametrize("wording", UNREAD)
def test_what_it_excludes_is_not(wording: str) -> None:
    assert read_hours(wording) is None


def test_the_readme_leads_to_it() -> None:
    assert "(docs/accepted.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
