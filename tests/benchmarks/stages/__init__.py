"""Single steps, product and peers turn about in one process on the same arrays, one module each.

Each has ``compare(rounds, *paths)``, which returns `Contest` objects. ``python -m benchmarks.stages NAME ROUNDS PATH ...``
runs one and prints them.
"""
