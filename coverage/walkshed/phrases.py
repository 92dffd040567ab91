"""Phrases: what is said to the user, known by its name and its values, so that it is said in English and in Chinese.

Every phrase stands once in ``output/catalogue/*.toml``, both languages side by side; the table it stands in and its
key make its name. Whoever reads a file knows what is wrong with it, but not in which language it will be told: it
hands on a `Phrase`, and whoever tells it says `said`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Load all phrases: name -> language -> text.

    Returns
    -------
    dict
        Names are ``table.key``.
    """
    phrases: dict[str, dict[str, str]] = {}
    folder = files("walkshed") / "output" / "catalogue"
    for page in sorted((p for p in folder.iterdir() if p.name.endswith(".toml")), key=lambda p: p.name):
        for table, entries in tomllib.loads(page.read_text(encoding="utf-8")).items():
            phrases |= {f"{table}.{key}": texts for key, texts in entries.items()}
    return phrases


class Phrase(str):
    """A phrase of the catalogue with its values: English text that can be said in Chinese too.

    Parameters
    ----------
    name
        ``table.key`` of the catalogue.
    values
        What the phrase takes; phrases among them are said in the same language.

    Examples
    --------
    >>> row = Phrase("check.row", rows=3)
    >>> row, said(row, "zh"), said("as it is", "zh")
    ('row 3', '第 3 行', 'as it is')
    """

    __slots__ = ("name", "values")

    name: str
    values: dict[str, Any]

    def __new__(cls, name: str, /, **values: Any) -> Phrase:
        """Say it in English, and keep what it was made of."""
        phrase = super().__new__(cls, _worded(name, "en", values))
        phrase.name, phrase.values = name, values
        return phrase

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as what it was made of."""
        return _made, (self.name, self.values)


def _made(name: str, values: dict[str, Any]) -> Phrase:
    return Phrase(name, **values)


def said(text: object, lang: str) -> Any:
    """Say a phrase in a language; anything else stays as it is."""
    return _worded(text.name, lang, text.values) if isinstance(text, Phrase) else text


def as_plain(text: Any) -> Any:
    """Make a phrase plain values, as JSON holds them: its name, and its values in turn; see `from_plain`."""
    if isinstance(text, Phrase):
        return {"phrase": text.name, "values": {key: as_plain(value) for key, value in text.values.items()}}
    return text if isinstance(text, str | int | float | None) else str(text)


def from_plain(plain: Any) -> Any:
    """Make a phrase again of what `as_plain` wrote.

    Raises
    ------
    KeyError
        If there is no such phrase.

    Examples
    --------
    >>> row = from_plain(as_plain(Phrase("check.row", rows=3)))
    >>> said(row, "zh")
    '第 3 行'
    """
    if isinstance(plain, dict):
        return Phrase(plain["phrase"], **{key: from_plain(value) for key, value in plain["values"].items()})
    return plain


def _worded(name: str, lang: str, values: dict[str, Any]) -> str:
    return catalogue()[name][lang].format(**{key: said(value, lang) for key, value in values.items()})


def told(problem: BaseException, lang: str) -> str:
    """Say an error or a warning in a language, as far as it is made of phrases."""
    return str(said(problem.args[0], lang)) if problem.args else str(problem)
