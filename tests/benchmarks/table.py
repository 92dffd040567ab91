"""The table of results, for the terminal and for RESULTS.md."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row, as it is printed.

    Attributes
    ----------
    name, what, against
        How the row is chosen, what was done, and who else did it.
    ours, theirs, ratio, aim
        Medians, theirs over ours, and the ratio or limit that is aimed at.
    store
        The ratio with streets from the store.
    cpu, memory
        Seconds on all cores and peak MB, ours and theirs.
    agreement, note
        How near the answers are, looked at before anything was timed; what a reader must know.
    """

    name: str
    what: str
    against: str = ""
    ours: str = ""
    theirs: str = ""
    ratio: str = ""
    aim: str = ""
    store: str = ""
    cpu: str = ""
    memory: str = ""
    agreement: str = ""
    note: str = ""

    def figures(self, **cells: str) -> Line:
        return replace(self, **cells)

    def remarks(self, agreement: str, note: str) -> Line:
        return replace(self, agreement=agreement, note=note)


HEADS = {
    "name": "row",
    "what": "what",
    "against": "against",
    "ours": "walkshed",
    "theirs": "peer",
    "ratio": "ratio",
    "aim": "aim",
    "store": "from the store",
    "cpu": "CPU s",
    "memory": "peak MB",
}


def markdown(lines: list[Line]) -> str:
    """The figures as a table, and under it what agreement and notes say of each row."""
    rows = [[getattr(line, name) for name in HEADS] for line in lines]
    table = [HEADS.values(), ["---"] * len(HEADS), *rows]
    text = "\n".join("| " + " | ".join(row) + " |" for row in table)
    said = "\n".join(f"- **{line.name}** ({line.what}): {said_of(line)}" for line in lines if said_of(line))
    return f"{text}\n\nAgreement, looked at before anything was timed, and remarks:\n\n{said}\n"


def said_of(line: Line) -> str:
    return "; ".join(part for part in (line.agreement, line.note) if part)


def plain(lines: list[Line]) -> str:
    """The same for a terminal."""
    rows = [list(HEADS.values()), *([getattr(line, name) for name in HEADS] for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    text = "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)
    said = "\n".join(f"{line.name}: {said_of(line)}" for line in lines if said_of(line))
    return f"{text}\n\n{said}\n"
