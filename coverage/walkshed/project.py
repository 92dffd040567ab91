"""A study, end to end: files -> frames -> ``Coverage`` -> outputs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from walkshed.demo import demo_county
from walkshed.errors import InputError, InputWarning, WalkshedError
from walkshed.reach.walk import Walk
from walkshed.schema import Progress, quiet

if TYPE_CHECKING:
    import geopandas as gpd

    from walkshed.analysis.study import Coverage
    from walkshed.network.streets import Streets


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
    categories
        Only stations of these categories count; all, if none is named.
    walk
        How far people walk.
    store
        Folder that keeps streets between runs; None for none.
    lang, title
        Language and heading of the outputs.
    """

    stations: Path
    streets: Path | None = None
    place: str | None = None
    area: Path | None = None
    people: Path | None = None
    zones: Path | None = None
    sheet: str | None = None
    categories: tuple[str, ...] = ()
    people_column: str | None = None
    zone_name: str | None = None
    walk: Walk = field(default_factory=Walk)
    store: Path | None = None
    lang: str = "en"
    title: str | None = None


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


def _said(caught: list[warnings.WarningMessage]) -> list[str]:
    return [*dict.fromkeys(str(w.message) for w in caught if issubclass(w.category, InputWarning))]


@contextmanager
def heard() -> Iterator[list[str]]:
    """Collect the lines that readers say about the input while the context is open."""
    lines: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InputWarning)
        try:
            yield lines
        except WalkshedError as error:
            for line in _said(caught):
                error.add_note(line)  # what was said on the way may be what went wrong
            raise
        finally:
            lines += _said(caught)
    for warning in caught:
        if not issubclass(warning.category, InputWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)


def study_stations(study: Study) -> gpd.GeoDataFrame:
    """Read the stations, and keep the categories that count.

    Raises
    ------
    InputError
        If no station is of a category named.
    """
    from walkshed.inputs import read_stations

    stations = read_stations(study.stations, sheet=study.sheet)
    if not study.categories:
        return stations
    found = set(stations["category"])
    unknown = [c for c in study.categories if c not in found]
    if unknown:
        raise InputError(
            f"{study.stations.name}: no station is of category {', '.join(map(repr, unknown))}; "
            f"found {', '.join(map(repr, sorted(found)))}"
        )
    return stations[stations["category"].isin(study.categories)].reset_index(drop=True)


def study_area(study: Study) -> gpd.GeoDataFrame | None:
    """Read the study area, or look it up by the place's name."""
    from walkshed.inputs import read_area

    if study.area is not None:
        return read_area(study.area)
    if study.place is not None:
        from walkshed.network.overpass import fetch_area

        return fetch_area(study.place)
    return None


def study_streets(study: Study, area: gpd.GeoDataFrame | None, progress: Progress = quiet) -> Streets:
    """Read or fetch the streets, as far as one budget beyond the area."""
    budget_m = study.walk.budget_m(study.walk.largest)
    if study.streets is not None:
        from walkshed.network import read_streets

        return read_streets(study.streets, area=area, budget_m=budget_m, store=study.store, progress=progress)
    from walkshed.network import fetch_streets

    return fetch_streets(area, budget_m=budget_m, progress=progress)


def _ground(
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


def analyze_study(study: Study, *, progress: Progress = quiet) -> Coverage:
    """Read everything that a study names, and analyze it.

    Parameters
    ----------
    study
        What to read.
    progress
        Called with the step's name and the share of it done.

    Returns
    -------
    Coverage
        Its summary says how long reading the streets took.
    """
    from walkshed.analysis.study import analyze
    from walkshed.inputs import read_people, read_zones

    _one_source(study)
    stations = study_stations(study)
    people = None if study.people is None else read_people(study.people, column=study.people_column)
    zones = None if study.zones is None else read_zones(study.zones, name=study.zone_name)
    area = study_area(study)
    begun = perf_counter()
    progress("streets", 0.0)
    streets = study_streets(study, _ground(area, people, zones), progress)
    seconds = perf_counter() - begun
    result = analyze(streets, stations, area=area, people=people, zones=zones, walk=study.walk, progress=progress)
    timed = result.summary | {"seconds": result.summary["seconds"] | {"streets": seconds}}
    return replace(result, summary=timed)


def run_study(study: Study, out: Path, *, progress: Progress = quiet) -> tuple[Coverage, dict[str, Path], list[str]]:
    """Make a study's report, map, layers, tables and summary.

    Parameters
    ----------
    study
        What to read.
    out
        Folder to write to.
    progress
        Called with the step's name and the share of it done.

    Returns
    -------
    result, paths, said
        The result, the files written, and what was said about the input.
    """
    from walkshed.output import write_report

    with heard() as said:
        result = analyze_study(study, progress=progress)
    paths = write_report(result, out, lang=study.lang, title=study.title, warnings=said, progress=progress)
    return result, paths, said


def _one_source(study: Study) -> None:
    """Refuse a study that names both a file and a place for its streets, or neither."""
    if (study.streets is None) == (study.place is None):
        raise InputError(
            "streets: give either --streets FILE (an OpenStreetMap extract, or road lines) or --place NAME; "
            f"found {'neither' if study.streets is None else 'both'}"
        )


def language(lang: str) -> str:
    """Check the language before any work is done.

    Raises
    ------
    InputError
        If there is no catalogue for it.
    """
    from walkshed.output.words import Words

    return Words(lang).lang


def check_study(study: Study, *, progress: Progress = quiet) -> dict[str, Any]:
    """Tell what was understood of a study's files, without analyzing it.

    Parameters
    ----------
    study
        Streets may be missing: then the stations are read, and not put on streets.
    progress
        Called with the step's name and the share of it done.

    Returns
    -------
    dict
        ``status`` (counts), ``stations`` (one row each), ``farthest`` (the ten with the longest leg), and what
        there is of ``streets``, ``people``, ``zones``, in a line.
    """
    from walkshed.analysis.given import give
    from walkshed.inputs import read_people, read_zones
    from walkshed.reach.snap import Snapper

    stations = study_stations(study)
    people = None if study.people is None else read_people(study.people, column=study.people_column)
    zones = None if study.zones is None else read_zones(study.zones, name=study.zone_name)
    checked: dict[str, Any] = {
        "people": None if people is None else f"{len(people):,} rows, {people['population'].sum():,.0f} people",
        "zones": None if zones is None else f"{len(zones):,}",
    }
    if study.streets is not None or study.place is not None:
        area = study_area(study)
        streets = study_streets(study, area, progress)
        budget_m = study.walk.budget_m(study.walk.largest)
        given = give(streets, stations, area, None, None, budget_m)
        stations = given.stand(streets, Snapper(streets), study.walk.max_snap).stations
        checked["streets"] = str(streets)
    else:
        stations = stations.assign(status="read")
    rows = _rows(stations)
    checked["status"] = {str(k): int(n) for k, n in stations["status"].value_counts().items()}
    checked["farthest"] = sorted((r for r in rows if r.get("snap_m") is not None), key=lambda r: -r["snap_m"])[:10]
    return checked | {"stations": rows}


def _rows(stations: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    columns = ["row", "station_id", "name", "category", "status", "snap_m", "street"]
    plain = stations[[c for c in columns if c in stations]]
    return [{k: None if v != v else v for k, v in row.items()} for row in plain.to_dict("records")]


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
