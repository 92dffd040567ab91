"""Pages that need no network: every script and style stands in the page itself.

folium links its scripts and styles to servers. `offline_html` puts vendored copies in their place,
drops what the map does not use, and refuses whatever else a page would load.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from branca.element import CssLink, Element, Figure, JavascriptLink
from jinja2 import Environment, PackageLoader, StrictUndefined

from walkshed.errors import OutputError

TEMPLATES = Environment(
    loader=PackageLoader("walkshed.output", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)

VENDORED = {"leaflet": "leaflet/leaflet.js", "leaflet_css": "leaflet/leaflet.css"}
"""folium's name of a link -> the file in ``vendor/`` that stands for it."""

UNUSED = frozenset(
    {
        "jquery",
        "bootstrap",
        "bootstrap_css",
        "glyphicons_css",
        "awesome_markers",
        "awesome_markers_css",
        "awesome_markers_font_css",
        "awesome_rotate_css",
    }
)
"""folium's links that a map without its markers and pop-ups does not need."""

POLICY_PLACE = "script-hashes-stand-here"

_LOADING_ATTRIBUTES = frozenset({"src", "srcset", "href", "data", "poster", "action", "background", "srcdoc"})
_MEDIA_TYPES = {".png": "image/png", ".svg": "image/svg+xml", ".gif": "image/gif"}


class Inline(Element):  # type: ignore[misc]  # branca ships no types
    """A script or style in the page. Its code is data: never read as a Jinja template, as branca would."""

    _template = TEMPLATES.from_string("<{{ this.tag }}>\n{{ this.code | safe }}\n</{{ this.tag }}>")

    def __init__(self, tag: str, code: str) -> None:
        super().__init__()
        if f"</{tag}" in code.lower():
            raise OutputError(f"page: a {tag} holds '</{tag}', which would end it; write it as '<\\/{tag}'")
        self.tag, self.code = tag, code.strip().replace("\r\n", "\n")


def json_for_script(data: Any) -> str:
    """Write `data` as JSON that can stand in a ``<script>``: no text in it can end the element.

    Raises
    ------
    ValueError
        If `data` holds NaN or an infinity, which JSON has not.
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029]", lambda found: f"\\u{ord(found.group()):04x}", text)


@cache
def asset(name: str) -> str:
    """Read one of walkshed's own scripts or styles."""
    return (files("walkshed.output") / "assets" / name).read_text(encoding="utf-8")


@cache
def vendored(name: str) -> str:
    """Read a vendored script or style, ready to stand in a page: images inside, no source map."""
    path = files("walkshed.output") / "vendor" / name
    code = path.read_text(encoding="utf-8")
    if name.endswith(".css"):
        folder = files("walkshed.output") / "vendor" / name.rpartition("/")[0]
        return re.sub(r"url\((images/[\w.-]+)\)", lambda m: f"url({_data_uri(folder / m.group(1))})", code)
    return re.sub(r"^//# sourceMappingURL=.*$", "", code, flags=re.MULTILINE)


def offline_html(page: Figure) -> str:
    """Render a folium page that loads nothing.

    Parameters
    ----------
    page
        The root of a folium map; its template names `POLICY_PLACE` in its Content-Security-Policy.

    Returns
    -------
    str
        The whole document. Only the scripts that it was made with can run in it: their hashes stand
        in its Content-Security-Policy.

    Raises
    ------
    OutputError
        If the page would load anything.
    """
    page.render()  # the children put their links and scripts into the page's parts
    inline_links(page.header)
    html = str(page._template.render(this=page, kwargs={}))
    refuse_links(html)
    return html.replace(POLICY_PLACE, " ".join(_script_hashes(html)), 1)  # a station may be called so


def inline_links(header: Element) -> None:
    """Put vendored copies in the place of a header's links.

    Raises
    ------
    OutputError
        If there is no copy for one of them.
    """
    for name, child in list(header._children.items()):
        if not isinstance(child, JavascriptLink | CssLink):
            continue
        if name in UNUSED:
            del header._children[name]
        elif name in VENDORED:
            tag = "script" if isinstance(child, JavascriptLink) else "style"
            header._children[name] = Inline(tag, vendored(VENDORED[name]))
        else:
            raise OutputError(
                f"page: {name!r} would load {child.url}; put a copy into output/vendor and name it in VENDORED"
            )


def refuse_links(html: str) -> None:
    """Refuse a document that would load anything when it is opened.

    Raises
    ------
    OutputError
        Naming the first thing that it would load.
    """
    reader = _LoadReader()
    reader.feed(html)
    reader.close()
    if reader.loads:
        raise OutputError(f"page: it would load {reader.loads[0]}; put a copy into the page instead")


class _LoadReader(HTMLParser):
    """Collects what the tags and styles of a document load."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_style = tag == "style"
        self.loads += [
            f"<{tag} {name}={value!r}>"
            for name, value in attrs
            if tag != "a" and name in _LOADING_ATTRIBUTES and not (value or "").startswith(("data:", "#"))
        ]

    def handle_endtag(self, tag: str) -> None:
        self.in_style = False

    def handle_data(self, data: str) -> None:
        if self.in_style:
            found = re.findall(r"@import[^;]*|url\(\s*[\"']?(?!data:|#)[^)]*\)", data)
            self.loads += [f"the style {text!r}" for text in found]


def _data_uri(path: Traversable) -> str:
    media = _MEDIA_TYPES["." + path.name.rpartition(".")[2]]
    return f"data:{media};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def _script_hashes(html: str) -> list[str]:
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    digests = (hashlib.sha256(code.encode("utf-8")).digest() for code in scripts)
    return [f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests]
