"""A study, end to end: files -> frames -> ``Coverage`` -> outputs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from walkshed.demo import demo_county
from walkshed.errors import InputError, InputWarning, WalkshedError
from walkshed.phrases import Phrase, told
from walkshed.reach.walk import Walk
from walkshed.schema import Progress, quiet

if TYPE_CHECKING:
    import geopandas as gpd

    from walkshed.analysis.check import Checked
    from walkshed.analysis.result import Coverage
    from walkshed.inputs.moment import Moment
    from walkshed.network.streets import Streets
    from walkshed.output.export import Extras


ReadStreets = Callable[["gpd.GeoDataFrame | None", Progress], "Streets"]
"""Reads the streets around an area."""


def default_store() -> Path:
    """Tell where streets are kept between runs: the user's cache folder."""
    return user_cache_path("walkshed") / "streets"


@dataclass(frozen=True, kw_only=True)
class Study:
    """Everything that one report is made from.

    Attributes
    ----------
    stations
        File with the stations.
    streets, place
        File with the streets, or the name of a place to fetch them for; one of the two.
    area, people, zones
        Files with the study area, the people and the zones.
    sheet, people_column, zone_name
        Sheet of a workbook, column with the head count, column with the zones' names.
    columns
        Meaning and heading of columns of the stations' file whose headings do not speak for themselves.
    datum, crs
        Datum of the stations' coordinates, or auto; coordinate system of what states none.
    area_datum, people_datum, zones_datum, area_crs, people_crs, zones_crs
        The same of the other files; auto is for stations alone.
    grid_m
        Side of square zones over the study area, instead of a file with zones; metres.
    categories, groups
        Only stations of these categories count, and those that serve any of these groups; all, if none is named.
    walk
        How far people walk.
    at
        Only the stations open at this moment count, such as ``Mon 22:00``; None for all.
    country
        ISO code: whose public holidays opening hours mean.
    profiles
        Who else walks, told beside it: names of `PROFILES`, or ``name=speed`` in km/h.
    dem
        File with elevations, for the slope.
    closed
        File with what is closed to walking.
    store
        Folder that keeps streets between runs; None for none.
    lang, title
        Language and heading of the outputs.
    attribution
        Whom to name for the streets, in the report and on the map; by default what their origin says.
    tiles
        Online tiles under the map: ``osm``, ``gaode`` or ``tianditu:KEY``; by default none.
    near_only
        Whether the list of stations is of many areas: those beyond one walk of this one are told as a number alone.
    """

    stations: Path
    streets: Path | None = None
    place: str | None = None
    area: Path | None = None
    people: Path | None = None
    zones: Path | None = None
    sheet: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    datum: str = "wgs84"
    crs: str | None = None
    area_datum: str = "wgs84"
    area_crs: str | None = None
    people_datum: str = "wgs84"
    people_crs: str | None = None
    zones_datum: str = "wgs84"
    zones_crs: str | None = None
    grid_m: float | None = None
    categories: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    people_column: str | None = None
    zone_name: str | None = None
    walk: Walk = field(default_factory=Walk)
    at: str | Moment | None = None
    country: str = "CN"
    profiles: tuple[str, ...] = ()
    dem: Path | None = None
    closed: Path | None = None
    store: Path | None = None
    lang: str = "en"
    title: str | None = None
    tiles: str | None = None
    attribution: str | None = None
    near_only: bool = False


def demo_study(*, lang: str = "en", walk: Walk | None = None, store: Path | None = None) -> Study:
    """Describe the demo: the county town of an invented county, with its people."""
    county = demo_county()
    return Study(
        stations=county.stations,
        streets=county.streets,
        area=county.town,
        zones=county.zones,
        categories=("爱心驿站",),
        walk=walk or Walk(),
        store=store,
        lang=lang,
        title={"en": "Anhe county town (synthetic)", "zh": "安禾县城（合成数据）"}.get(lang),
    )


def _warned(caught: list[warnings.WarningMessage]) -> list[InputWarning]:
    return [*{str(w.message): w.message for w in caught if isinstance(w.message, InputWarning)}.values()]


