"""``Study``: everything that one report is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

from walkshed.demo import demo_county
from walkshed.reach.walk import Walk

if TYPE_CHECKING:
    from walkshed.inputs.moment import Moment


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
    allow_no_stations
        Whether the area may be without any station that can be used: then all of it is gap.
    part_of
        Heading of the report over many studies that this is one of, in the folder above: its report leads back there.
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
    allow_no_stations: bool = False
    part_of: str | None = None


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


def language(lang: str) -> str:
    """Check the language before any work is done.

    Raises
    ------
    InputError
        If there is no catalogue for it.
    """
    from walkshed.output.words import Words

    return Words(lang).lang
