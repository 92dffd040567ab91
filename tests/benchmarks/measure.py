"""Run programs in processes of their own, turn about, and tell their seconds and peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RSS_UNITS_A_MB = 1024 if sys.platform == "linux" else 1024**2
TESTS = Path(__file__).parents[1]

QUICK_S = 10.0
AGAIN = 2
"""What takes less runs so many times more in each round: a busy second is more to it than to what takes a minute."""


class ProgramError(Exception):
    """A program ended badly; the message is the last thing it said."""


@dataclass(frozen=True)
class Run:
    """One run of a program.

    Attributes
    ----------
    seconds, cpu_s, peak_mb
        From start to end; on all cores, with children; the most memory that it or a child held.
    said
        The last JSON object that it printed on a line of its own.
    """

    seconds: float
    cpu_s: float
    peak_mb: float
    said: dict[str, Any] = field(default_factory=dict)


def progress(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def run(command: Sequence[object], env: Mapping[str, str] | None = None) -> Run:
    """Run a program once."""
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        process = subprocess.Popen(words, stdout=out, stderr=err, env=environment(env))
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            last = (lines_of(err) or lines_of(out) or ["said nothing"])[-1]
            raise ProgramError(f"exit {process.returncode}: {last}")
        return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / RSS_UNITS_A_MB, object_in(lines_of(out)))


def environment(more: Mapping[str, str] | None) -> dict[str, str]:
    """What every program is started with: it finds this folder's modules, and keeps what Python makes of modules.

    Installed packages come with that, peers' and ours; an editable install makes it on the first run, if it may.
    """
    return {**os.environ, "PYTHONPATH": str(TESTS), "PYTHONDONTWRITEBYTECODE": "", **(more or {})}


def lines_of(file: Any) -> list[str]:
    file.seek(0)
    return [line.strip() for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]


def object_in(lines: list[str]) -> dict[str, Any]:
    """The last line that is a JSON object; libraries may chat before and after."""
    for line in reversed(lines):
        with suppress(ValueError):
            value = json.loads(line)
            if isinstance(value, dict):
                return value
    return {}


def python(module: str, *arguments: object) -> list[object]:
    return [sys.executable, "-m", module, *arguments]


def take_turns(once: Mapping[str, Callable[[], Run]], rounds: int) -> dict[str, list[Run]]:
    """Run each once a round, so that a busy machine slows all of them alike; what is quick, `AGAIN` times more."""
    runs: dict[str, list[Run]] = {name: [] for name in once}
    for number in range(1, rounds + 1):
        for turn in range(1 + AGAIN):
            for name, job in once.items():
                if turn == 0 or runs[name][0].seconds < QUICK_S:
                    runs[name].append(job())
                    progress(f"  round {number} of {rounds}: {name}, {runs[name][-1].seconds:.2f} s")
    return runs
