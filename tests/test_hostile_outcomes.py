"""Hostile files, each read in a process of its own: a bound on memory and time, one clear line, and nothing lost."""

from __future__ import annotations

import csv
import json
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import shapely
from playwright.sync_api import sync_playwright

from bounds import MOST_MB, MOST_SECONDS
from osm_files import WEST, osm_xml, write_osm
from outcomes import settle
from toy_province import TOWN, WAYS, box, write_layer

# The child looks at its own memory: the peak that the system keeps may be the parent's.
READ = """
import sys, threading, time, warnings
warnings.simplefilter("ignore")
most = 0
def watch():
    global most
    while True:
        status = open("/proc/self/status", encoding="utf-8").read()
        most = max(most, int(status.split("VmRSS:")[1].split()[0]) // 1024)
        time.sleep(0.005)
threading.Thread(target=watch, daemon=True).start()
from pathlib import Path
import walkshed as ws
from walkshed.cli.commands import report
from walkshed.cli.provincefile import read_province
from walkshed.cli.studyfile import read_study_options
from walkshed.errors import WalkshedError
what, path = sys.argv[1:]
def analyzed(path):
    return ws.analyze(ws.read_streets(Path(path).with_name("streets.osm")), ws.read_stations(path))
read = {
    "streets": ws.read_streets, "area": ws.read_area, "stations": ws.read_stations, "people": ws.read_people,
    "zones": ws.read_zones, "study": lambda path: read_study_options(Path(path), report),
    "gaps": lambda path: f"{len(analyzed(path).gaps)} gaps told",
    "coverage": lambda path: "{street_km:.2f} km of street, {covered:.2f} km covered".format(
        **(told := analyzed(path).summary)["streets"], covered=told["coverage"][-1]["street_km"]),
    "folders": lambda path: ", ".join(job.slug for job in read_province(Path(path), report).jobs),
    "streets near": lambda path: ws.read_streets(Path(path).with_name("streets.osm"), area=ws.read_area(path)),
}[what]
try:
    found = read(path)
    print(found if isinstance(found, str) else type(found).__name__ + " read")
except WalkshedError as error:
    print(" ".join(str(error).split()))
print(most)
"""


def apart(what: str, path: Path) -> str:
    if not Path("/proc/self/status").exists():
        pytest.skip("the most memory a process took is read from /proc, which this system lacks")
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))

    command = [sys.executable, "-c", READ, what, str(path)]
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", timeout=MOST_SECONDS * 10, check=False, preexec_fn=limit
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said, memory = done.stdout.splitlines()
    assert int(memory) < MOST_MB
    assert "Traceback" not in said
    return said.replace(str(path), path.name).replace(str(path.parent), "FOLDER")


def xml_bomb(folder: Path) -> Path:
    path = folder / "bomb.osm"
    path.write_text(bombed(osm_xml(TOWN, WAYS).partition("?>\n")[2], "长街"), encoding="utf-8")
    return path


def external_entity(folder: Path) -> Path:
    secret = folder / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    text = osm_xml(TOWN, WAYS).replace("<osm ", f'<!DOCTYPE osm [<!ENTITY a SYSTEM "{secret.as_uri()}">]>\n<osm ', 1)
    path = folder / "outside.osm"
    path.write_text(text.replace('v="长街"', 'v="&a;"'), encoding="utf-8")
    return path


def gzip_bomb(folder: Path) -> Path:
    path = folder / "bomb.osm.gz"
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    with path.open("wb") as file:
        file.write(packer.compress(b'<osm version="0.6">'))
        for _ in range(300):
            file.write(packer.compress(b" " * 10_000_000))
        file.write(packer.compress(b"</osm>") + packer.flush())
    return path


def _blob(kind: bytes, size: int, raw_size: int, data: bytes) -> bytes:
    def field(number: int, wire: int, value: bytes) -> bytes:
        return bytes([number << 3 | wire]) + value

    def varint(n: int) -> bytes:
        out = b""
        while n > 127:
            out, n = out + bytes([n & 127 | 128]), n >> 7
        return out + bytes([n])

    blob = field(2, 0, varint(raw_size)) + field(3, 2, varint(len(data)) + data)
    head = field(1, 2, varint(len(kind)) + kind) + field(3, 0, varint(size or len(blob)))
    return struct.pack(">I", len(head)) + head + blob


