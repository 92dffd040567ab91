"""``Server``: Overpass and Nominatim, asked through OSMnx's clients, whose settings are only lent."""

from __future__ import annotations

import hashlib
import json
import math
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from types import ModuleType
from typing import Any, TypeVar

import platformdirs

from walkshed.errors import FetchError, InputError, warn_user
from walkshed.network.graph import extra
from walkshed.network.tagged import FILTER_KEYS, NAME_KEYS
from walkshed.phrases import Phrase
from walkshed.schema import WGS84

T = TypeVar("T")

TAGS = [*FILTER_KEYS, *NAME_KEYS, "bridge", "tunnel"]
BUSY = (429, 504)
PATIENCE_S = (15.0, 60.0)
"""Waits before a busy public server is asked again; a server that the user names is not waited for."""
SERVER_S = 180
"""Seconds that Overpass may work on an answer, at least: part of the query, and so of the cache's key."""

_one_at_a_time = Lock()  # OSMnx's settings are global


@dataclass(frozen=True)
class Server:
    """Whom to ask.

    Attributes
    ----------
    url
        Base address.
    kind
        Name of OSMnx's setting for it: "overpass_url" or "nominatim_url".
    timeout_s
        Seconds without an answer after which to give up.
    public
        Whether it is OSMnx's own choice, and not the user's.
    """

    url: str
    kind: str
    timeout_s: float
    public: bool

    @classmethod
    def at(cls, url: str | None, kind: str, timeout_s: float) -> Server:
        """Check an address; None stands for OSMnx's.

        Raises
        ------
        InputError
            If it is no address, the timeout no positive number, or OSMnx not installed.
        """
        if not (math.isfinite(timeout_s) and timeout_s > 0):
            raise InputError(f"timeout_s: must be a positive number of seconds, found {timeout_s:g}")
        base = str(url or getattr(extra("osmnx").settings, kind))
        if not re.match(r"https?://[^/]", base):
            raise InputError(f"{base}: not the address of a server; give one that starts with https://")
        return cls(re.sub(r"/(interpreter|search)?/*$", "", base), kind, timeout_s, public=url is None)

    def settings(self, folder: Path) -> dict[str, Any]:
        """OSMnx's settings for asking this server, and nothing left to what the user set for other work."""
        server_s = max(SERVER_S, math.ceil(self.timeout_s))
        theirs = extra("osmnx").settings.requests_kwargs
        return {
            self.kind: self.url,
            "all_oneway": False,
            "bidirectional_network_types": ["walk"],
            "cache_folder": folder,
            "cache_only_mode": False,
            "default_access": '["access"!~"private"]',
            "default_crs": WGS84.lower(),
            "doh_url_template": None,  # no second way out where the first does not lead anywhere
            "overpass_rate_limit": False,  # else a minute passes before it is noticed that there is no internet
            "overpass_settings": f"[out:json][timeout:{server_s}]{{maxsize}}",
            "requests_kwargs": {**theirs, "hooks": {"response": self.check}},
            "requests_timeout": self.timeout_s,
            "use_cache": True,
            "useful_tags_way": TAGS,
        }

    def check(self, response: Any, *_: Any, **__: Any) -> None:
        """Refuse an answer that is none before OSMnx keeps it: it would wait for ever, or use half of it."""
        if response.is_redirect:
            return
        if not response.ok:
            response.close()  # its connection would stay open, since nobody reads on
        if response.status_code in BUSY:
            raise _BusyError(
                Phrase("network.server_busy", server=self.url, status=response.status_code, remedy=_remedy(self.kind))
            )
        if not response.ok:
            raise self.error(Phrase("network.server_status", status=response.status_code, reason=response.reason))
        try:
            answer = response.json()
        except ValueError as error:
            raise self.error(Phrase("network.server_no_json", found=response.text[:60])) from error
        if self.kind == "overpass_url":
            if not isinstance(answer, dict) or not isinstance(answer.get("elements"), list):
                raise self.error(Phrase("network.server_no_elements"))
            if "remark" in answer:  # the part that was ready when time or memory ran out
                raise self.error(Phrase("network.server_half", found=str(answer["remark"])[:120]))
        elif not isinstance(answer, list):
            raise self.error(Phrase("network.server_no_list"))

    def error(self, what: str) -> FetchError:
        """Say what the server did, and what to do."""
        return FetchError(Phrase("network.server", server=self.url, what=what, remedy=_remedy(self.kind)))


