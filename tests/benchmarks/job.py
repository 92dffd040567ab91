"""What every side is asked for: the same cutoffs, speed and leg."""

from __future__ import annotations

CUTOFFS_MIN = (5.0, 10.0, 15.0)
SPEED_KMH = 4.8
OFF_STREET_M = 100.0

METRES_A_MINUTE = SPEED_KMH * 1000 / 60
BUDGET_M = CUTOFFS_MIN[-1] * METRES_A_MINUTE