def pbf_lying_size(folder: Path) -> Path:
    path = folder / "size.osm.pbf"
    path.write_bytes(_blob(b"OSMHeader", 2**31 - 1, 10, zlib.compress(b"x")))
    return path


def pbf_lying_content(folder: Path) -> Path:
    path = folder / "content.osm.pbf"
    path.write_bytes(_blob(b"OSMHeader", 0, 2**31 - 1, zlib.compress(bytes(50_000_000))))
    return path


def pbf_huge_head(folder: Path) -> Path:
    path = folder / "head.osm.pbf"
    path.write_bytes(b"\xff\xff\xff\xff" + b"OSMHeader" * 4)
    return path


def area(name: str, shape: shapely.Geometry) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        write_osm(folder / "streets.osm", TOWN, WAYS)
        return write_layer(folder / f"{name}.geojson", {"a": shape})

    return make


def fine_outline() -> shapely.Polygon:
    turn = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    wave = 0.01 * (1 + 0.1 * np.sin(5000 * turn))
    return shapely.Polygon(np.column_stack([114.05 + wave * np.cos(turn), 30.6 + wave * np.sin(turn)]))


def text_file(name: str, text: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


def traversal_zip(folder: Path) -> Path:
    path = folder / "layers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../../escaped.geojson", '{"type": "FeatureCollection", "features": []}')
    return path


def stations(name: str, *rows: tuple[object, ...]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        write_osm(folder / "streets.osm", TOWN, WAYS)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("name", "lon", "lat"), *rows])
        return folder / f"{name}.csv"

    return make


def far_street(name: str, *lonlat: tuple[float, float]) -> Callable[[Path], Path]:
    """Make one street along some places, and a station at the first."""

    def make(folder: Path) -> Path:
        path = stations(name, ("a", *lonlat[0]))(folder)
        nodes = {chr(65 + i): place for i, place in enumerate(lonlat)}
        write_osm(folder / "streets.osm", nodes, [("".join(nodes), {"highway": "residential"})])
        return path

    return make


def bombed(text: str, entity_at: str) -> str:
    """Put an entity that unfolds to 100 GB in the place of some text."""
    levels = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    root = text[1 : text.index(" ")]
    return f'<!DOCTYPE {root} [<!ENTITY a0 "{"x" * 100}">{levels}]>\n{text}'.replace(entity_at, "&a9;")


GRAPH = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="x" for="node" attr.name="x" attr.type="string"/>
<key id="y" for="node" attr.name="y" attr.type="string"/><key id="l" for="edge" attr.name="length" attr.type="string"/>
<key id="c" for="graph" attr.name="crs" attr.type="string"/><graph edgedefault="directed"><data key="c">epsg:4326</data>
<node id="1"><data key="x">PLACE</data><data key="y">NaN</data></node>
<node id="2"><data key="x">114</data><data key="y">30</data></node>
<edge source="1" target="2"><data key="l">NaN</data></edge></graph></graphml>"""
KML = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>PLACE</name>
<Point><coordinates>114,30</coordinates></Point></Placemark></Document></kml>"""
BATCH = '[defaults]\nstreets = "s.osm"\nstations = "s.csv"\n'
AWAY = ("../../etc", "/root", "..", "C:\\\\x", "a\\u0000b", "con")
NAN_POINTS = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"population":NaN},"geometry":{"type":"Point","coordinates":[NaN,NaN]}}]}'
BOWTIE = shapely.Polygon([(114.0, 30.59), (114.06, 30.61), (114.06, 30.59), (114.0, 30.61)])
ACROSS = shapely.MultiPolygon([shapely.box(179.9, -17, 180, -16.9), shapely.box(-180, -17, -179.9, -16.9)])

