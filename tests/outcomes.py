"""The tables of ``docs/faults.md``: each test of a fault or a hostile file says what came of it, and the page is held to it.

To write the page anew: WALKSHED_WRITE_OUTCOMES=1 pytest -n 0 tests/test_faults.py tests/test_hostile_outcomes.py
"""

from __future__ import annotations

import os
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "faults.md"
SECTIONS = {"fault": "Faults", "hostile": "Hostile input"}
_HEADS = {"fault": ("What happens", "What comes of it"), "hostile": ("What is read", "What comes of it")}


def settle(section: str, what: str, outcome: str) -> None:
    """Hold a row of the page against what was seen, or write it."""
    row = f"| {_cell(what)} | {_cell(outcome)} |"
    text = PAGE.read_text(encoding="utf-8")
    if not os.environ.get("WALKSHED_WRITE_OUTCOMES"):
        assert row in text, f"docs/faults.md does not have this row; tests/outcomes.py says how to write it: {row}"
        return
    before, head, rest = text.partition(f"## {SECTIONS[section]}\n")
    table, mark, after = rest.partition("\n## ")
    lines = table.rstrip("\n").splitlines()
    at = next((i for i, line in enumerate(lines) if line.startswith(f"| {_cell(what)} |")), len(lines))
    lines[at : at + 1] = [row]
    PAGE.write_text(before + head + "\n".join(lines) + "\n" + mark + after, encoding="utf-8")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
