"""``report.pdf``: the report's own page, laid out on A4 by WeasyPrint, without a browser or a display."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

from walkshed.errors import InputError
from walkshed.output.offline import asset
from walkshed.phrases import Phrase


def render_pdf(html: str) -> bytes:
    """Lay out a page of the report's as PDF.

    Parameters
    ----------
    html
        From `render_report`. Nothing that it names is loaded.

    Returns
    -------
    bytes
        The PDF.

    Raises
    ------
    InputError
        If WeasyPrint or the Pango library it needs is not installed.
    """
    weasyprint = printer()
    with _quiet():
        pdf: bytes = weasyprint.HTML(string=styled(html), url_fetcher=_refuse).write_pdf()
    return pdf


def printer() -> ModuleType:
    """Import WeasyPrint, which only this needs; say how to install what is missing."""
    try:
        return import_module("weasyprint")
    except ImportError as error:
        raise InputError(Phrase("asked.no_weasyprint")) from error
    except OSError as error:
        raise InputError(
            "a PDF or PNG needs the Pango library, which was not found; install it (on Debian and Ubuntu: "
            "apt install libpango-1.0-0 libpangoft2-1.0-0; on macOS: brew install pango)"
        ) from error


def styled(html: str) -> str:
    """Put the pictures' rules inside each picture: WeasyPrint applies a page's own rules to HTML alone."""
    rules = f"<style>{asset('picture.css')}</style>"
    return re.sub(r"<svg\b[^>]*>", lambda tag: tag.group() + rules, html)


def _refuse(url: str, *_: object, **__: object) -> dict[str, object]:
    raise ValueError(f"{url}: the report loads nothing")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep remarks about rules for the screen off the terminal."""
    loggers = [logging.getLogger(name) for name in ("weasyprint", "weasyprint.progress", "fontTools")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
