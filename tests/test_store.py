"""The store: what comes out is what was read; nothing that happens to it stops a run."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
import warnings
import zlib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from osm_files import nodes_of, same, write_osm
from walkshed.errors import FormatError, InputWarning
from walkshed.network import Streets, read, read_streets
from walkshed.network import osm as osm_reader
from walkshed.network.store import ABANDONED_S, Store

TOWN = nodes_of("""
A------B------C
       |
       D------E
""")
WAYS = [("ABC", {"highway": "residential", "name": "解放路"}), ("BDE", {"highway": "path"})]
PLACES = [("E", {"place": "town", "name": "镇"}), ("C", {"amenity": "bank"})]


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return write_osm(tmp_path / "town.osm", TOWN, WAYS, points=PLACES)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Note each file that is really parsed."""
    seen: list[Path] = []
    real = osm_reader.read_osm

    def noting(path: Path, **settings: Any) -> Streets:
        seen.append(path)
        return real(path, **settings)

    monkeypatch.setattr("walkshed.network.read.read_osm", noting)
    return seen


def read_small(path: Path, store: Path | None, **settings: Any) -> Streets:
    return read_streets(path, store=store, **{"min_island_m": 0.0, **settings})


def assert_same(a: Streets, b: Streets) -> None:
    assert same(a, b)
    assert (a.surroundings is None) == (b.surroundings is None)
    if a.surroundings and b.surroundings:
        for name in ("water", "rail", "buildings", "places", "hosts"):
            assert_geodataframe_equal(
                getattr(a.surroundings, name), getattr(b.surroundings, name), check_geom_type=True
            )


def test_what_is_loaded_is_what_was_read(town: Path, tmp_path: Path, parsed: list[Path]) -> None:
    fresh = read_small(town, None)
    first, again = (read_small(town, tmp_path / "store") for _ in range(2))
    assert_same(fresh, first)
    assert_same(fresh, again)
    assert len(parsed) == 2
    with pytest.raises(ValueError, match="read-only"):
        again.node_xy[0] = 0
    assert type(again.node_xy) is np.ndarray


def test_real_streets_and_their_surroundings(helsinki_pbf: Path, tmp_path: Path, parsed: list[Path]) -> None:
    area = shapely.box(24.94, 60.168, 24.95, 60.172)
    for settings in ({}, {"area": area, "budget_m": 300.0}):
        fresh = read_streets(helsinki_pbf, **settings)  # type: ignore[arg-type]
        stored = [read_streets(helsinki_pbf, store=tmp_path, **settings) for _ in range(2)]  # type: ignore[arg-type]
        for streets in stored:
            assert_same(fresh, streets)
    assert len(parsed) == 4


def test_every_setting_has_an_entry_of_its_own(town: Path, tmp_path: Path, parsed: list[Path]) -> None:
    store = tmp_path / "store"
    here = shapely.box(114.0, 30.599, 114.001, 30.6)
    settings: list[dict[str, Any]] = [
        {},
        {"min_island_m": 10.0},
        {"area": here},
        {"area": here, "budget_m": 100.0},
        {"area": shapely.box(114.0, 30.599, 114.002, 30.6), "budget_m": 100.0},
    ]
    for _ in range(2):
        for one in settings:
            read_small(town, store, **one)
    assert len(parsed) == len(settings)
    read_small(town, store, join_m=9.0, split_crossings=True)  # no matter for an OSM file
    turned = shapely.Polygon(here.exterior.coords[::-1][:-1])
    read_small(town, store, area=gpd.GeoDataFrame(geometry=[turned], crs=4326))
    assert len(parsed) == len(settings)


def test_a_changed_file_is_read_anew(town: Path, tmp_path: Path, parsed: list[Path]) -> None:
    store = tmp_path / "store"
    before = read_small(town, store)
    write_osm(town, TOWN, WAYS[:1])
    assert len(read_small(town, store)) != len(before)
    write_osm(town, TOWN, WAYS, points=PLACES)
    os.utime(town, ns=(1, 1))
    assert_same(before, read_small(town, store))  # the old content: its entry still stands
    assert len(parsed) == 2
    other = town.with_name("other.osm")
    other.write_bytes(town.read_bytes())
    assert read_small(other, store).source.name == "other.osm"


