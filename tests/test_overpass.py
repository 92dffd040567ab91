"""Streets from servers that answer as Overpass and Nominatim do, all on this machine."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmnx as ox
import pytest
import shapely

from overpass_server import OsmServer, nominatim_json, overpass_json, overpass_json_of
from walkshed.errors import FetchError, InputError, InputWarning, NoStreetsError
from walkshed.network import servers
from walkshed.network.clip import Clip
from walkshed.network.osm import read_osm
from walkshed.network.overpass import fetch_area, fetch_streets
from walkshed.network.streets import BRIDGE, Streets

BOX = shapely.box(119.30, 33.20, 119.32, 33.22)
NODES = [(1, 119.30, 33.21), (2, 119.31, 33.21), (3, 119.32, 33.21), (4, 119.31, 33.22), (5, 119.31, 33.20)]
WAYS: list[tuple[int, list[int], dict[str, str]]] = [
    (10, [1, 2, 3], {"highway": "residential", "name": "叶挺路", "oneway": "yes"}),
    (11, [4, 2], {"highway": "footway", "bridge": "yes"}),
    (12, [2, 5], {"highway": "motorway"}),
    (13, [5, 3], {"highway": "path", "foot": "no"}),
]


@pytest.fixture
def server() -> Iterator[OsmServer]:
    with OsmServer() as running:
        running.overpass = (200, overpass_json(NODES, WAYS))
        running.nominatim = (200, nominatim_json(shapely.geometry.mapping(BOX)))
        yield running


@pytest.fixture(autouse=True)
def settings_stay() -> Iterator[None]:
    """Whatever happens, OSMnx's settings and the process's way to find addresses are as before."""

    def state() -> dict[str, Any]:
        return {k: v for k, v in vars(ox.settings).items() if not k.startswith("_")}

    before, getaddrinfo = state(), socket.getaddrinfo
    yield
    assert state() == before
    assert socket.getaddrinfo is getaddrinfo


def fetch(server: OsmServer, folder: Path, place: Any = BOX, **options: Any) -> Streets:
    options = {"min_island_m": 0.0, "endpoint": server.endpoint, "nominatim": server.address, **options}
    return fetch_streets(place, cache=folder, **options)


def test_a_polygon(server: OsmServer, tmp_path: Path) -> None:
    steps: list[tuple[str, float]] = []
    streets = fetch(server, tmp_path, progress=lambda step, share: steps.append((step, share)))
    frame = streets.to_frame()
    assert sorted(zip(frame["osm_id"], frame["name"], frame["highway"], strict=True)) == [
        (10, "叶挺路", "residential"),
        (10, "叶挺路", "residential"),
        (11, "", "footway"),
    ]
    assert streets.node_id.tolist() == [1, 2, 3, 4]
    assert sorted(streets.edge_flags) == [0, 0, BRIDGE]
    assert (streets.source.origin, streets.source.date, streets.source.name) == ("osm", "2025-08-09", "area")
    assert streets.surroundings is None
    west, south, east, north = streets.source.extent
    assert shapely.box(west, south, east, north).contains(BOX)
    assert steps[-1] == ("streets", 1.0)
    assert server.asked == ["/api/interpreter"]


def test_a_name(server: OsmServer, tmp_path: Path) -> None:
    streets = fetch(server, tmp_path, "宝应县, 扬州市")
    assert streets.source.name == "宝应县, 扬州市"
    assert server.asked == ["/search", "/api/interpreter"]
    assert server.questions[0] == "宝应县, 扬州市"
    area = fetch_area("宝应县, 扬州市", nominatim=server.address, cache=tmp_path)
    assert (area.crs, area["name"].tolist()) == ("EPSG:4326", ["宝应县, 扬州市"])
    assert area.geometry.iloc[0].equals(BOX)


def test_the_second_time_nobody_is_asked(server: OsmServer, tmp_path: Path) -> None:
    first = fetch(server, tmp_path, "Baoying")
    server.asked.clear()
    server.overpass = server.nominatim = (500, "")
    second = fetch(server, tmp_path, "Baoying", timeout_s=7.0)
    assert server.asked == []
    assert second.to_frame().equals(first.to_frame())
    assert second.source == first.source


def test_a_frame_is_a_place(server: OsmServer, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["宝应"]}, geometry=[BOX], crs=4326).to_crs(32650)
    assert fetch(server, tmp_path, frame).source.name == "宝应"


def test_the_area_asked_for_reaches_one_budget_beyond(server: OsmServer, tmp_path: Path) -> None:
    fetch(server, tmp_path, budget_m=2000.0)
    numbers = server.questions[0].split("poly:'")[1].split("'")[0].split()
    outline = shapely.Polygon([(float(x), float(y)) for y, x in zip(numbers[::2], numbers[1::2], strict=True)])
    plane = gpd.GeoSeries([outline, BOX], crs=4326).to_crs(32650)
    assert plane.iloc[0].contains(plane.iloc[1].buffer(2000.0))


def test_far_streets_are_left_out(server: OsmServer, tmp_path: Path) -> None:
    far = [(6, 119.40, 33.21), (7, 119.41, 33.21)]
    server.overpass = (200, overpass_json(NODES + far, [*WAYS, (14, [3, 6, 7], {"highway": "path"})]))
    assert 7 not in fetch(server, tmp_path).node_id


def test_the_same_as_from_the_file(server: OsmServer, tmp_path: Path) -> None:
    folder = os.environ.get("WALKSHED_DATA")
    if not folder:
        pytest.skip("set WALKSHED_DATA to the folder with monaco/monaco.osm.gz")
    path = Path(folder) / "monaco" / "monaco.osm.gz"
    area = shapely.box(7.415, 43.73, 7.43, 43.745)
    server.overpass = (200, overpass_json_of(path))
    read = read_osm(path, clip=Clip.of(area, 500.0))
    fetched = fetch(server, tmp_path, area, budget_m=500.0, min_island_m=1000.0)
    assert fetched.to_frame().equals(read.to_frame())
    assert fetched.source.islands_left_out_m == pytest.approx(read.source.islands_left_out_m)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((429, "slow down"), "busy"),
        ((504, "<html>"), "busy"),
        ((500, "oops"), "HTTP 500"),
        ((400, "parse error"), "HTTP 400"),
        ((200, "<html>Sorry</html>"), "no JSON"),
        ((200, ""), "no JSON"),
        ((200, "[]"), "without elements"),
        ((200, "{}"), "without elements"),
        ((200, '{"elements": [], "remark": "runtime error: Query ran out of memory"}'), "out of memory"),
        ((200, '{"elements": [{"type": "node"}]}'), "understood"),
        ((200, '{"elements": [7]}'), "understood"),
        ((200, overpass_json(NODES[:1], WAYS)), "found no walkable street"),
        ((200, overpass_json([], [])), "found no walkable street in area"),
        ((200, overpass_json(NODES, [])), "found no walkable street in area"),
    ],
)
def test_bad_answers(server: OsmServer, tmp_path: Path, answer: tuple[int, str], says: str) -> None:
    good = server.overpass
    server.overpass = answer
    with pytest.raises(FetchError, match=says) as caught:
        fetch(server, tmp_path)
    assert server.endpoint in str(caught.value)
    assert "\n" not in str(caught.value)
    server.overpass = good
    assert fetch(server, tmp_path).street_km > 0  # nothing bad was kept


def test_only_motorways(server: OsmServer, tmp_path: Path) -> None:
    server.overpass = (200, overpass_json(NODES, WAYS[2:]))
    with pytest.raises(NoStreetsError, match="can be walked"):
        fetch(server, tmp_path)


def test_a_slow_server(server: OsmServer, tmp_path: Path) -> None:
    server.wait_s = 30.0
    with pytest.raises(FetchError, match=r"did not answer within 0\.3 s.*geofabrik"):
        fetch(server, tmp_path, timeout_s=0.3)
    with pytest.raises(FetchError, match=r"did not answer within 0\.3 s.*nominatim="):
        fetch(server, tmp_path, "Baoying", timeout_s=0.3)


def test_no_internet(tmp_path: Path) -> None:
    with OsmServer() as gone:
        pass
    with pytest.raises(FetchError, match=r"cannot be reached: no internet.*geofabrik"):
        fetch(gone, tmp_path)
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch(gone, tmp_path, "Baoying")
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch(gone, tmp_path, endpoint="http://no-such-host.invalid/api")


def test_a_busy_public_server_is_asked_again(
    server: OsmServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, waits = server.overpass, []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if seconds == servers.PATIENCE_S[0]:
            server.overpass = good

    server.overpass = (429, "")
    monkeypatch.setattr(ox.settings, "overpass_url", server.endpoint)
    monkeypatch.setattr(servers.time, "sleep", sleep)
    assert fetch(server, tmp_path, endpoint=None).street_km > 0
    assert servers.PATIENCE_S[0] in waits
    assert servers.PATIENCE_S[1] not in waits


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((200, "[]"), "found no place called 'Atlantis'"),
        ((200, nominatim_json({"type": "Point", "coordinates": [119.3, 33.2]})), "only as a point"),
        ((200, '{"error": "no"}'), "no list of places"),
        ((200, '[{"a": 1}]'), "understood"),
        ((200, "<html>"), "no JSON"),
        ((403, "blocked"), "HTTP 403"),
        ((429, "busy"), "busy"),
    ],
)
def test_bad_places(server: OsmServer, tmp_path: Path, answer: tuple[int, str], says: str) -> None:
    server.nominatim = answer
    with pytest.raises(FetchError, match=says):
        fetch(server, tmp_path, "Atlantis")
    assert server.asked == ["/search"]


def test_a_damaged_cache_is_asked_for_anew(server: OsmServer, tmp_path: Path) -> None:
    first = fetch(server, tmp_path)
    (kept,) = tmp_path.rglob("*.json")
    kept.write_text(kept.read_text(encoding="utf-8")[:50], encoding="utf-8")
    assert fetch(server, tmp_path).to_frame().equals(first.to_frame())
    assert len(server.asked) == 2
    assert json.loads(kept.read_text(encoding="utf-8"))["elements"]


def test_a_cache_that_cannot_be_written(server: OsmServer, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.warns(InputWarning, match="not kept"):
        streets = fetch(server, tmp_path / "file")
    assert streets.source.date == "2025-08-09"


def test_bad_arguments(server: OsmServer, tmp_path: Path) -> None:
    for options in ({"endpoint": "overpass-api.de"}, {"timeout_s": 0.0}, {"budget_m": -1.0}):
        with pytest.raises(InputError):
            fetch(server, tmp_path, **options)
    for place in ("", "  ", shapely.Point(1, 1), 7):
        with pytest.raises(InputError):
            fetch(server, tmp_path, place)
    assert server.asked == []


def test_the_address_may_name_the_interpreter(server: OsmServer, tmp_path: Path) -> None:
    fetch(server, tmp_path, endpoint=f"{server.endpoint}/interpreter/")
    assert server.asked == ["/api/interpreter"]


def test_settings_of_the_user_stay(server: OsmServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ox.settings, "cache_only_mode", True)
    monkeypatch.setattr(ox.settings, "useful_tags_way", ["width"])
    monkeypatch.setattr(ox.settings, "all_oneway", True)
    assert fetch(server, tmp_path).street_km > 0
    assert ox.settings.useful_tags_way == ["width"]


def test_without_osmnx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "osmnx", None)
    with pytest.raises(InputError, match=r"walkshed\[osmnx\]"):
        fetch_streets(BOX, cache=tmp_path)
