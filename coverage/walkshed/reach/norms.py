"""Norms: how far a standard lets people walk, and what it asks for. The figures stand in ``norms.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from walkshed.errors import InputError
from walkshed.phrases import Phrase


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a norm asks for.

    Attributes
    ----------
    id
        Its short name.
    measure
        street_share, people_share, coverage_share (people where given, else street), cross_covered_share,
        zones_served_share, or people_per_station.
    cutoff_min
        Within which walk; None where it is about no walk.
    at_least, at_most
        The figure asked for, a share of 0 to 1 or people; both None where the norm names none.
    says
        The target in words, by language.
    """

    id: str
    measure: str
    says: dict[str, str]
    cutoff_min: float | None = None
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, kw_only=True)
class Norm:
    """A standard to hold a result against.

    Attributes
    ----------
    id
        As `NORMS` lists it.
    title, source
        Its name; where its figures are from and how sure they are; by language.
    speed_kmh, cutoffs_min
        The walk that it means.
    verified
        Whether the figures were held against the document's own text.
    targets
        What it asks for.
    """

    id: str
    title: dict[str, str]
    source: dict[str, str]
    speed_kmh: float
    cutoffs_min: tuple[float, ...]
    verified: bool
    targets: tuple[Target, ...]


@cache
def norms() -> dict[str, Norm]:
    """Load all norms by id.

    Examples
    --------
    >>> list(norms())
    ['union2023', 'gb50180', 'tdt1062', 'parks10']
    """
    text = (files("walkshed") / "reach" / "norms.toml").read_text(encoding="utf-8")
    return {name: _norm(name, entry) for name, entry in tomllib.loads(text).items()}


def _norm(name: str, entry: dict[str, object]) -> Norm:
    fields = dict(entry)
    targets = fields.pop("target")
    cutoffs = tuple(float(c) for c in fields.pop("cutoffs_min"))  # type: ignore[attr-defined]
    own = tuple(Target(**target) for target in targets)  # type: ignore[attr-defined]
    return Norm(id=name, cutoffs_min=cutoffs, targets=own, **fields)  # type: ignore[arg-type]


def norm_of(name: str | Norm) -> Norm:
    """Take a norm by its id.

    Raises
    ------
    InputError
        If there is no such norm.
    """
    if isinstance(name, Norm):
        return name
    if name not in norms():
        raise InputError(Phrase("moment.no_norm", found=str(name)[:100], known=", ".join(norms())))
    return norms()[name]
