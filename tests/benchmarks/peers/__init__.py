"""Whole jobs, from a file of streets and a list of stations to service areas and a summary, one module each.

Each has ``work(streets, stations, out)``, which writes ``out/areas.gpkg`` (station_id, cutoff_min, geometry) and
``out/summary.json`` and may return a dict of remarks. ``python -m benchmarks.peers NAME STREETS STATIONS OUT`` runs one.
"""
