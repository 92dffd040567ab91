"""Which encoding bytes are in: a strict ladder, and the next rung where what comes out is no language."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

ENCODINGS = ("utf-8", "gb18030", "big5", "cp1252")
"""Tried strictly and in this order where no byte order mark tells the encoding."""

BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""Marks of encodings in which null bytes are part of plain text."""

_PROBE_CHARACTERS = 100_000
_BEYOND = re.compile(r"[^\x00-\x7f]")
_SINGLE = re.compile(r"(?<![^\x00-\x7f])[À-ÖØ-öø-ÿ](?![^\x00-\x7f])")
_CHINESE = ("gb18030", "big5")


def encoding_of(raw: bytes) -> str | None:
    """Tell the encoding of `raw`, or None where none fits throughout.

    Both Chinese encodings take much of what is in the other, or in a Western one, for some rare
    character. Where both fit, the one counts that makes more common characters; where neither makes
    them, and what lies beyond ASCII stands singly in words, it is a Western text.

    Examples
    --------
    >>> [encoding_of("驿站".encode(e)) for e in ("utf-8", "utf-8-sig", "gbk")]
    ['utf-8', 'utf-8-sig', 'gb18030']
    >>> encoding_of("臺北車站".encode("big5")), encoding_of("Praça São João".encode("latin-1"))
    ('big5', 'cp1252')
    """
    marked = [name for bom, name in BOMS.items() if raw.startswith(bom)]
    fitting = {name: text for name in marked or ENCODINGS if (text := _decoded(raw, name)) is not None}
    if not fitting or marked or "utf-8" in fitting:
        return next(iter(fitting), None)
    common = {n: _share_common(fitting[n], n) for n in _CHINESE if n in fitting}
    likely = max(common, key=lambda n: common[n], default=None)
    western = "cp1252" in fitting and _share_single(fitting["cp1252"]) > 0.5
    if western and (likely is None or common[likely] < 0.5):
        return "cp1252"
    return likely


def encoding_of_pieces(pieces: Iterable[bytes]) -> str:
    """Tell the one encoding of many pieces, some of which may be cut within a character."""
    whole = [p for p in pieces if not p.isascii()]
    if (name := encoding_of(b"\n".join(whole))) is not None:
        return name
    return max(ENCODINGS[:-1], key=lambda name: sum(_decoded(p, name) is not None for p in whole))


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def _share_common(text: str, encoding: str) -> float:
    """Share of characters of the first level of GB 2312 or Big5, signs too, among those beyond ASCII."""
    beyond = [c for c in text[:_PROBE_CHARACTERS] if not c.isascii()]
    charset, last = ("gb2312", 0xD7) if encoding == "gb18030" else ("big5", 0xC6)
    leads = (c.encode(charset, "ignore")[:1] for c in beyond)
    return sum(b"" < lead <= bytes([last]) for lead in leads) / max(1, len(beyond))


def _share_single(text: str) -> float:
    """Share of letters with ASCII on both sides among the characters beyond ASCII."""
    beyond = len(_BEYOND.findall(text, 0, _PROBE_CHARACTERS))
    return len(_SINGLE.findall(text, 0, _PROBE_CHARACTERS)) / max(1, beyond)
