"""The benchmark's own code: it loads, its small runs work, and the peers agree with the product."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

import walkshed as ws
from benchmarks import agreement, measure, profile_report, rows, table
from benchmarks.make import stations, tiles, walkable_xml
from benchmarks.peers import osmnx_example, scipy_shapely, walkshed_areas, walkshed_steps
from benchmarks.stages import areas, search
from benchmarks.stages.standing import stand
from osm_files import nodes_of, write_osm

HERE = Path(__file__).parent / "benchmarks"
COUNTY = ws.demo_county().streets
OF_BENCH_GROUP = {"pandana", "valhalla"}


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("benchmark") / "three.csv"
    stations.choose(COUNTY, path, 3)
    return path


@pytest.fixture(scope="module")
def ours(three: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("ours")
    walkshed_areas.work(COUNTY, three, out)
    return out


@pytest.mark.parametrize("path", sorted(HERE.rglob("[!_]*.py")), ids=lambda path: path.stem)
def test_every_module_loads_without_running_anything(path: Path):
    try:
        import_module(".".join(path.relative_to(HERE.parent).with_suffix("").parts))
    except ModuleNotFoundError as error:
        assert error.name in OF_BENCH_GROUP


def test_each_step_of_a_report_is_timed(three: Path, tmp_path: Path):
    spent = walkshed_steps.work(COUNTY, three, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("coverage.gpkg", "map.html", "report.html", "summary.json", "tables.xlsx"),
    ]
    shown = profile_report.table({"County": {step: (wall, cpu) for step, (wall, cpu) in spent.items()}})
    assert len(shown.splitlines()) == len(spent) + 3
    assert "| all | " in shown


def test_the_ordinary_way_gives_the_same_streets_and_areas(three, ours, tmp_path):
    scipy_shapely.work(COUNTY, three, tmp_path)
    found = agreement.compare(ours, tmp_path)
    assert found["areas"] == 9
    assert found["apart"] < 0.003
    assert found["street_apart"] < 0.001


def test_osmnx_gives_areas_of_whole_edges(three, ours, tmp_path):
    walkable_xml.write(COUNTY, tmp_path / "county.osm")
    said = osmnx_example.work(tmp_path / "county.osm", three, tmp_path, count="1")
    assert said["stations"] == 1
    found = agreement.compare(ours, tmp_path)
    assert found["areas"] == 3
    assert found["apart"] < 0.5
    assert found["street_apart"] is None


def test_jobs_of_other_stations_are_not_compared(three, ours, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text(three.read_text(encoding="utf-8").replace("s000", "t000"), encoding="utf-8")
    walkshed_areas.work(COUNTY, other, tmp_path)
    with pytest.raises(ValueError, match="same stations"):
        agreement.compare(ours, tmp_path)


def test_networkx_reaches_the_same_nodes_at_the_same_metres(three):
    standing = stand(COUNTY, three)
    peers = (search.with_plain_networkx(standing), search.with_networkx(standing), search.with_ego_graphs(standing))
    found = [peer.costs(peer.search()) for peer in peers]
    mine = search.found_by_walkshed(standing)
    assert [set(costs) for costs in mine] == [set(costs) for costs in found[0]]
    for theirs in found:
        for a, b in zip(mine, theirs, strict=True):
            assert {node: pytest.approx(m, abs=1e-6) for node, m in a.items()} == b


def test_a_stage_tells_a_contest(three):
    (contest,) = areas.compare(1, COUNTY, three)
    assert contest.name == "areas-shapely"
    assert len(contest.ours) == len(contest.theirs) == 1
    assert "of 9 areas" in contest.agreement


def test_tiles_are_copies_that_do_not_meet(tmp_path):
    nodes = nodes_of("""
A--------------B
|              |
C              D
""")
    one = write_osm(tmp_path / "one.osm", nodes, [("CABD", {"highway": "residential", "name": "Road"})])
    tiles.tile(one, tmp_path / "six.osm.pbf", columns=3, rows=2, step=(0.05, 0.04))
    small, large = ws.read_streets(one), ws.read_streets(tmp_path / "six.osm.pbf")
    assert (len(large), large.node_count) == (6 * len(small), 6 * small.node_count)
    assert large.street_km == pytest.approx(6 * small.street_km, rel=1e-3)  # degrees of longitude shrink northwards
    assert large.names == ("", "Road")


def test_a_program_tells_its_last_object_and_its_memory():
    code = "import json; print(1); print(json.dumps({'a': 2})); print('chat')"
    one = measure.run([sys.executable, "-c", code])
    assert one.said == {"a": 2}
    assert one.seconds > 0
    assert one.peak_mb > 1


def test_a_program_that_fails_says_why():
    with pytest.raises(measure.ProgramError, match="exit 3: no luck"):
        measure.run([sys.executable, "-c", "import sys; print('no luck', file=sys.stderr); sys.exit(3)"])


def test_turns_are_taken():
    order: list[str] = []

    def job(name: str, seconds: float):
        def once() -> measure.Run:
            order.append(name)
            return measure.Run(seconds, 1.0, 1.0)

        return once

    runs = measure.take_turns({"a": job("a", 1.0), "slow": job("slow", 60.0), "b": job("b", 1.0)}, 2)
    assert order == ["a", "slow", "b", "a", "b", "a", "b"] * 2  # what is quick more often
    assert [len(r) for r in runs.values()] == [6, 2, 6]


def test_rows_are_chosen_by_pattern():
    assert rows.chosen([]) == rows.NAMES
    assert rows.chosen(["search-*", "store"]) == ["store", *(n for n in rows.NAMES if n.startswith("search-"))]
    assert rows.chosen(["nothing"]) == []
    assert len(set(rows.NAMES)) == len(rows.NAMES)


def test_the_table_keeps_what_a_row_says():
    line = table.Line(name="store", what="streets", aim="30 x").figures(ratio="163 x").remarks("same to the bit", "")
    assert "| store | streets |  |" in table.markdown([line])
    assert "- **store** (streets): same to the bit" in table.markdown([line])
    assert "163 x" in table.plain([line])