@pytest.mark.skipif(sys.platform == "win32", reason="there the system keeps no time of change of its own")
@pytest.mark.parametrize("moved", [False, True])
def test_a_file_of_the_same_size_and_time_is_read_anew(town: Path, tmp_path: Path, moved: bool) -> None:
    store = tmp_path / "store"
    read_small(town, store)
    before = town.stat()
    content = town.read_bytes().replace("解放路".encode(), "建设路".encode())
    target = tmp_path / "copy.osm" if moved else town
    target.write_bytes(content)
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    target.replace(town)
    assert (town.stat().st_size, town.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    streets = read_small(town, store)
    assert "建设路" in streets.names
    assert streets.source.sha256 == hashlib.sha256(content).hexdigest()


def test_a_new_filter_reads_anew(
    town: Path, tmp_path: Path, parsed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_small(town, tmp_path / "store")
    monkeypatch.setattr("walkshed.network.store.FILTER_VERSION", "walk-next")
    read_small(town, tmp_path / "store")
    assert len(parsed) == 2


def entry_of(store: Path) -> Path:
    (entry,) = store.glob("streets-*")
    return entry


def _shorten(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-8])


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("harm", [_shorten, _flip, Path.unlink, lambda file: file.write_bytes(b"")])
@pytest.mark.parametrize("name", ["streets.bin", "places.feather", "streets.json"])
def test_a_damaged_entry_is_read_anew(town: Path, tmp_path: Path, parsed: list[Path], name: str, harm: Any) -> None:
    store = tmp_path / "store"
    fresh = read_small(town, store)
    harm(entry_of(store) / name)
    assert_same(fresh, read_small(town, store))
    assert len(parsed) == 2
    assert_same(fresh, read_small(town, store))  # and the entry is whole again
    assert len(parsed) == 2


def test_damage_is_found_wherever_it_is_in_a_large_entry(
    town: Path, tmp_path: Path, parsed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checksums are of parts of a file: 16 bytes each, here."""
    monkeypatch.setattr("walkshed.network.store._SEALED", 16)
    store = tmp_path / "store"
    fresh = read_small(town, store)
    file = entry_of(store) / "streets.bin"
    whole = file.read_bytes()
    assert len(whole) > 10 * 16
    for count, at in enumerate(range(0, len(whole), 100), start=1):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert_same(fresh, read_small(town, store))
        assert len(parsed) == 1 + count
    assert file.read_bytes() == whole


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["arrays"]["coords"].__setitem__(1, [-1]),
        lambda told: told["arrays"]["coords"].__setitem__(1, [10**30]),
        lambda told: told["arrays"]["coords"].__setitem__(2, 10**30),
        lambda told: told["arrays"].pop("edge_u"),
        lambda told: told.__setitem__("names", 3),
        lambda told: told.pop("warnings"),
    ],
)
def test_an_entry_that_says_what_cannot_be(town: Path, tmp_path: Path, parsed: list[Path], change: Any) -> None:
    """Whoever wrote it sealed it."""
    store = tmp_path / "store"
    fresh = read_small(town, store)
    file = entry_of(store) / "streets.json"
    told = json.loads(file.read_bytes())[0]
    change(told)
    text = json.dumps(told).encode()
    file.write_bytes(b"[%b, %d]" % (text, zlib.crc32(text)))
    assert_same(fresh, read_small(town, store))
    assert len(parsed) == 2


def test_stored_arrays_are_closed_to_writing(town: Path, tmp_path: Path) -> None:
    for _ in range(2):
        streets = read_small(town, tmp_path / "store")
        arrays = [value for value in vars(streets).values() if isinstance(value, np.ndarray)]
        assert len(arrays) == 13
        assert not any(array.flags.writeable for array in arrays)


@pytest.mark.parametrize("content", ["[]", "{}", '{"files": {}}', '{"files": 3}', "null", "[1, 2]"])
def test_an_entry_that_is_not_ours(town: Path, tmp_path: Path, parsed: list[Path], content: str) -> None:
    store = tmp_path / "store"
    fresh = read_small(town, store)
    (entry_of(store) / "streets.json").write_text(content, encoding="utf-8")
    for note in (store / "hashes").iterdir():
        note.write_text(content, encoding="utf-8")
    assert_same(fresh, read_small(town, store))


def test_a_store_that_cannot_be_written(town: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("x", encoding="utf-8")
    for store in (in_the_way, in_the_way / "below"):
        with pytest.warns(InputWarning, match="cannot be written .* read anew each time") as said:
            streets = read_small(town, store)
        assert len(said) == 1
        assert said[0].filename == __file__
        assert_same(streets, read_small(town, None))


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "geteuid"), reason="permissions of POSIX")
def test_a_store_that_can_only_be_read(town: Path, tmp_path: Path, parsed: list[Path]) -> None:
    store = tmp_path / "store"
    read_small(town, store)
    for folder in (store / "hashes", store):
        folder.chmod(0o555)
    try:
        read_small(town, store)
        assert len(parsed) == 1
    finally:
        for folder in (store, store / "hashes"):
            folder.chmod(0o755)


def test_nothing_half_written_stays(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "store"

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gpd.GeoDataFrame, "to_feather", full)  # after the arrays
    with pytest.warns(InputWarning, match="No space left on device"):
        read_small(town, store)
    assert [p.name for p in store.iterdir()] == ["hashes"]


def test_an_error_is_not_stored(tmp_path: Path) -> None:
    bad = tmp_path / "bad.osm"
    bad.write_text("<osm", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(FormatError):
            read_small(bad, tmp_path / "store")


def _read_in_a_process(path: Path, store: Path) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return read_small(path, store).street_km


@pytest.mark.slow
def test_two_processes_at_once(town: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        km = set(pool.map(_read_in_a_process, [town] * 4, [store] * 4))
    assert km == {read_small(town, None).street_km}
    assert len(list(store.glob("streets-*"))) == 1
    assert list(store.glob(".walkshed-writing-*")) == []


def test_a_faster_run_wins(town: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    fresh = read_small(town, store)
    before = (entry_of(store) / "streets.json").stat().st_mtime_ns
    Store(store)._save(entry_of(store).name, fresh, [])
    assert (entry_of(store) / "streets.json").stat().st_mtime_ns == before
    assert list(store.glob(".walkshed-writing-*")) == []


def test_what_a_killed_run_had_begun_is_removed_a_day_later(town: Path, tmp_path: Path) -> None:
    """Of three begun entries one is as old in all; one has a young file in an old folder, and so is being written."""
    store, old = tmp_path / "store", time.time() - ABANDONED_S - 60
    dead, alive, elsewhere = (store / f".walkshed-writing-{name}" for name in ("dead", "alive", "link"))
    for begun in (dead, alive):
        (begun / "streets-x").mkdir(parents=True)
        (begun / "streets-x" / "streets.bin").write_bytes(b"half")
    (tmp_path / "mine").mkdir()
    elsewhere.symlink_to(tmp_path / "mine")
    os.utime(dead / "streets-x" / "streets.bin", (old, old))
    for path in (dead / "streets-x", alive / "streets-x", dead, alive, tmp_path / "mine"):
        os.utime(path, (old, old))
    os.utime(elsewhere, (old, old), follow_symlinks=False)
    read_small(town, store)
    assert {path.name for path in store.glob(".walkshed-writing-*")} == {
        ".walkshed-writing-alive",
        ".walkshed-writing-link",
    }
    assert (alive / "streets-x" / "streets.bin").read_bytes() == b"half"
    assert (tmp_path / "mine").is_dir()


def test_warnings_are_given_again_when_the_parsing_is_skipped(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = osm_reader.read_osm

    def warning(path: Path, **settings: Any) -> Streets:
        warnings.warn("town.osm: 3 rows were passed over", InputWarning, stacklevel=2)
        return real(path, **settings)

    monkeypatch.setattr("walkshed.network.read.read_osm", warning)
    for _ in range(2):
        with pytest.warns(InputWarning, match="3 rows were passed over") as said:
            read_small(town, tmp_path / "store")
        assert [w.filename for w in said] == [__file__]


def test_lines_and_graphs_are_stored_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = shapely.LineString([(114.0, 30.6), (114.02, 30.6)])
    gpd.GeoDataFrame({"name": ["长江路"]}, geometry=[line], crs=4326).to_file(tmp_path / "路.shp", encoding="utf-8")
    store = tmp_path / "store"
    first = read_streets(tmp_path / "路.shp", store=store)
    monkeypatch.setitem(read._READERS, "lines", lambda *_: pytest.fail("read anew"))
    assert_same(first, read_streets(tmp_path / "路.shp", store=store))
    (tmp_path / "路.cpg").write_text("GBK", encoding="ascii")  # any part of a Shapefile counts
    with pytest.raises(pytest.fail.Exception):
        read_streets(tmp_path / "路.shp", store=store)
    notes = [json.loads(p.read_text(encoding="utf-8")) for p in (store / "hashes").iterdir()]
    assert {Path(n["seen"][0]).suffix for n in notes} == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
