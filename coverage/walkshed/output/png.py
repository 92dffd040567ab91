"""``map.png``: the report's picture of the map with its legend, as pixels, without a browser or a display."""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from walkshed.errors import InputError, warn_user
from walkshed.output.heading import page_values
from walkshed.output.offline import TEMPLATES
from walkshed.output.pdf import render_pdf
from walkshed.output.words import Words
from walkshed.phrases import Phrase

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage

PIXELS = 2400
"""Across: 20 cm in print at 300 dpi."""
SHEET_PX = 960
"""Width of the sheet that is laid out, in CSS pixels."""


def render_png(
    result: Coverage, *, lang: str = "en", title: str | None = None, sites: gpd.GeoDataFrame | None = None
) -> bytes:
    """Draw the map with its heading, legend and source.

    Parameters
    ----------
    result
        What `walkshed.analyze` found.
    lang
        ``en`` or ``zh``.
    title
        The heading; by default one that fits every study.
    sites
        Proposed sites, as `render_report` takes them.

    Returns
    -------
    bytes
        The PNG, `PIXELS` wide.

    Raises
    ------
    InputError
        If there is no such language, or what it needs is not installed.
    """
    values = page_values(result, Words(lang), title, sites)
    picture = values["picture"]
    page = TEMPLATES.get_template("map_sheet.html").render(
        values | {"width": SHEET_PX, "height": round(SHEET_PX * picture["height"] / picture["width"]) + 420}
    )
    _check_fonts(values["title"] + values["headline"])
    return _png(render_pdf(page), values["provenance"])


def _png(pdf: bytes, about: str) -> bytes:
    """Draw the one page of a PDF, cut off the empty foot of it, and note in a text chunk what it was made from."""
    from PIL.PngImagePlugin import PngInfo

    image = _pixels(pdf, PIXELS)
    out, notes = io.BytesIO(), PngInfo()
    notes.add_itxt("walkshed", about)  # tEXt holds Latin-1 alone
    image.crop((0, 0, image.width, _foot(image))).save(out, format="PNG", optimize=True, pnginfo=notes)
    return out.getvalue()


def _foot(image: Any) -> int:
    """Tell where the page's last ink stands, and leave a margin below it."""
    from PIL import ImageOps

    box = ImageOps.invert(image.convert("L")).getbbox()
    return image.height if box is None else min(int(image.height), int(box[3]) + PIXELS // 40)


def _pixels(pdf: bytes, across: int) -> Any:
    try:
        pdfium = import_module("pypdfium2")
    except ImportError as error:
        raise InputError(Phrase("asked.no_pdfium")) from error
    document = pdfium.PdfDocument(pdf)
    try:
        page = document[0]
        return page.render(scale=across / page.get_width()).to_pil()
    finally:
        document.close()


def _check_fonts(text: str) -> None:
    """Say so if no font here has Chinese characters: they would all be drawn as the same empty box."""
    if any("\u4e00" <= c <= "\u9fff" for c in text) and not has_chinese_font():
        warn_user(
            "map.png, report.pdf: no font with Chinese characters was found, they show as boxes; install one, "
            "e.g. Noto Sans CJK (on Debian and Ubuntu: apt install fonts-noto-cjk)"
        )


def has_chinese_font() -> bool:
    """Tell whether two different characters are drawn differently."""
    drawn = [_pixels(render_pdf(f'<p style="font-size:40px">{c}</p>'), 200).tobytes() for c in "永驿"]
    return bool(drawn[0] != drawn[1])
