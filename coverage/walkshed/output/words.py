"""Chinese and English from one catalogue (`phrases`): ``words("unit.km")``, and the number habits of each."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Literal

from walkshed.errors import InputError
from walkshed.phrases import Phrase, catalogue, said

if TYPE_CHECKING:
    from walkshed.analysis.notes import Note

__all__ = ["LANGUAGES", "UNFIT", "Language", "Words", "catalogue", "plain"]

LANGUAGES = ("en", "zh")
Language = Literal["en", "zh"]


UNFIT = "\ufffe\uffff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""What XML cannot hold, and the marks that turn the direction of what follows."""


def plain(value: object) -> str:
    """Make text from the user's data fit to be shown and stored: one line, "" for none.

    Control characters, lone surrogates, U+FFFE and U+FFFF go: XML and UTF-8 cannot hold them. So do marks
    of direction, which would turn around the text beside the name.

    Examples
    --------
    >>> plain("Rest\\x00 stop\\n1")
    'Rest stop 1'
    """
    if value is None or value != value:
        return ""
    line = " ".join(str(value).split())
    if line.isprintable():  # nearly always; looking at each character costs twenty times as much
        return line
    return "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cs") and c not in UNFIT)


class Words:
    """The phrases and the number habits of one language.

    Parameters
    ----------
    lang
        ``en`` or ``zh``.

    Raises
    ------
    InputError
        If there is no catalogue for `lang`.
    """

    def __init__(self, lang: str) -> None:
        if lang not in LANGUAGES:
            raise InputError(Phrase("asked.language", found=lang, known=", ".join(LANGUAGES)))
        self.lang = lang

    def __call__(self, name: str, /, **values: Any) -> str:
        """Say the phrase `name`, with `values` put in as ``str.format`` does."""
        text = catalogue()[name][self.lang]
        return text.format(**{k: said(v, self.lang) for k, v in values.items()}) if values else text

    def number(self, value: float | None, digits: int = 0) -> str:
        """Write a number; an en dash where there is none. Both languages group by three with a comma."""
        if value is None or value != value:
            return "–"
        return f"{value:,.{digits}f}"

    def note(self, note: Note) -> str:
        """Say a note of a result."""
        return self(f"note.{note.code}", **note.values)

    def share(self, value: float | None, digits: int = 1) -> str:
        """Write a share of 0 to 1 in percent.

        What is not all is never written as 100 %, and what is not nothing never as 0 %: <0.1 %, >99.9 %.
        """
        if value is None or value != value:
            return "–"
        percent, step = 100.0 * value, 10.0**-digits
        sign = ""
        if 0.0 < percent < step / 2:
            sign, percent = "<", step
        elif 100.0 - step / 2 < percent < 100.0:
            sign, percent = ">", 100.0 - step
        return f"{sign}{percent:.{digits}f}" + ("%" if self.lang == "zh" else " %")

    def people(self, value: float | None) -> str:
        """Write a head count, in digits in both languages, so that one report writes a number one way."""
        return self.number(value)

    def date(self, iso: str | None) -> str:
        """Write an ISO date; text that is none is handed back as it is."""
        if not iso:
            return "–"
        parts = iso[:10].split("-")
        if len(parts) != 3 or not all(p.isdigit() for p in parts):
            return iso
        year, month, day = (int(p) for p in parts)
        return f"{year}年{month}月{day}日" if self.lang == "zh" else f"{year:04d}-{month:02d}-{day:02d}"
