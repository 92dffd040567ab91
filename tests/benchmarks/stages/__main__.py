"""Run one stage: ``python -m benchmarks.stages NAME ROUNDS PATH ...``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path


def main() -> None:
    name, rounds, *paths = sys.argv[1:]
    compare = import_module(f"benchmarks.stages.{name}").compare
    contests = compare(int(rounds), *map(Path, paths))
    print()  # pandana leaves a line open
    print(json.dumps({"contests": [asdict(c) for c in contests]}))


if __name__ == "__main__":
    main()
