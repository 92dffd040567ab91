"""Reached streets -> coverage, areas, gaps, people. Nothing here draws."""
