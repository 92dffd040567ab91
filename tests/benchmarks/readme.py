"""The benchmark in the README: the block between two marks holds the table of RESULTS.md, and nothing else.

`python -m benchmarks.readme`, from ``tests``, writes it into both READMEs; a benchmark that writes RESULTS.md does so, too.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).with_name("RESULTS.md")
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
BEGIN, END = "<!-- benchmark: from tests/benchmarks/RESULTS.md -->", "<!-- benchmark: end -->"
SHOWN = ("what", "against", "walkshed", "peer", "ratio")
NONE_YET = "`make bench` has not written its table here yet."


def block() -> str:
    """Take what the README shows of RESULTS.md: where, and of every row that has a figure these columns."""
    if not RESULTS.is_file():
        return NONE_YET
    text = RESULTS.read_text(encoding="utf-8")
    rows = [cells(line) for line in text.splitlines() if line.startswith("|")]
    head, body = rows[0], rows[2:]
    at = [head.index(name) for name in SHOWN]
    kept = [[row[i] for i in at] for row in body if row[head.index("walkshed")]]
    table = "\n".join("| " + " | ".join(row) + " |" for row in [list(SHOWN), ["---"] * len(SHOWN), *kept])
    machine = next(line for line in text.splitlines() if line.startswith("What `make bench` printed."))
    return f"{machine}\n\n{table}"


def cells(line: str) -> list[str]:
    """Split a row of a Markdown table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def shown(readme: str) -> str:
    """Take the block out of a README.

    Raises
    ------
    ValueError
        If a mark is missing.
    """
    return readme.split(BEGIN)[1].split(END)[0].strip("\n")


def written(readme: str) -> str:
    """Put the block into a README, between its marks."""
    before, rest = readme.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{block()}\n\n{END}{after}"


def main() -> None:
    for path in READMES:
        path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
