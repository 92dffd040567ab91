"""A study, end to end: files -> frames -> ``Coverage`` -> outputs."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from walkshed.phrases import told
from walkshed.schema import Progress, quiet

if TYPE_CHECKING:
    from walkshed.analysis.check import Checked
    from walkshed.analysis.result import Coverage
    from walkshed.network.streets import Streets
    from walkshed.output.export import Extras
from walkshed.project.read import (
    ReadStreets,
    check_one_source,
    counted,
    ground_of,
    heard,
    near_area,
    outline_of,
    reading,
    study_area,
    study_grid,
    study_people,
    study_stations,
    study_streets,
    study_zones,
)
from walkshed.project.study import Study


def analyze_study(study: Study, *, progress: Progress = quiet, read: ReadStreets | None = None) -> Coverage:
    """Read everything that a study names, and analyze it.

    Parameters
    ----------
    study
        What to read.
    read
        What reads the streets; `study_streets` by default.
    progress
        Called with the step's name and the share of it done.

    Returns
    -------
    Coverage
        Its summary says how long reading the streets took.
    """
    from walkshed.compiled import get_ready

    get_ready()  # before all that takes a second to load
    from walkshed.analysis.study import analyze
    from walkshed.inputs import is_raster

    check_one_source(study)
    zones = study_zones(study)
    stations = study_stations(study)
    area = study_area(study)
    stations = near_area(study, stations, area)
    # Without an area the streets bound what is read of a raster: it must wait for them.
    late = area is None and study.people is not None and is_raster(study.people)
    people = None if late else study_people(study, area)
    begun = perf_counter()
    progress("streets", 0.0)
    streets = (read or partial(study_streets, study))(ground_of(area, people, zones), progress)
    seconds = perf_counter() - begun
    people = study_people(study, outline_of(area, streets)) if late else people
    zones = study_grid(study, area, streets) if zones is None else zones
    result = analyze(
        streets,
        stations,
        area=area,
        people=people,
        zones=zones,
        walk=study.walk,
        at=study.at,
        country=study.country,
        allow_no_stations=study.allow_no_stations,
        progress=progress,
    )
    result.clock.seconds["streets"] = seconds
    told = {"settings": _settings(result, study), "inputs": inputs_of(study, streets)}
    return _profiled(replace(result, summary=result.summary | told), study)


def _settings(result: Coverage, study: Study) -> dict[str, Any]:
    """Tell the result's settings, the datum of a list without a row, and which of the list count; not where all do."""
    from walkshed.inputs.datum import read_as

    settings: dict[str, Any] = result.summary["settings"]
    datum = settings["datum"] if result.summary["stations"]["read"] else read_as(study.datum)
    chosen = {"categories": list(study.categories), "groups": list(study.groups)}
    return settings | {"datum": datum} | {key: names for key, names in chosen.items() if names}


def inputs_of(study: Study, streets: Streets) -> list[dict[str, str | None]]:
    """Name the files that a study is made from, with their hashes.

    Returns
    -------
    list of dict
        ``role`` (as the study calls it), ``file`` (its name) and ``sha256`` (`digest_of`) of each, in its order.
    """
    from walkshed.network.files import digest_of

    return [
        {"role": role, "file": path.name, "sha256": streets.source.sha256 if role == "streets" else digest_of(path)}
        for role, path in files_of(study).items()
    ]


def files_of(study: Study) -> dict[str, Path]:
    """Tell the files that a study is made from, by what the study calls them, in its order."""
    values = {f.name: getattr(study, f.name) for f in fields(study) if f.name != "store"}
    return {role: path for role, path in values.items() if isinstance(path, Path)}


def _profiled(result: Coverage, study: Study) -> Coverage:
    """Tell beside the result what others who walk would find."""
    from walkshed.analysis.profiles import by_profile

    if not study.profiles:
        return result
    table = by_profile(result, study.profiles)
    return replace(result, profiles=table, summary=result.summary | {"profiles": table.to_dict("records")})


def run_study(
    study: Study, out: Path, *, extras: Extras | None = None, timed: bool = True, progress: Progress = quiet
) -> tuple[Coverage, dict[str, Path], list[str]]:
    """Make a study's report, map, layers, tables and summary.

    Parameters
    ----------
    study
        What to read.
    out
        Folder to write to.
    extras
        What is written beside the usual outputs.
    timed
        Whether the summary says how long it took: without, the same input gives the same file.
    progress
        Called with the step's name and the share of it done.

    Returns
    -------
    result, paths, said
        The result, the files written, and what was said about the input, in the study's language.
    """
    with heard() as warned:
        result = analyze_study(study, progress=progress)
    from walkshed.output import write_report  # not before: `analyze_study` calls for help first

    if not timed:
        result = replace(result, summary=result.summary | {"seconds": None})
    said = [told(warning, study.lang) for warning in warned]
    paths = write_report(
        result,
        out,
        lang=study.lang,
        title=study.title,
        part_of=study.part_of,
        tiles=study.tiles,
        warnings=said,
        extras=extras,
        progress=progress,
    )
    return result, paths, said


def check_study(study: Study, *, progress: Progress = quiet) -> Checked:
    """Tell what was understood of a study's files, without analyzing it.

    Parameters
    ----------
    study
        Streets may be missing: then the stations are read, and not put on streets.
    progress
        Called with the step's name and the share of it done.

    Returns
    -------
    Checked
        With what readers said: as findings where they name them, else as lines.
    """
    from walkshed.analysis.check import StudyFrames, check
    from walkshed.inputs import is_raster, row_numbers, understand_stations
    from walkshed.inputs.understood import Finding

    with heard() as said:
        stations, understood = understand_stations(study.stations, **reading(study))
        stations = counted(study, stations)
        zones = study_zones(study)
        has_streets = study.streets is not None or study.place is not None
        area = study_area(study) if has_streets or study.area is not None else None
        streets = study_streets(study, area, progress) if has_streets else None
        people = study_people(study, area if streets is None else outline_of(area, streets))
        if zones is None and streets is not None:
            zones = study_grid(study, area, streets)
        rows = (
            None
            if study.people is None or is_raster(study.people)
            else partial(row_numbers, study.people, crs=study.people_crs)
        )
        source = "" if study.people is None else study.people.name
        given = StudyFrames(area=area, people=people, people_rows=rows, people_source=source, zones=zones)
        checked = check(
            stations, understood, streets, given, walk=study.walk, allow_no_stations=study.allow_no_stations
        )
    found = [warning.finding for warning in said if isinstance(warning.finding, Finding)]
    rest = [warning.args[0] for warning in said if not isinstance(warning.finding, Finding)]
    return replace(checked, findings=(*checked.findings, *found), said=tuple(rest))


def street_facts(streets: Streets) -> dict[str, Any]:
    """Tell what a network is, for the command line."""
    return {
        "source": streets.source.name,
        "date": streets.source.date,
        "street_km": round(streets.street_km, 3),
        "edges": len(streets),
        "nodes": streets.node_count,
        "islands_left_out_km": round(streets.source.islands_left_out_m / 1000, 3),
        "extent": [round(x, 6) for x in streets.source.extent],
        "crs": streets.crs,
    }
