"""KML as GDAL takes it: in UTF-8, and with numbered headings, since Chinese ones would come out as underscores."""

from __future__ import annotations

import html
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from walkshed.inputs.encoding import BOMS
from walkshed.inputs.files import zip_sizes

ENDINGS = {".kml", ".kmz"}

_NAMED = re.compile(r"""(<(?:\w+:)?(?:Data|SimpleField|SimpleData)\b[^<>]*?\bname\s*=\s*)(?:"([^"<]*)"|'([^'<]*)')""")
_ENCODING = re.compile(rb"""^[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
_DECLARED = re.compile(r"""(^\s*<\?xml[^>]*?encoding\s*=\s*["'])[\w.-]+""")
_PREFIX = "walkshed_"
_STYLING = ("timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon")


class Kml(NamedTuple):
    """A document with its headings numbered, and the headings."""

    content: bytes
    headings: tuple[str, ...]

    def named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give a frame that was read its headings, and drop how features are drawn."""
        names = {f"{_PREFIX}{i}": heading for i, heading in enumerate(self.headings)}
        return frame.drop(columns=[c for c in _STYLING if c in frame]).rename(columns=names)


def read_kml(path: Path) -> Kml | None:
    """Take the document out of a KML or KMZ file; None where it has not just one, for GDAL to look into.

    Parameters
    ----------
    path
        Of a size that memory bears (`layer_size.refuse_large_kml`).
    """
    content = path.read_bytes()
    if entries := zip_sizes(path):
        inside = [name for name in entries if name.lower().endswith(".kml")]
        if len(inside) != 1:
            return None
        with zipfile.ZipFile(path) as archive:
            content = archive.read(inside[0])
    return _numbered(_text(content))


def _text(content: bytes) -> str:
    """Decode a document by what it declares, and have it declare UTF-8: GDAL knows no Chinese encoding."""
    declared = _ENCODING.match(content[:200])
    marked = next((name for mark, name in BOMS.items() if content.startswith(mark)), None)
    try:
        text = content.decode(marked or (declared[1].decode("ascii") if declared else "utf-8"), "replace")
    except LookupError:  # there is no such encoding
        text = content.decode("utf-8", "replace")
    return _DECLARED.sub(r"\1UTF-8", text, count=1)


def _numbered(text: str) -> Kml:
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        heading = html.unescape(found[2] or found[3] or "")
        return f'{found[1]}"{_PREFIX}{numbers.setdefault(heading, len(numbers))}"'

    content = _NAMED.sub(number, text).encode("utf-8", "replace")
    return Kml(content, tuple(numbers))
