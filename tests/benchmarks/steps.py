"""Rows of single steps: search, field, areas, locality, the store."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.bench import Bench, mb, seconds, times
from benchmarks.measure import ProgramError, Run, python, run, take_turns
from benchmarks.table import Line

COUNTY = Path(__file__).parents[2] / "data" / "county" / "county.osm.pbf"

SEARCH = {
    "search-networkx": Line(name="search-networkx", what="a search a station", against="networkx, cutoff", aim="25 x"),
    "search-networkx-plain": Line(
        name="search-networkx-plain", what="a search a station", against="networkx, cutoff, plain graph", aim="25 x"
    ),
    "search-ego": Line(name="search-ego", what="a search a station", against="networkx, ego_graph", aim="150 x"),
    "search-pandana": Line(
        name="search-pandana", what="a search a station", against="pandana, nodes_in_range", aim="15 x"
    ),
}
FIELD = Line(name="field-pandana", what="nearest station of every node", against="pandana, nearest_pois", aim="15 x")
AREAS = "shapely, union_all(buffer(each))"
AREAS_SPARSE = Line(name="areas-sparse", what="service areas, Greater Porto", against=AREAS, aim="5 x")
AREAS_DENSE = Line(name="areas-dense", what="service areas, 64 x Monaco", against=AREAS, aim="5 x")
LOCALITY = Line(
    name="locality", what="15 stations on six tiles, search + areas", against="on one tile", aim="at most 1.3 x"
)
STORE = Line(name="store", what="streets from the store", against="its own first loading", aim="30 x")


def search(bench: Bench, wanted: set[str]) -> list[Line]:
    place = bench.places.porto()
    found = {one["name"]: one for one in contest(bench, "search", place.streets, place.stations)}
    return [told(line, found.get(name) or found[""]) for name, line in SEARCH.items() if name in wanted]


def field(bench: Bench, _: set[str]) -> list[Line]:
    place = bench.places.porto()
    return [told(FIELD, *contest(bench, "field", place.streets, place.stations))]


def areas(bench: Bench, wanted: set[str]) -> list[Line]:
    lines = []
    for line, find in ((AREAS_SPARSE, bench.places.porto), (AREAS_DENSE, bench.places.dense)):
        if line.name in wanted:
            place = find()
            lines.append(told(line, *contest(bench, "areas", place.streets, place.stations)))
    return lines


def locality(bench: Bench, _: set[str]) -> list[Line]:
    tile = bench.places.porto(15)
    (one,) = contest(bench, "locality", bench.places.large_streets(), tile.streets, tile.stations)
    line = told(LOCALITY, one)
    return [line if one["cannot"] else line.figures(ratio=f"{median(one['ours']) / median(one['theirs']):.2f} x")]


def store(bench: Bench, _: set[str]) -> list[Line]:
    """A fresh process each time, and a fresh store for the first loading."""
    streets = bench.places.porto_pbf
    with tempfile.TemporaryDirectory(dir=bench.work) as folder:

        def first() -> Run:
            with tempfile.TemporaryDirectory(dir=folder) as empty:
                return load(empty)

        def load(kept: object) -> Run:
            return run(python("benchmarks.stages.store", streets, kept, COUNTY))

        kept = Path(folder) / "kept"
        same = load(kept).said["digest"] == load(kept).said["digest"]
        runs = take_turns({"first": first, "kept": lambda: load(kept)}, 2 * bench.rounds + 1)
    first_s, kept_s = (median(r.said["seconds"] for r in runs[name]) for name in ("first", "kept"))
    line = STORE.figures(ours=seconds(kept_s), theirs=seconds(first_s), ratio=times(first_s / kept_s))
    note = "inside the process, after both ways were warmed on a small file; every array is read through"
    return [line.figures(memory=f"{mb(runs['kept'])} / {mb(runs['first'])}").remarks(f"same to the bit: {same}", note)]


def contest(bench: Bench, stage: str, *paths: object) -> list[dict[str, Any]]:
    """Run a stage in a process of its own."""
    try:
        return list(run(python("benchmarks.stages", stage, 2 * bench.rounds + 1, *paths)).said["contests"])
    except ProgramError as error:
        return [{"name": "", "cannot": str(error)}]


def told(line: Line, one: dict[str, Any]) -> Line:
    """Fill in what a stage measured."""
    if one["cannot"]:
        return line.remarks("", f"cannot run: {one['cannot']}")
    ours, theirs = median(one["ours"]), median(one["theirs"])
    line = line.figures(ours=seconds(ours), theirs=seconds(theirs), ratio=times(theirs / ours))
    return line.remarks(one["agreement"], one["note"])
