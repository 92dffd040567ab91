"""The walk filter: its rules one by one, and against OSMnx's own on real files."""

from __future__ import annotations

import bz2
import gzip
import re
from collections.abc import Callable
from itertools import count, groupby
from pathlib import Path

import osmium
import osmnx
import pytest
from osmnx._overpass import _get_network_filter

from walkshed.network import read_streets
from walkshed.network.streets import BRIDGE, STEPS, TUNNEL
from walkshed.network.walkable import NOT_WALKABLE, flags_of, is_walkable


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "residential"},
        {"highway": "steps"},
        {"highway": "service", "service": "alley"},
        {"highway": "track", "access": "permissive", "oneway": "yes"},
        {"highway": "pedestrian", "area": "no"},
        {"highway": "primary", "foot": "yes", "sidewalk": "both"},
    ],
)
def test_walkable(tags: dict[str, str]) -> None:
    assert is_walkable(tags)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"railway": "rail"},
        {"highway": ""},
        *({"highway": value} for value in sorted(NOT_WALKABLE)),
        {"highway": "pedestrian", "area": "yes"},
        {"highway": "service", "access": "private"},
        {"highway": "service", "access": "customers;private"},
        {"highway": "service", "service": "private"},
        {"highway": "primary", "foot": "no"},
        {"highway": "primary", "foot": "no;use_sidepath"},
        {"highway": "primary", "sidewalk": "separate"},
        {"highway": "primary", "sidewalk:both": "separate"},
        {"highway": "primary", "sidewalk:left": "separate"},
        {"highway": "primary", "sidewalk:right": "separate"},
    ],
)
def test_not_walkable(tags: dict[str, str]) -> None:
    assert not is_walkable(tags)


def test_flags() -> None:
    assert flags_of({"highway": "steps"}) == STEPS
    assert flags_of({"highway": "path", "bridge": "viaduct", "tunnel": "no"}) == BRIDGE
    assert flags_of({"highway": "steps", "tunnel": "building_passage", "bridge": "no"}) == STEPS | TUNNEL


def osmnx_walkable(tags: dict[str, str]) -> bool:
    """Apply OSMnx's Overpass query to the tags of one way."""
    clauses = re.findall(r'\["([^"]+)"(?:!~"([^"]*)")?\]', _get_network_filter("walk"))
    assert ("highway", "") in clauses
    needed = all(key in tags for key, pattern in clauses if not pattern)
    return needed and not any(re.search(p, tags[key]) for key, p in clauses if p and key in tags)


FILES = (
    "monaco/monaco.osm.gz",
    "porto_alegre/poa_osm.pbf",
    "shanghai_center/shanghai_center.osm.gz",
    "greater_porto/porto.osm.pbf",
)


@pytest.mark.parametrize("name", FILES)
def test_every_way_is_judged_as_osmnx_does(name: str, real_data: Callable[[str], Path]) -> None:
    ways = osmium.FileProcessor(str(real_data(name)), osmium.osm.WAY)
    judged = [(dict(w.tags), is_walkable(w.tags)) for w in ways]
    assert [tags for tags, mine in judged if mine != osmnx_walkable(tags)] == []
    assert any(mine for _, mine in judged)


def osmnx_km(source: Path, folder: Path) -> float:
    """Let OSMnx build its own graph of the walkable ways of a file, and measure it."""
    xml = folder / "walkable.osm"
    known = {node.id for node in osmium.FileProcessor(str(source), osmium.osm.NODE)}
    with osmium.SimpleWriter(str(xml)) as writer:
        for node in osmium.FileProcessor(str(source), osmium.osm.NODE):
            writer.add(node)
        number = count(1)
        for way in osmium.FileProcessor(str(source), osmium.osm.WAY):
            if osmnx_walkable(dict(way.tags)):
                # an extract lacks nodes, which OSMnx refuses: break the way there
                for there, run in groupby((n.ref for n in way.nodes), known.__contains__):
                    if there:
                        writer.add(way.replace(id=next(number), nodes=list(run)))
    graph = osmnx.graph_from_xml(xml, bidirectional=True, simplify=True, retain_all=True)
    single = osmnx.convert.to_undirected(graph)
    return float(sum(length for _, _, length in single.edges(data="length")) / 1000)


def test_street_km_as_in_the_graph_of_osmnx_monaco(real_data: Callable[[str], Path], tmp_path: Path) -> None:
    source = real_data("monaco/monaco.osm.gz")
    plain = tmp_path / "monaco.osm"
    plain.write_bytes(gzip.decompress(source.read_bytes()))
    km = read_streets(source, min_island_m=0).street_km
    assert km == pytest.approx(osmnx_km(plain, tmp_path), rel=0.005)
    (tmp_path / "monaco.osm.bz2").write_bytes(bz2.compress(plain.read_bytes()))
    assert read_streets(tmp_path / "monaco.osm.bz2", min_island_m=0).street_km == km


def test_street_km_as_in_the_graph_of_osmnx_helsinki(helsinki_pbf: Path, tmp_path: Path) -> None:
    km = read_streets(helsinki_pbf, min_island_m=0).street_km
    assert km == pytest.approx(osmnx_km(helsinki_pbf, tmp_path), rel=0.005)
