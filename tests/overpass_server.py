"""A server on this machine that answers as Overpass and Nominatim do, well or badly."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, str]
"""HTTP status and body."""


class OsmServer:
    """Listens on a free port of the loopback while it is open.

    `overpass` and `nominatim` are what it answers; `wait_s` how long it thinks; `asked` whom it was asked as.
    """

    def __init__(self) -> None:
        self.overpass: Answer = (200, overpass_json([], []))
        self.nominatim: Answer = (200, "[]")
        self.wait_s = 0.0
        self.asked: list[str] = []
        self.questions: list[str] = []
        self._leaving = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def endpoint(self) -> str:
        return f"{self.address}/api"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "OsmServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, question: str) -> Answer:
        self.asked.append(path)
        self.questions.append(question)
        self._leaving.wait(self.wait_s)
        if path == "/api/interpreter":
            return self.overpass
        if path == "/api/status":
            return 200, "Connected as: 1\nCurrent time: x\nRate limit: 2\n\n2 slots available now.\n"
        return self.nominatim if path == "/search" else (404, "nothing here")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer: Callable[[str, str], Answer] = self.answer

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                self.reply(parts.path, parse_qs(parts.query).get("q", [""])[0])

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8")
                self.reply(urlsplit(self.path).path, parse_qs(body).get("data", [""])[0])

            def reply(self, path: str, question: str) -> None:
                status, text = answer(path, question)
                body = text.encode("utf-8")
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except (BrokenPipeError, ConnectionResetError):
                    return  # who asked has given up

            def log_message(self, format: str, *args: Any) -> None:
                return

        return Handler


def overpass_json(nodes: list[tuple[int, float, float]], ways: list[tuple[int, list[int], dict[str, str]]]) -> str:
    """Write nodes (id, lon, lat) and ways (id, node ids, tags) as Overpass does."""
    elements: list[dict[str, Any]] = [{"type": "node", "id": n, "lon": x, "lat": y} for n, x, y in nodes]
    elements += [{"type": "way", "id": w, "nodes": refs, "tags": tags} for w, refs, tags in ways]
    stamp = {"timestamp_osm_base": "2025-08-09T00:00:00Z", "copyright": "OpenStreetMap"}
    return json.dumps({"version": 0.6, "osm3s": stamp, "elements": elements})


def overpass_json_of(path: Path) -> str:
    """Write all nodes and ways of an OSM file as Overpass does."""
    import osmium

    nodes, ways = [], []
    for item in osmium.FileProcessor(path):
        if item.is_node():
            nodes.append((item.id, item.lon, item.lat))
        elif item.is_way() and "highway" in item.tags:
            ways.append((item.id, [n.ref for n in item.nodes], dict(item.tags)))
    there = {node for node, *_ in nodes}
    return overpass_json(nodes, [(way, [n for n in refs if n in there], tags) for way, refs, tags in ways])


def nominatim_json(outline: dict[str, Any], name: str = "Somewhere") -> str:
    """Write one result with an outline (GeoJSON geometry) as Nominatim does."""
    place = {
        "place_id": 1,
        "osm_type": "relation",
        "osm_id": 1,
        "lat": "0",
        "lon": "0",
        "importance": 0.5,
        "name": name,
        "display_name": name,
        "boundingbox": ["0", "1", "0", "1"],
        "geojson": outline,
    }
    return json.dumps([place])
