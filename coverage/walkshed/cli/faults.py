"""``Faults``: what is wrong with a file of many studies, gathered, so that all of it is said at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from walkshed.errors import InputError
from walkshed.phrases import Phrase

MOST = 20
"""Faults that are told; the rest are counted."""


class Faults:
    """Gathers refusals."""

    def __init__(self) -> None:
        self._found: list[InputError] = []

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._found)

    @contextmanager
    def gathered(self, where: str | None = None) -> Iterator[None]:
        """Keep the refusal that ends the context, with the place that it is about where it does not name it."""
        try:
            yield
        except InputError as error:
            placed = error if where is None else InputError(Phrase("batch.placed", where=where, told=error.args[0]))
            if placed.args not in [other.args for other in self._found]:
                self._found.append(placed)

    def refuse(self) -> None:
        """Refuse what was given, if anything was wrong with it.

        Raises
        ------
        InputError
            The only one there is, or all of them in one line.
        """
        if not self._found:
            return
        if len(self._found) == 1:
            raise self._found[0]
        told = self._found[0].args[0]
        for number, error in enumerate(self._found[1:MOST], start=2):
            told = Phrase("batch.also", told=told, number=number, also=error.args[0])
        raise InputError(Phrase("batch.faults", count=f"{len(self._found):,}", told=told))
