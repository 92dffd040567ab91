"""Blocks of OSM PBF files, read as arrays: the same as osmium reads, or left to it."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from osmium.osm.mutable import Node, Relation, Way

from walkshed.errors import FormatError
from walkshed.network import read_streets
from walkshed.network.clip import Box
from walkshed.network.found import Found
from walkshed.network.osm_file import OsmFile
from walkshed.network.osm_scan import scan_all
from walkshed.network.pbf import scan_pbf
from walkshed.network.pbf_kernels import dense_nodes
from walkshed.network.pbf_wire import number, signed
from walkshed.network.positions import positions

NODES = [
    Node(id=1, location=(114.0, 30.6)),
    Node(id=2, location=(114.001, 30.6), tags={"place": "village", "name": "柳村"}),
    Node(id=5, location=(114.001, 30.599), tags={"amenity": "bank", "name:en": "Bank", "crossing": "yes"}),
    Node(id=9, location=(114.002, 30.599), tags={"amenity": "bench"}),
    Node(id=10, location=(-8.6000001, -41.1)),
    Node(id=11, location=(114.002, 30.598), tags={"place": "hamlet"}),
    Node(id=2**40, location=(114.003, 30.599), tags={"highway": "crossing", "office": "government"}),
]
WAYS = [
    Way(id=1, nodes=[1, 2, 5], tags={"highway": "residential", "name": "解放路", "name:en": "Liberation Road"}),
    Way(id=2, nodes=[2, 9], tags={"highway": "steps", "name": "", "name:zh": "石阶", "bridge": "yes"}),
    Way(id=3, nodes=[5, 9, 3], tags={"highway": "residential", "tunnel": "yes"}),  # node 3 is missing
    Way(id=4, nodes=[5, 9], tags={"highway": "motorway", "barrier": "wall"}),
    Way(id=5, nodes=[1, 2, 5, 1], tags={"building": "yes", "amenity": "bank", "name": "Bank"}),
    Way(id=6, nodes=[1, 5], tags={"railway": "rail", "bridge": "yes"}),
    Way(id=7, nodes=[1, 2], tags={}),
    Way(id=8, nodes=[2, 5, 1], tags={"source": "survey"}),
    Way(id=9, nodes=[9], tags={"highway": "footway"}),
    Way(id=10, nodes=[], tags={"highway": "path"}),
    Way(id=11, nodes=[1, 9, 2**40], tags={"natural": "water", "barrier": "fence"}),
    Way(id=12, nodes=[1, 9, 2**40, 5, 1], tags={"natural": "coastline", "barrier": "wall"}),
]
RELATIONS = [
    Relation(
        id=1, members=[("w", 7, "outer"), ("w", 8, ""), ("n", 1, "")], tags={"type": "multipolygon", "building": "a"}
    ),
    Relation(id=2, members=[("w", 99, "outer")], tags={"type": "multipolygon", "natural": "water"}),
    Relation(id=3, members=[("w", 7, "outer")], tags={"type": "route", "building": "yes"}),
]
ALL = [*NODES, *WAYS, *RELATIONS]


def write(path: Path, objects: list[Any], options: str = "pbf") -> Path:
    with osmium.SimpleWriter(osmium.io.File(str(path), options)) as writer:
        for item in objects:
            {Node: writer.add_node, Way: writer.add_way, Relation: writer.add_relation}[type(item)](item)
    return path


def told(found: Found) -> dict[str, Any]:
    """Everything that was found, ready to be compared."""
    nodes, around = found.lines.nodes(), found.around
    return {
        "nodes": (nodes.ids.tolist(), nodes.lonlat.tolist(), nodes.row.tolist(), list(found.lines.sizes)),
        "ways": (list(found.osm_id), found.name, found.highway, bytes(found.flags)),
        "refused": dict(found.refused),
        "newest": found.newest,
        "points": (around._places, around._hosts),
        "areas": {
            k: [(name, [np.nan_to_num(r, nan=-1).tolist() for r in rings]) for name, rings in areas]
            for k, areas in around._areas.items()
        },
        "layers": {
            k: (np.nan_to_num(v.lines.lonlat(), nan=-1).tolist(), list(v.lines.sizes), v.names, v.notes)
            for k, v in around._ways.items()
        },
    }


def same(path: Path, limit: Box | None = None) -> bool:
    file = OsmFile(path)
    mine, theirs = scan_pbf(file, limit), scan_all(file, None if limit is None else [limit])[0]
    assert mine is not None
    assert mine.box == theirs.box
    return told(mine) == told(theirs)


@pytest.mark.parametrize("options", ["pbf", "pbf,pbf_compression=none", "pbf,add_metadata=false"])
def test_every_object_comes_as_osmium_reads_it(tmp_path: Path, options: str) -> None:
    path = write(tmp_path / "town.osm.pbf", ALL, options)
    assert same(path)
    found = scan_pbf(OsmFile(path))
    assert found is not None
    assert list(found.osm_id) == [1, 2, 3, 9, 10]
    assert found.name == ["解放路", "石阶", "", "", ""]
    assert found.lines.nodes().row.tolist() == [0, 1, 2, 1, 3, 2, 3, -1, 3]


@pytest.mark.parametrize(
    "limit",
    [
        (113.99, 30.59, 114.01, 30.61),
        (114.0005, 30.5995, 114.0006, 30.5996),
        (114.002, 30.598, 114.0021, 30.599),
        (114.0029, 30.5989, 114.004, 30.61),
        (0.0, 0.0, 1.0, 1.0),
    ],
)
def test_what_a_limit_keeps_is_the_same(tmp_path: Path, limit: Box) -> None:
    path = write(tmp_path / "town.osm.pbf", ALL)
    assert same(path, limit)


def test_the_last_change_is_found(tmp_path: Path) -> None:
    stamped = [Way(id=1, nodes=[1, 2], tags={"highway": "path"}, timestamp="2024-05-06T07:08:09Z", version=3)]
    path = write(tmp_path / "town.osm.pbf", [*NODES, *stamped])
    assert same(path)
    found = scan_pbf(OsmFile(path))
    assert found is not None
    assert str(found.newest) == "2024-05-06 07:08:09+00:00"


def test_many_blocks(tmp_path: Path) -> None:
    nodes = [Node(id=3 * i + 1, location=(114 + i * 1e-5, 30 + i % 7 * 1e-5)) for i in range(20_000)]
    ways = [
        Way(id=i + 1, nodes=[3 * j + 1 for j in range(i, i + 4)], tags={"highway": "path", "name": f"{i % 300}"})
        for i in range(17_000)
    ]
    assert same(write(tmp_path / "large.osm.pbf", [*nodes, *ways]))


CENTRES = {
    "greater_porto": (-8.62, 41.15),
    "porto_alegre": (-51.22, -30.04),
    "shanghai_center": (121.48, 31.23),
    "monaco": (7.42, 43.735),
}


@pytest.mark.parametrize("place", CENTRES)
def test_real_files(place: str, tmp_path: Path) -> None:
    data = os.environ.get("WALKSHED_DATA")
    if not data:
        pytest.skip("needs WALKSHED_DATA, a folder of real streets")
    (path,) = [file for file in Path(data, place).iterdir() if ".osm" in file.name or file.name.endswith(".pbf")]
    if not path.name.endswith(".pbf"):
        with osmium.SimpleWriter(str(tmp_path / "packed.osm.pbf")) as writer:
            for item in osmium.FileProcessor(str(path)):
                writer.add(item)
        path = tmp_path / "packed.osm.pbf"
    assert same(path)
    lon, lat = CENTRES[place]
    assert same(path, (lon, lat, lon + 0.01, lat + 0.01))


@pytest.mark.parametrize(
    ("objects", "options"),
    [
        (ALL, "pbf,pbf_dense_nodes=false"),
        (ALL, "pbf,locations_on_ways=true"),
        ([*NODES[::-1], *WAYS], "pbf"),
        ([*NODES, NODES[-1], *WAYS], "pbf"),
        ([*NODES, *WAYS[::-1]], "pbf"),
        ([Node(id=-1, location=(114, 30.6)), *NODES, *WAYS], "pbf"),
        ([*NODES, Way(id=1, nodes=[1, -2], tags={"highway": "path"})], "pbf"),
        (WAYS, "pbf"),
    ],
    ids=[
        "plain nodes",
        "places in ways",
        "nodes backwards",
        "node twice",
        "ways backwards",
        "negative",
        "negative ref",
        "no nodes",
    ],
)
def test_what_is_not_plain_is_left_to_osmium(tmp_path: Path, objects: list[Any], options: str) -> None:
    assert scan_pbf(OsmFile(write(tmp_path / "odd.osm.pbf", objects, options))) is None


def test_streets_are_the_same_either_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "town.osm.pbf", ALL)
    by_osmium = read_streets(path, min_island_m=0)
    monkeypatch.setattr("walkshed.network.osm_scan.SMALL_BYTES", 0)
    by_blocks = read_streets(path, min_island_m=0)
    assert np.array_equal(by_osmium.coords, by_blocks.coords)
    assert np.array_equal(by_osmium.edge_length_m, by_blocks.edge_length_m)
    assert by_osmium.names == by_blocks.names
    assert by_osmium.source == by_blocks.source
    assert by_osmium.surroundings is not None
    assert by_blocks.surroundings is not None
    for layer in ("water", "rail", "walls", "buildings", "places", "hosts"):
        assert getattr(by_osmium.surroundings, layer).equals(getattr(by_blocks.surroundings, layer)), layer


@pytest.mark.parametrize("limits", [None, [(113.9, 30.5, 114.1, 30.7)]])
def test_a_text_with_a_zero_byte_is_damage(tmp_path: Path, limits: Any) -> None:
    # osmium takes the zero for the end of the text, and reads tags from beyond it
    path = write(tmp_path / "town.osm.pbf", ALL, "pbf,pbf_compression=none")
    path.write_bytes(path.read_bytes().replace(b"residential", b"resi\0ential"))
    file = OsmFile(path)
    assert scan_pbf(file) is None
    with pytest.raises(FormatError, match="a text in it holds a zero byte"):
        scan_all(file, limits)


@pytest.mark.parametrize("limits", [None, [(113.9, 30.5, 114.1, 30.7)]])
def test_a_block_that_cannot_be_looked_into_is_refused(tmp_path: Path, limits: Any) -> None:
    path = write(tmp_path / "town.osm.pbf", ALL, "pbf,pbf_compression=lz4")
    assert scan_pbf(OsmFile(path)) is None
    with pytest.raises(FormatError, match="not packed with zlib"):
        scan_all(OsmFile(path), limits)


def block(content: bytes) -> bytes:
    """Pack a block as PBF files hold it."""
    blob = field(2, len(content)) + field(3, zlib.compress(content))
    head = field(1, b"OSMData") + field(3, len(blob))
    return len(head).to_bytes(4, "big") + head + blob


def field(key: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(8 * key) + varint(value)
    return varint(8 * key + 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    packed = bytearray()
    while value > 127:
        packed.append(value & 127 | 128)
        value >>= 7
    return bytes([*packed, value])


@pytest.mark.parametrize(
    "content",
    [field(1, b"\n\0" * 2_000_000), field(1, field(1, b"")) + field(2, field(3, b"") * 2_000_000)],
    ids=["texts", "ways"],
)
def test_a_block_of_millions_of_nothings_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """It is a few kilobytes on disk; what reads it must not make an object, or a row, of each."""
    path = write(tmp_path / "town.osm.pbf", ALL)
    path.write_bytes(path.read_bytes() + block(content))
    assert path.stat().st_size < 20_000
    tracemalloc.start()
    try:
        assert scan_pbf(OsmFile(path)) is None
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()


def test_texts_that_are_all_empty_are_damage(tmp_path: Path) -> None:
    path = write(tmp_path / "town.osm.pbf", ALL)
    path.write_bytes(path.read_bytes() + block(field(1, b"\n\0" * 2_000_000)))
    with pytest.raises(FormatError, match="zero byte"):
        scan_all(OsmFile(path), None)


def test_tags_that_end_after_a_key_are_no_way_out_of_the_array() -> None:
    """Seven bytes of tags have room for three pairs; the fourth has a key alone."""
    dense = field(1, b"\x02") + field(8, b"\x02") + field(9, b"\x02") + field(10, b"\x01\x02" * 3 + b"\x01")
    data = np.frombuffer(dense, dtype=np.uint8)
    scale = np.array([100, 0, 0, 1000])
    nodes = dense_nodes(data, 0, len(data), scale, np.array([-1, 0, -1], np.int32), np.array([False, False, True]))
    assert not nodes.plain


def test_kernels_stay_within_their_arrays(tmp_path: Path) -> None:
    """Once more with Numba's own check of every index, on damaged files above all."""
    chosen = "damage or way_out or among or numbers or object"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", __file__, "-k", chosen],
        env={**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_member_below_zero_is_passed_over(tmp_path: Path) -> None:
    odd = Relation(id=4, members=[("w", -7, ""), ("w", 7, "")], tags={"type": "multipolygon", "natural": "water"})
    path = write(tmp_path / "town.osm.pbf", [*ALL, odd])
    assert same(path)


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_damage_is_refused_or_read_in_bounds(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    content = bytearray(write(folder / "whole.osm.pbf", ALL, "pbf,pbf_compression=none").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = folder / "damaged.osm.pbf"
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        file = OsmFile(path)
    except FormatError:
        return
    found = scan_pbf(file)
    if found is not None:
        assert found.lines.nodes().row.max(initial=-1) < len(found.lines.nodes().ids)
        return
    with suppress(FormatError):
        scan_all(file, None)


@given(st.integers(0, 2**63 - 1))
def test_numbers(value: int) -> None:
    packed, left = bytearray(), value
    while left > 127:
        packed.append(left & 127 | 128)
        left >>= 7
    packed.append(left)
    data = np.frombuffer(bytes(packed), dtype=np.uint8)
    assert number(data, 0, len(data)) == (value, len(data))
    assert signed(data, 0, len(data)) == (value // 2 if value % 2 == 0 else -(value // 2) - 1, len(data))


@given(st.lists(st.integers(0, 60)), st.lists(st.integers(0, 60), unique=True))
def test_ids_are_found_among_ascending_ones(refs: list[int], ids: list[int]) -> None:
    ids = sorted(ids)
    found = positions(np.array(refs, dtype=np.int64), np.array(ids, dtype=np.int64))
    assert found.tolist() == [ids.index(ref) if ref in ids else -1 for ref in refs]
