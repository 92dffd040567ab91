"""The files that a study names, read as frames and streets."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from walkshed.errors import InputError, InputWarning, WalkshedError
from walkshed.phrases import Phrase
from walkshed.schema import Progress, quiet

if TYPE_CHECKING:
    import geopandas as gpd

    from walkshed.network.streets import Streets
from walkshed.project.study import Study

ReadStreets = Callable[["gpd.GeoDataFrame | None", Progress], "Streets"]
"""Reads the streets around an area."""


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

    return counted(study, read_stations(study.stations, **reading(study)))


def reading(study: Study) -> dict[str, Any]:
    """Say how the stations' file is to be read."""
    stated = {"sheet": study.sheet, "columns": dict(study.columns), "datum": study.datum, "crs": study.crs}
    return stated | {"may_be_empty": study.allow_no_stations}


def counted(study: Study, stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the stations whose category and groups count."""
    from walkshed.inputs import select_stations

    return select_stations(stations, categories=study.categories, groups=study.groups, source=study.stations.name)


def near_area(study: Study, stations: gpd.GeoDataFrame, area: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Keep the stations within one walk of the area, whoever walks, where the study asks for those alone."""
    from walkshed.inputs import near_stations

    if area is None or not study.near_only:
        return stations
    source, allow_none = study.stations.name, study.allow_no_stations
    return near_stations(stations, area, reach_of(study), source=source, allow_none=allow_none)


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
        raise InputError(Phrase("asked.zones_and_grid", zones=study.zones.name, grid=study.grid_m))
    return read_zones(study.zones, name=study.zone_name, datum=study.zones_datum, crs=study.zones_crs)


def study_grid(study: Study, area: gpd.GeoDataFrame | None, streets: Streets) -> gpd.GeoDataFrame | None:
    """Lay a grid of zones over the area, or where none is given over the streets, if one is asked for."""
    from walkshed.inputs import make_grid

    return None if study.grid_m is None else make_grid(outline_of(area, streets), study.grid_m, streets.crs)


def outline_of(area: gpd.GeoDataFrame | None, streets: Streets) -> gpd.GeoDataFrame:
    """Tell the study area; where none is given, the hull of the streets."""
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

    others = profile_walks(study.profiles, study.walk).values() if study.profiles else ()
    budget_m: float = max(walk.budget_m(walk.largest) for walk in (study.walk, *others))
    if study.dem is None:
        return budget_m
    from walkshed.network.slope import LEAST_COST  # SciPy comes with it

    return budget_m / LEAST_COST


def _as_walked(streets: Streets, study: Study) -> Streets:
    """Close what is closed, then let costs follow the slope."""
    if study.closed is not None:
        from walkshed.inputs import read_closures
        from walkshed.network import without_closed

        streets = without_closed(streets, read_closures(study.closed))
    if study.dem is None:
        return streets
    from walkshed.network import with_slope

    return with_slope(streets, study.dem)


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


def check_one_source(study: Study) -> None:
    """Refuse a study that names both a file and a place for its streets, or neither, or lacks what it asks for."""
    if (study.streets is None) == (study.place is None):
        raise InputError(
            Phrase("asked.one_source", found=Phrase("asked.neither" if study.streets is None else "asked.both"))
        )
    if study.walk.barriers and study.streets is None:
        raise InputError(Phrase("barriers.of_place"))
