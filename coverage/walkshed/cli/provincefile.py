"""Batch files: many studies in one TOML file: a table of them, or a layer of areas that one study each is made for.

title = "Province"                  the heading of the report over all; lang and out likewise
[defaults]                          options of ``walkshed report``, for every study
streets = "province.osm.pbf"
stations = "stations.xlsx"
[split]                             a study for each polygon of a layer
areas = "counties.gpkg"
name = "NAME_3"                     the column with their names; ["CITY", "NAME"] tells those of one name apart
[[study]]                           and, or instead, studies by name; what they say goes before the defaults
name = "Old town"
area = "old_town.geojson"
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from walkshed.batch.areas import Areas, areas_of
from walkshed.batch.jobs import Job, Outline, Province, folder_names
from walkshed.cli.faults import Faults
from walkshed.cli.options import made_of, make_extras, make_study
from walkshed.cli.studyfile import BATCH_TABLES, Setting, options_of, read_toml, refuse_unknown, settings_of
from walkshed.errors import InputError
from walkshed.output.stage import check_folder
from walkshed.phrases import Phrase
from walkshed.project import language

TOP = ("title", "lang", "out", "defaults", "split", "study")
SPLIT = ("areas", "name", "datum", "crs")
NOT_HERE = ("out", "json")
"""What a study alone can say: in a batch, each has its own folder."""

Options = dict[str, Any]


def read_province(
    file: Path, command: Callable[..., None], out: Path | None = None, lang: str | None = None
) -> Province:
    """Read a batch file, and the layer of areas that it names.

    Parameters
    ----------
    file
        The TOML file. Paths in it are relative to it.
    command
        The command whose options a study takes.
    out
        Folder to write to, instead of the one that the file names.
    lang
        Language of all that does not name its own, instead of the one that the file names.

    Raises
    ------
    InputError
        If a key is unknown or missing, a value is of another kind, or a layer cannot be read: all that is wrong.
    """
    table = read_toml(file, "walkshed init --batch")
    where, folder = str(file), file.parent
    settings = {key: s for key, s in settings_of(command).items() if key not in NOT_HERE}
    _refuse_study(table, settings, where)
    refuse_unknown(table, dict.fromkeys(TOP), where)
    title = _text(table, "title", where)
    lang = language(lang or _text(table, "lang", where) or "en")
    given = _table(table, "defaults", where)
    faults, defaults = Faults(), {}
    with faults.gathered():
        _refuse_not_here(given, f"{where}, [defaults]")
        defaults = options_of(given, settings, folder, f"{where}, [defaults]", whole=False)
    target = out or folder / (_text(table, "out", where) or Path("maps") / file.stem)
    check_folder(target)
    # Of many areas some may have no station: those are gap as a whole, and the roll-up must not be silent about them.
    shared = {"lang": lang, "allow_no_stations": True} | defaults
    named = []
    for i, study in enumerate(_studies(table, where), start=1):
        with faults.gathered():
            name, own = _named(study, i, settings, folder, where)
            named.append((name, shared | own))
    jobs = [] if faults else _jobs(named, settings, where, faults)
    files: list[tuple[str, Path]] = []
    notes: tuple[Phrase, ...] = ()
    outlines: tuple[Outline, ...] = ()
    if "split" in table:
        split = _table(table, "split", where)
        layer = folder
        with faults.gathered():
            layer = _layer(split, folder, f"{where}, [split]")
        if not faults:  # before any outline is written
            _jobs([("[split]", shared | {"area": layer})], settings, where, faults)
        faults.refuse()
        files.append(("areas", layer))
        areas = areas_of(layer, target, [job.slug for job in jobs], **_stated(split, f"{where}, [split]"))
        notes, outlines = areas.notes, areas.outlines
        jobs += _split(areas, shared, settings)
    faults.refuse()
    if not jobs:
        raise InputError(
            f"{where}: names no study; write [[study]] tables, or [split] with areas = a layer of polygons"
        )
    return Province(
        jobs=tuple(jobs), out=target, title=title, lang=lang, files=tuple(files), outlines=outlines, notes=notes
    )


def _refuse_study(table: Mapping[str, Any], settings: Mapping[str, Setting], where: str) -> None:
    """Refuse options of a study at the head of the file: it is one study, or they belong into a table."""
    misplaced = [key for key in table if key in settings and key not in TOP]
    if misplaced:
        is_batch = any(key in table for key in BATCH_TABLES)
        raise InputError(Phrase("asked.below_defaults" if is_batch else "asked.is_study", path=where, key=misplaced[0]))


def _refuse_not_here(table: Mapping[str, Any], where: str) -> None:
    for key in NOT_HERE:
        if key in table:
            raise InputError(Phrase(f"asked.batch_{key}", where=where))


def _text(table: Mapping[str, Any], key: str, where: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{where}: {key} must be text in quotes; found {str(value)[:60]!r}")
    return value


def _table(table: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise InputError(f"{where}: {key} must be a table; write [{key}] on a line of its own")
    return value


def _studies(table: Mapping[str, Any], where: str) -> list[Mapping[str, Any]]:
    value = table.get("study", [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise InputError(f"{where}: study must be tables; write [[study]] on a line of its own before each")
    return value


def _named(
    study: Mapping[str, Any], number: int, settings: Mapping[str, Setting], folder: Path, where: str
) -> tuple[str, Options]:
    """Read one [[study]]: its name, and what it says; of a file of its own first."""
    where = f"{where}, study {number}"
    own = {key: value for key, value in study.items() if key not in ("name", "file")}
    _refuse_not_here(own, where)
    refuse_unknown(own, settings, where)
    options: Options = {}
    if (other := _text(study, "file", where)) is not None:
        path = folder / Path(other).expanduser()
        rest = {key: value for key, value in read_toml(path).items() if key not in NOT_HERE}
        options = options_of(rest, settings, path.parent, str(path), whole=False)
    options |= options_of(own, settings, folder, where, whole=False)
    name = _text(study, "name", where) or options.get("title")
    return name or (Path(other).stem if other else f"study {number}"), options


def _jobs(named: list[tuple[str, Options]], settings: Mapping[str, Setting], where: str, faults: Faults) -> list[Job]:
    slugs = folder_names([name for name, _ in named], ["streets"])
    jobs = []
    for (name, options), slug in zip(named, slugs, strict=True):
        with faults.gathered(f"{where}, {name!r}"):
            jobs.append(_job(name, slug, options, settings))
    return jobs


def _job(name: str, slug: str, options: Options, settings: Mapping[str, Setting]) -> Job:
    full = {setting.name: setting.default for setting in settings.values()} | options
    missing = [setting.key for setting in settings.values() if full[setting.name] is inspect.Parameter.empty]
    if missing:
        raise InputError(f"has no {missing[0]}; write it there, or in [defaults]")
    study, extras = made_of(make_study, full), made_of(make_extras, full)
    study = replace(study, store=full["store"])  # by default the batch's own, which its workers share
    return Job(name=name, slug=slug, study=replace(study, title=study.title or name), extras=extras)


def _layer(split: Mapping[str, Any], folder: Path, where: str) -> Path:
    """Find the layer of areas that a [split] names."""
    refuse_unknown(split, dict.fromkeys(SPLIT), where)
    layer = _text(split, "areas", where)
    if not layer:
        raise InputError(f"{where}: areas is missing; write areas = the name of a layer of polygons, in quotes")
    return folder / Path(layer).expanduser()


def _stated(split: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Read what a [split] says of its layer; the names of areas may stand in several columns."""
    name = split.get("name")
    several = isinstance(name, list) and name and all(isinstance(one, str) for one in name)
    keys = ("datum", "crs") if several else ("name", "datum", "crs")
    stated = {key: value for key in keys if (value := _text(split, key, where)) is not None}
    return stated | {"name": name} if several else stated


def _split(areas: Areas, defaults: Options, settings: Mapping[str, Setting]) -> list[Job]:
    """Make a study for each polygon of a layer: of the stations, those near it are its own."""
    jobs = [_job(one.name, one.slug, defaults | {"area": one.path}, settings) for one in areas.outlines]
    return [replace(job, study=replace(job.study, title=job.name, near_only=True)) for job in jobs]