HOSTILE: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "OSM XML whose entities unfold to 100 GB": ("streets", xml_bomb),
    "OSM XML that names a file outside as an entity": ("streets", external_entity),
    "OSM, gzip, 3 GB of blanks": ("streets", gzip_bomb),
    "pbf that states a block of 2 GB": ("streets", pbf_lying_size),
    "pbf whose block is larger than it states": ("streets", pbf_lying_content),
    "pbf that states a head of 4 GB": ("streets", pbf_huge_head),
    "An area of 1,000,000 vertices": ("streets near", area("fine", fine_outline())),
    "An area that crosses itself": ("streets near", area("bowtie", BOWTIE)),
    "An area across the antimeridian": ("streets near", area("across", ACROSS)),
    "An area at the pole": ("streets near", area("pole", shapely.box(-180, 89, 180, 90))),
    "Streets across the antimeridian, and a station there": (
        "coverage",
        far_street("far", (179.98, -17), (179.99, -17), (-179.99, -17), (-179.98, -17)),
    ),
    "Streets at the pole": ("coverage", far_street("far", (0, 89.98), (0, 90), (120, 89.98))),
    "An area that is the whole globe": ("streets near", area("globe", shapely.box(-180, -90, 180, 90))),
    "100,000 stations at one point": (
        "gaps",
        stations("crowd", *((f"s{i}", WEST + 0.02, 30.6) for i in range(100_000))),
    ),
    "A list of stations with NaN, inf and 1e308 for coordinates": (
        "stations",
        stations("nan", ("a", "NaN", "nan"), ("b", "inf", "-inf"), ("c", "1e308", "30")),
    ),
    "GraphML with NaN for places and lengths": ("streets", text_file("nan.graphml", GRAPH.replace("PLACE", "NaN"))),
    "GraphML whose entities unfold to 100 GB": ("streets", text_file("bomb.graphml", bombed(GRAPH, "PLACE"))),
    "KML whose entities unfold to 100 GB": ("stations", text_file("bomb.kml", bombed(KML, "PLACE"))),
    "A study with NaN for a setting": ("folders", text_file("nan.toml", f"{BATCH}[[study]]\nspeed = nan\n")),
    "A study with 1e308 for a setting": ("folders", text_file("far.toml", f"{BATCH}[[study]]\nspeed = 1e308\n")),
    "Studies whose names lead to other folders": (
        "folders",
        text_file("away.toml", BATCH + "".join(f'[[study]]\nname = "{name}"\n' for name in AWAY)),
    ),
    "GeoJSON with NaN for coordinates and people": ("people", text_file("nan.geojson", NAN_POINTS)),
    "GeoJSON nested 100,000 deep": ("zones", text_file("deep.geojson", "[" * 100_000)),
    "A zip file with a path that leads outside": ("zones", traversal_zip),
    "TOML nested 100,000 deep": ("study", text_file("deep.toml", f"stations = {'[' * 100_000}")),
    "TOML of 10 MB": ("study", text_file("long.toml", f'stations = "{"x" * 10_000_000}"')),
    "GraphML that is a list of nodes without places": (
        "streets",
        text_file("g.graphml", '<graphml><graph edgedefault="directed"><node id="1"/></graph></graphml>'),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files(tmp_path: Path, what: str) -> None:
    role, make = HOSTILE[what]
    path = make(tmp_path)
    before = sorted(tmp_path.parent.rglob("*"))
    said = apart(role, path)
    assert "secret" not in said
    assert sorted(tmp_path.parent.rglob("*")) == before
    settle("hostile", what, said)


HURTS = ("<script>alert(1)</script>\"'&`${x}`{{7*7}}", '=HYPERLINK("http://x")', "@SUM(1)", "+1", "\x1b[31m‮x\x00")


@pytest.mark.slow
def test_what_users_write_is_text_in_every_output(tmp_path: Path) -> None:
    ways = [(way, tags | {"name": HURTS[0]}) for way, tags in WAYS]
    write_osm(tmp_path / "streets.osm", TOWN, ways)
    rows = [(h.replace("\x00", ""), h.replace("\x00", ""), WEST + 0.01 + 0.02 * i, 30.6) for i, h in enumerate(HURTS)]
    with (tmp_path / "stations.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("name", "category", "lon", "lat"), *rows])
    shapes = {HURTS[0]: box(0, 30), HURTS[1]: box(30, 60)}
    areas = write_layer(tmp_path / "areas.geojson", shapes)
    text = f'title = {json.dumps(HURTS[0])}\n[defaults]\nstreets = "streets.osm"\nstations = "stations.csv"\n'
    text += f'zones = "areas.geojson"\nattribution = {json.dumps(HURTS[0])}\n[split]\nareas = "{areas.name}"\n'
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "walkshed", "batch", "p.toml", "--workers", "1", "--out", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "\x1b" not in done.stdout + done.stderr
    pages = sorted((tmp_path / "out").rglob("*.html"))
    assert len(pages) == 5
    nothing_runs(pages)
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert "<script>alert" not in html, page
        assert "\x1b" not in html
    for book in sorted((tmp_path / "out").rglob("*.xlsx")):
        for sheet in openpyxl.load_workbook(book):
            assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"], book
    assert {p.name for p in tmp_path.iterdir()} == {"streets.osm", "stations.csv", "areas.geojson", "p.toml", "out"}
    settle(
        "hostile",
        "HTML, scripts, formulas and escape codes as names of all kinds",
        "text in every output and on the terminal",
    )


WRITTEN = {
    "report": ("--pdf", "--png", "--format", "geojson", "--format", "parquet", "--format", "shp"),
    "sites": ("--add", "1", "--anywhere"),
    "compare": ("stations.csv",),
    "check": ("--out", "out/check.html", "--fix", "out/fixed.csv"),
}


@pytest.mark.slow
@pytest.mark.parametrize("command", WRITTEN)
def test_what_users_write_is_text_in_what_single_commands_write(tmp_path: Path, command: str) -> None:
    """Every column of a list that is shown anywhere is hostile; Chromium opens each page, and nothing of it runs."""
    write_osm(tmp_path / "streets.osm", TOWN, [(way, tags | {"name": HURTS[0]}) for way, tags in WAYS])
    columns = ("name", "category", "address", "hours", "groups", "township")
    rows = [(*[h.replace("\x00", "")] * len(columns), WEST + 0.01 + 0.02 * i, 30.6) for i, h in enumerate(HURTS)]
    with (tmp_path / "stations.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([(*columns, "lon", "lat"), *rows])
    write_layer(tmp_path / "zones.geojson", {HURTS[0]: box(0, 30), HURTS[1]: box(30, 119)})
    write_layer(tmp_path / "area.geojson", {HURTS[0]: box(0, 119)})
    (tmp_path / "out").mkdir()
    asked = ["--streets", "streets.osm", "--no-store", "--title", HURTS[0], "--attribution", HURTS[0]]
    asked += ["--zones", "zones.geojson", "--area", "area.geojson"]
    out = [] if command == "check" else ["--out", "out"]
    line = [sys.executable, "-m", "walkshed", command, "stations.csv", *WRITTEN[command], *asked, *out]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "\x1b" not in done.stdout + done.stderr
    pages = sorted((tmp_path / "out").rglob("*.html"))
    assert pages
    for page in pages:
        assert "<script>alert" not in page.read_text(encoding="utf-8"), page
    for book in sorted((tmp_path / "out").rglob("*.xlsx")):
        for sheet in openpyxl.load_workbook(book):
            assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"], book
    for table in sorted((tmp_path / "out").rglob("*.csv")):
        with table.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell[:1] in "=@+-\t\r" and not is_number(cell)]
    nothing_runs(pages)
    settle("hostile", "The same in PDF, PNG, layers, comparisons, checked lists", "text; no page runs it in Chromium")


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return cell == ""
    return True


def nothing_runs(pages: list[Path]) -> None:
    """Open pages in Chromium, where there is one, and hold that none opens a dialog or says an error."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        return
    heard: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for page in pages:
            tab = browser.new_context(offline=True).new_page()
            tab.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
            tab.on("pageerror", lambda error: heard.append(str(error)))
            tab.goto(page.as_uri())
            tab.wait_for_timeout(300)
        browser.close()
    assert heard == []


def test_the_page_names_every_case() -> None:
    page = (Path(__file__).parents[1] / "docs" / "faults.md").read_text(encoding="utf-8")
    assert all(f"| {what} |" in page for what in HOSTILE)
