"""Streets of many areas in one pass: what each finds in the store is what it would have read by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given
from hypothesis import strategies as st

from osm_files import STEP, WEST, nodes_of, same, write_osm
from walkshed.errors import FormatError, NoStreetsError
from walkshed.network import cut, read_streets
from walkshed.network.boxes import Boxes
from walkshed.network.clip import Clip
from walkshed.network.cut import cut_streets
from walkshed.network.polylines import meet

TOWN = nodes_of("""
A------B------C----------------------D----------E
       |                             |
       F------G                      H----------I
""")
WAYS = [("ABC", {"highway": "residential", "name": "东街"}), ("BFG", {"highway": "path"}),
        ("CD", {"highway": "primary"}), ("DE", {"highway": "residential"}), ("DHI", {"highway": "service"}),
        ("FGF", {"waterway": "river", "name": "河"})]  # fmt: skip


def around(first: int, last: int) -> Clip:
    """An area over the columns from `first` to `last` of the drawing."""
    return Clip.of(shapely.box(WEST + first * STEP, 30.59, WEST + last * STEP, 30.61), 300.0)


def assert_same(path: Path, clip: Clip, store: Path, monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
    fresh = read_streets(path, area=clip.area, budget_m=clip.budget_m, **more)
    with monkeypatch.context() as patch:
        patch.setattr("walkshed.network.read.read_osm", lambda *_, **__: pytest.fail("read anew"))
        kept = read_streets(path, area=clip.area, budget_m=clip.budget_m, store=store, **more)
    assert same(fresh, kept)
    assert (fresh.surroundings is None) == (kept.surroundings is None)
    for name in ("water", "buildings", "places", "hosts", "rail") if fresh.surroundings else ():
        assert_geodataframe_equal(getattr(fresh.surroundings, name), getattr(kept.surroundings, name))


@pytest.mark.parametrize("ways_first", [False, True])
def test_each_area_finds_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ways_first: bool) -> None:
    path = write_osm(tmp_path / "a.osm", TOWN, WAYS, points=[("G", {"place": "village", "name": "村"})],
                     ways_first=ways_first)  # fmt: skip
    clips = [around(0, 8), around(30, 49), around(10, 40)]
    assert cut_streets(path, clips, store=tmp_path / "store", min_island_m=0.0) == {}
    for clip in clips:
        assert_same(path, clip, tmp_path / "store", monkeypatch, min_island_m=0.0)


def test_one_pass_for_all_and_none_for_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_osm(tmp_path / "a.osm", TOWN, WAYS)
    passes: list[int] = []
    real = cut.scan_all

    def counted(file: Any, limits: Any) -> Any:
        passes.append(len(limits))
        return real(file, limits)

    monkeypatch.setattr(cut, "scan_all", counted)
    clips = [around(0, 8), around(30, 49)]
    cut_streets(path, clips[:1], store=tmp_path / "store", min_island_m=0.0)
    cut_streets(path, clips, store=tmp_path / "store", min_island_m=0.0)
    cut_streets(path, clips, store=tmp_path / "store", min_island_m=0.0)
    assert passes == [1, 1]
    monkeypatch.setattr(cut, "AREAS_A_PASS", 1)
    cut_streets(path, clips, store=tmp_path / "other", min_island_m=0.0)
    assert passes == [1, 1, 1, 1]


def test_an_area_elsewhere_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_osm(tmp_path / "a.osm", TOWN, WAYS)
    far = Clip.of(shapely.box(10.0, 50.0, 10.1, 50.1), 300.0)
    failed = cut_streets(path, [far, around(0, 8)], store=tmp_path / "store", min_island_m=0.0)
    assert list(failed) == [0]
    assert isinstance(failed[0], NoStreetsError)
    assert_same(path, around(0, 8), tmp_path / "store", monkeypatch, min_island_m=0.0)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.osm"
    path.write_text("<osm", encoding="utf-8")
    with pytest.raises(FormatError):
        cut_streets(path, [around(0, 8)], store=tmp_path / "store")


def test_real_streets(real_data: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = real_data("porto_alegre/poa_osm.pbf")
    west, south, east, north = read_streets(path).source.extent
    xs, ys = np.linspace(west, east, 3), np.linspace(south, north, 3)
    clips = [Clip.of(shapely.box(xs[i], ys[j], xs[i + 1], ys[j + 1]), 1200.0) for i in (0, 1) for j in (0, 1)]
    failed = cut_streets(path, clips, store=tmp_path)
    for i, clip in enumerate(clips):
        if i not in failed:
            assert_same(path, clip, tmp_path, monkeypatch)
    assert len(failed) < len(clips)


coordinates = st.integers(-300, 300).map(lambda x: x / 100)
boxes = st.tuples(coordinates, coordinates, coordinates, coordinates).map(
    lambda c: (min(c[0], c[2]), min(c[1], c[3]), max(c[0], c[2]), max(c[1], c[3]))
)


@given(st.lists(boxes, min_size=1, max_size=8), boxes)
def test_boxes_find_all_that_meet(many: list[Any], one: Any) -> None:
    assert Boxes(many).met_by(one) == [i for i, box in enumerate(many) if meet(one, box)]
