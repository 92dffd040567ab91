"""Choosing sites: how long greedy choice with swaps and the proof take, on places and people at random.

2,000 candidates, 20,000 demand points, 10 sites, at three densities: how much demand a candidate covers decides how hard
it is. Prints a table; asserts nothing, for machines differ.
"""

from __future__ import annotations

import os
import platform
import time

import numpy as np

import walkshed as ws

CANDIDATES, DEMAND, SITES, CUTOFF_M = 2_000, 20_000, 10, 1_200.0


def main() -> None:
    """Solve each instance and print a line."""
    print(f"walkshed {ws.__version__}, Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}")
    print(f"{'instance':<34}{'greedy+swap s':>14}{'its bound':>11}{'proof s':>9}{'better by':>11}{'proven':>8}")
    warm(*instance(8_000.0, clustered=False))
    for side_m, clustered in ((30_000.0, False), (15_000.0, False), (20_000.0, True)):
        cost, weight = instance(side_m, clustered=clustered)
        quick, quick_s = timed(cost, weight, method="greedy")
        best, best_s = timed(cost, weight, method="exact", time_limit_s=120.0)
        label = f"{side_m / 1000:g} x {side_m / 1000:g} km, {'in towns' if clustered else 'even'}"
        better = best.objective / quick.objective - 1
        print(
            f"{label:<34}{quick_s:>14.2f}{quick.gap:>11.1%}{best_s:>9.2f}{better:>11.2%}{best.proven!s:>8}", flush=True
        )


def instance(side_m: float, *, clustered: bool) -> tuple[np.ndarray, np.ndarray]:
    """Put demand and candidates on a square, evenly or around 60 centres; costs are straight lines."""
    rng = np.random.default_rng(1)
    centre = rng.uniform(0, side_m, (60, 2))

    def places(count: int) -> np.ndarray:
        if not clustered:
            return rng.uniform(0, side_m, (count, 2))
        return centre[rng.integers(0, 60, count)] + rng.normal(0, 1_500, (count, 2))

    demand, sites = places(DEMAND), places(CANDIDATES)
    cost = np.sqrt(((demand[:, None, :] - sites[None, :, :]) ** 2).sum(axis=2))
    return cost, rng.integers(1, 100, DEMAND).astype(float)


def timed(cost: np.ndarray, weight: np.ndarray, **how: object) -> tuple[ws.Solution, float]:
    """Solve once: the solution, and seconds."""
    begun = time.perf_counter()
    found = ws.maximal_coverage(cost, weight, cutoff=CUTOFF_M, n=SITES, **how)
    return found, time.perf_counter() - begun


def warm(cost: np.ndarray, weight: np.ndarray) -> None:
    """Compile."""
    ws.maximal_coverage(cost[:500, :50], weight[:500], cutoff=CUTOFF_M, n=3)


if __name__ == "__main__":
    main()