@contextmanager
def heard() -> Iterator[list[InputWarning]]:
    """Collect what readers say about the input while the context is open."""
    said: list[InputWarning] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InputWarning)
        try:
            yield said
        except WalkshedError as error:
            for warning in _warned(caught):
                error.add_note(warning.args[0])  # what was said on the way may be what went wrong
            raise
        finally:
            said += _warned(caught)
    for other in caught:
        if not issubclass(other.category, InputWarning):
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)


def study_stations(study: Study) -> gpd.GeoDataFrame:
    """Read the stations, and keep those that count.

    Raises
    ------
    InputError
        If no station is of a category named, or serves a group named.
    """
    from walkshed.inputs import read_stations

    return _counted(study, read_stations(study.stations, **_reading(study)))


def _reading(study: Study) -> dict[str, Any]:
    """Say how the stations' file is to be read."""
    return {"sheet": study.sheet, "columns": dict(study.columns), "datum": study.datum, "crs": study.crs}


def _counted(study: Study, stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    from walkshed.inputs import select_stations

    return select_stations(stations, categories=study.categories, groups=study.groups, source=study.stations.name)


def _near(study: Study, stations: gpd.GeoDataFrame, area: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    from walkshed.inputs import near_stations

    if area is None or not study.near_only:
        return stations
    return near_stations(stations, area, study.walk.budget_m(study.walk.largest), source=study.stations.name)


def study_people(study: Study, bounds: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Read the people; of a raster only those within `bounds`."""
    from walkshed.inputs import read_people

    if study.people is None:
        return None
    return read_people(
        study.people, column=study.people_column, area=bounds, datum=study.people_datum, crs=study.people_crs
    )


def study_zones(study: Study) -> gpd.GeoDataFrame | None:
    """Read the zones, if a file holds them.

    Raises
    ------
    InputError
        If there is to be a grid, too.
    """
    from walkshed.inputs import read_zones

    if study.zones is None:
        return None
    if study.grid_m is not None:
        raise InputError(
            f"zones: found both --zones {study.zones.name} and --grid {study.grid_m:g}; give one of the two"
        )
    return read_zones(study.zones, name=study.zone_name, datum=study.zones_datum, crs=study.zones_crs)


def study_grid(study: Study, area: gpd.GeoDataFrame | None, streets: Streets) -> gpd.GeoDataFrame | None:
    """Lay a grid of zones over the area, or where none is given over the streets, if one is asked for."""
    from walkshed.inputs import make_grid

    return None if study.grid_m is None else make_grid(_outline(area, streets), study.grid_m, streets.crs)


def _outline(area: gpd.GeoDataFrame | None, streets: Streets) -> gpd.GeoDataFrame:
    from walkshed.analysis.given import hull_of

    return hull_of(streets) if area is None else area


def study_area(study: Study) -> gpd.GeoDataFrame | None:
    """Read the study area, or look it up by the place's name."""
    from walkshed.inputs import read_area

    if study.area is not None:
        return read_area(study.area, datum=study.area_datum, crs=study.area_crs)
    if study.place is not None:
        from walkshed.network.overpass import fetch_area

        return fetch_area(study.place)
    return None


def study_streets(
    study: Study, area: gpd.GeoDataFrame | None, progress: Progress = quiet, *, reach_m: float | None = None
) -> Streets:
    """Read or fetch the streets, as far as one walk beyond the area, without what is closed, and with their slope."""
    reach_m = reach_of(study) if reach_m is None else reach_m
    if study.streets is not None:
        from walkshed.network import read_streets

        read = read_streets(study.streets, area=area, budget_m=reach_m, store=study.store, progress=progress)
    else:
        from walkshed.network import fetch_streets

        read = fetch_streets(area, budget_m=reach_m, progress=progress)
    return _attributed(_as_walked(read, study), study)


def reach_of(study: Study) -> float:
    """Tell how far anybody walks who is asked for."""
    from walkshed.analysis.profiles import profile_walks
    from walkshed.network.slope import LEAST_COST

    others = profile_walks(study.profiles, study.walk).values() if study.profiles else ()
    budget_m: float = max(walk.budget_m(walk.largest) for walk in (study.walk, *others))
    return budget_m if study.dem is None else budget_m / LEAST_COST


def _as_walked(streets: Streets, study: Study) -> Streets:
    """Close what is closed, then let costs follow the slope."""
    from walkshed.inputs import read_closures
    from walkshed.network import with_slope, without_closed

    if study.closed is not None:
        streets = without_closed(streets, read_closures(study.closed))
    return streets if study.dem is None else with_slope(streets, study.dem)


def _attributed(streets: Streets, study: Study) -> Streets:
    """Name whom the user names for the streets."""
    if study.attribution is None or not study.attribution.strip():
        return streets
    return replace(streets, source=replace(streets.source, attribution=study.attribution.strip()))


def ground_of(
    area: gpd.GeoDataFrame | None, people: gpd.GeoDataFrame | None, zones: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame | None:
    """Tell where streets are needed: the area, and the whole of each zone whose people are spread over its streets."""
    from walkshed.analysis.given import of_area

    spread = zones if people is None else people
    if area is None or spread is None or (spread.geom_type == "Point").any():
        return area
    reaching = of_area(spread.to_crs(area.crs), area)
    whole = area.geometry.iloc[0].union(reaching.geometry.union_all())
    return area[["name", "geometry"]].set_geometry([whole], crs=area.crs)


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
    from walkshed.analysis.study import analyze
    from walkshed.inputs import is_raster

    _one_source(study)
    zones = study_zones(study)
    stations = study_stations(study)
    area = study_area(study)
    stations = _near(study, stations, area)
    # Without an area the streets bound what is read of a raster: it must wait for them.
    late = area is None and study.people is not None and is_raster(study.people)
    people = None if late else study_people(study, area)
    begun = perf_counter()
    progress("streets", 0.0)
    streets = (read or partial(study_streets, study))(ground_of(area, people, zones), progress)
    seconds = perf_counter() - begun
    people = study_people(study, _outline(area, streets)) if late else people
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
        progress=progress,
    )
    result.clock.seconds["streets"] = seconds
    return _profiled(replace(result, summary=result.summary | {"inputs": inputs_of(study, streets)}), study)


def inputs_of(study: Study, streets: Streets) -> list[dict[str, str | None]]:
    """Name the files that a study is made from, with their hashes.

    Returns
    -------
    list of dict
        ``role`` (as the study calls it), ``file`` (its name) and ``sha256`` of each, in the study's order.
    """
    from walkshed.network.files import sha256_of

    files = {f.name: getattr(study, f.name) for f in fields(study) if f.name != "store"}
    return [
        {"role": role, "file": path.name, "sha256": streets.source.sha256 if role == "streets" else sha256_of(path)}
        for role, path in files.items()
        if isinstance(path, Path)
    ]


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
    from walkshed.output import write_report

    with heard() as warned:
        result = analyze_study(study, progress=progress)
    if not timed:
        result = replace(result, summary=result.summary | {"seconds": None})
    said = [told(warning, study.lang) for warning in warned]
    paths = write_report(
        result,
        out,
        lang=study.lang,
        title=study.title,
        tiles=study.tiles,
        warnings=said,
        extras=extras,
        progress=progress,
    )
    return result, paths, said


def _one_source(study: Study) -> None:
    """Refuse a study that names both a file and a place for its streets, or neither, or lacks what it asks for."""
    if (study.streets is None) == (study.place is None):
        raise InputError(
            "streets: give either --streets FILE (an OpenStreetMap extract, or road lines) or --place NAME; "
            f"found {'neither' if study.streets is None else 'both'}"
        )
    if study.walk.barriers and study.streets is None:
        raise InputError(Phrase("barriers.of_place"))


def language(lang: str) -> str:
    """Check the language before any work is done.

    Raises
    ------
    InputError
        If there is no catalogue for it.
    """
    from walkshed.output.words import Words

    return Words(lang).lang


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
        stations, understood = understand_stations(study.stations, **_reading(study))
        stations = _counted(study, stations)
        zones = study_zones(study)
        has_streets = study.streets is not None or study.place is not None
        area = study_area(study) if has_streets or study.area is not None else None
        streets = study_streets(study, area, progress) if has_streets else None
        people = study_people(study, area if streets is None else _outline(area, streets))
        if zones is None and streets is not None:
            zones = study_grid(study, area, streets)
        rows = (
            None
            if study.people is None or is_raster(study.people)
            else partial(row_numbers, study.people, crs=study.people_crs)
        )
        source = "" if study.people is None else study.people.name
        given = StudyFrames(area=area, people=people, people_rows=rows, people_source=source, zones=zones)
        checked = check(stations, understood, streets, given, walk=study.walk)
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
