"""The report's colours."""

from __future__ import annotations

# Dark to light: the nearer, the darker. Blue against vermilion is told apart with any colour vision.
NEAR, FAR = (8, 64, 106), (123, 178, 208)


def ramp(n: int) -> list[str]:
    """Give `n` colours from near to far, as ``#rrggbb``.

    Examples
    --------
    >>> ramp(2)
    ['#08406a', '#7bb2d0']
    """
    shares = [i / (n - 1) if n > 1 else 0.35 for i in range(n)]
    mixed = [[round(a + (b - a) * t) for a, b in zip(NEAR, FAR, strict=True)] for t in shares]
    return ["#" + "".join(f"{v:02x}" for v in colour) for colour in mixed]
