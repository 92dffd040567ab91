"""Run one job: ``python -m benchmarks.peers NAME STREETS STATIONS OUT [SETTING=VALUE ...]``."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    name, streets, stations, out, *settings = sys.argv[1:]
    Path(out).mkdir(parents=True, exist_ok=True)
    work = import_module(f"benchmarks.peers.{name}").work
    said = work(Path(streets), Path(stations), Path(out), **dict(s.split("=", 1) for s in settings))
    print(json.dumps(said or {}))


if __name__ == "__main__":
    main()
