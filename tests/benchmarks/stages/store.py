"""Streets read once in a fresh process: ``compare`` is not for this stage; its two sides need a process each.

``python -m benchmarks.stages.store STREETS STORE WARM`` reads STREETS through STORE, after imports and kernels were
warmed on the small file WARM, from the file and from a store alike.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time

import numpy as np

import walkshed as ws
from walkshed.network.streets import Streets


def main() -> None:
    file, store, small = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            arrays(ws.read_streets(small, store=folder))
    begun = time.perf_counter()
    streets = ws.read_streets(file, store=store)
    touched = sum(float(a.sum()) for a in arrays(streets))
    seconds = time.perf_counter() - begun
    digest = hashlib.sha256(b"".join(a.tobytes() for a in arrays(streets))).hexdigest()
    print(json.dumps({"seconds": seconds, "digest": digest, "touched": touched}))


def arrays(streets: Streets) -> list[np.ndarray]:
    return [value for value in vars(streets).values() if isinstance(value, np.ndarray)]


if __name__ == "__main__":
    main()
