"""What a report's seconds go to, at three sizes: ``make profile`` writes ``PROFILE.md``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.machine import described
from benchmarks.measure import progress, python, run
from benchmarks.places import Place, Places

HERE = Path(__file__).parent
ROUNDS = 5

PREAMBLE = """# Where the seconds go

What `make profile` printed. {machine}

Each step by itself and one after the other, in a process of its own: wall seconds / CPU seconds on all cores, medians of
{rounds} runs. (`walkshed report` writes the layers beside the pages, and so takes less than the sum.)

"""


def main() -> None:
    data = os.environ.get("WALKSHED_DATA")
    if not data:
        sys.exit("make profile needs WALKSHED_DATA=FOLDER, as make bench does")
    places = Places(Path(data), HERE.parents[1] / ".benchmarks")
    columns = {place.title: steps(place) for place in (places.porto(), places.dense(), places.large())}
    page = PREAMBLE.format(machine=described(), rounds=ROUNDS) + table(columns)
    (HERE / "PROFILE.md").write_text(page, encoding="utf-8")
    print(page)


def steps(place: Place) -> dict[str, tuple[float, float]]:
    said = []
    for number in range(1, ROUNDS + 2):  # the first compiles kernels
        with tempfile.TemporaryDirectory() as out:
            said.append(run(python("benchmarks.peers", "walkshed_steps", place.streets, place.stations, out)).said)
        progress(f"{place.title}: run {number}")
    wall_s, cpu_s = ({step: median(one[step][i] for one in said[1:]) for step in said[0]} for i in range(2))
    return {step: (wall_s[step], cpu_s[step]) for step in wall_s}


def table(columns: dict[str, dict[str, tuple[float, float]]]) -> str:
    """One row a step, one column a place, and the sum below."""
    rows = [f"| step | {' | '.join(columns)} |", f"| --- |{' --- |' * len(columns)}"]
    for step in next(iter(columns.values())):
        rows.append(f"| {step} | " + " | ".join(cell(spent[step]) for spent in columns.values()) + " |")
    sums = [
        (sum(wall for wall, _ in spent.values()), sum(cpu for _, cpu in spent.values())) for spent in columns.values()
    ]
    return "\n".join([*rows, f"| all | {' | '.join(map(cell, sums))} |", ""])


def cell(spent: tuple[float, float]) -> str:
    wall_s, cpu_s = spent
    return f"{wall_s:.2f} / {cpu_s:.2f}"


if __name__ == "__main__":
    main()