class _BusyError(FetchError):
    """The server asks to wait."""


def _remedy(kind: str) -> str:
    if kind == "nominatim_url":
        return Phrase("network.remedy_place")
    return Phrase("network.remedy_streets")


def ask(server: Server, folder: Path, request: Callable[[ModuleType], T], what: str) -> T:
    """Ask through OSMnx, and again where the server is busy or a kept answer is damaged.

    Parameters
    ----------
    server
        Whom.
    folder
        Where answers are kept.
    request
        Calls OSMnx; may raise FetchError.
    what
        What is asked for, for the message that there is none.

    Raises
    ------
    FetchError
        If there is no good answer.
    """
    for wait_s in (*(PATIENCE_S if server.public else ()), None):
        try:
            return _once(server, folder, request, what)
        except _BusyError:
            if wait_s is None:
                raise
            time.sleep(wait_s)
        except (json.JSONDecodeError, UnicodeDecodeError):
            _forget(folder)
    return _once(server, folder, request, what)


def _once(server: Server, folder: Path, request: Callable[[ModuleType], T], what: str) -> T:
    from requests import RequestException, Timeout

    try:
        with _settings(server.settings(folder)) as osmnx:
            return request(osmnx)
    except Timeout as error:
        raise server.error(Phrase("network.server_slow", seconds=server.timeout_s)) from error
    except RequestException as error:
        raise server.error(Phrase("network.server_gone")) from error
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError as error:  # what OSMnx raises when the answer holds nothing
        _forget(folder)
        raise FetchError(Phrase("network.server_nothing", server=server.url, what=what, reason=error)) from error
    except (KeyError, TypeError, AttributeError) as error:
        _forget(folder)
        raise server.error(Phrase("network.server_odd", reason=f"{type(error).__name__}: {error}")) from error


@contextmanager
def _settings(values: dict[str, Any]) -> Iterator[ModuleType]:
    """Lend OSMnx other settings; it also changes how the whole process finds addresses, which is undone."""
    osmnx = extra("osmnx")
    with _one_at_a_time:
        before = {key: getattr(osmnx.settings, key) for key in values}
        getaddrinfo = socket.getaddrinfo
        try:
            for key, value in values.items():
                setattr(osmnx.settings, key, value)
            yield osmnx
        finally:
            socket.getaddrinfo = getaddrinfo
            for key, value in before.items():
                setattr(osmnx.settings, key, value)


@contextmanager
def folder_for(cache: str | Path | None, *key: str | bytes) -> Iterator[Path]:
    """Find the folder for the answers to one question; a passing one where none can be made."""
    base = Path(cache) if cache is not None else Path(platformdirs.user_cache_dir("walkshed", False)) / "fetched"
    digest = hashlib.sha256(b"\0".join(k.encode("utf-8") if isinstance(k, str) else k for k in key)).hexdigest()
    folder = base / digest[:20]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "writable").touch()
        (folder / "writable").unlink()
    except OSError as error:
        warn_user(Phrase("network.cache_unwritten", path=base, reason=error))
        with TemporaryDirectory() as passing:
            yield Path(passing)
        return
    yield folder


def _forget(folder: Path) -> None:
    for kept in folder.glob("*.json"):
        kept.unlink()


def date_of(folder: Path) -> str | None:
    """The data's date, as Overpass states it at the head of each answer."""
    dates = []
    for kept in folder.glob("*.json"):
        with kept.open(encoding="utf-8") as file:
            stated = re.search(r'"timestamp_osm_base": "(\d{4}-\d\d-\d\d)', file.read(2000))
        dates += [stated[1]] if stated else []
    return min(dates, default=None)
