"""The options of the command line, and the study that they make."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from walkshed.cli.terminal import spoken
from walkshed.errors import InputError
from walkshed.phrases import Phrase
from walkshed.project import Study, default_store, language
from walkshed.reach.walk import PROFILES, Walk

if TYPE_CHECKING:
    from walkshed.inputs.moment import Moment
    from walkshed.output.export import Extras

Made = TypeVar("Made")

FILES = ("stations", "area", "people", "zones")
"""What --datum and --crs can be said of."""

StationsFile = Annotated[Path, typer.Argument(help="Stations: CSV, XLSX, GeoJSON, GeoPackage ...", show_default=False)]
StreetsFile = Annotated[
    Path | None,
    typer.Option("--streets", help="Streets: .osm.pbf, .osm(.gz/.bz2), GraphML, or road lines.", show_default=False),
]
Place = Annotated[
    str | None, typer.Option("--place", help="Fetch the streets of this place instead.", show_default=False)
]
AreaFile = Annotated[Path | None, typer.Option("--area", help="Study area: one polygon.", show_default=False)]
PeopleFile = Annotated[
    Path | None, typer.Option("--people", help="People: points, polygons or GeoTIFF with counts.", show_default=False)
]
PeopleColumn = Annotated[str | None, typer.Option("--people-column", help="Column with the count.", show_default=False)]
ZonesFile = Annotated[Path | None, typer.Option("--zones", help="Zones: named polygons.", show_default=False)]
ZoneName = Annotated[str | None, typer.Option("--zone-name", help="Column with the zones' names.", show_default=False)]
GridSize = Annotated[
    float | None, typer.Option("--grid", help="Metres: square zones of this size over the area.", show_default=False)
]
Sheet = Annotated[str | None, typer.Option("--sheet", help="Sheet of the stations' workbook.", show_default=False)]
Columns = Annotated[
    list[str] | None,
    typer.Option("--columns", help="MEANING=HEADING of the stations, as in name=店; give it once a column."),
]
Datums = Annotated[
    list[str] | None,
    typer.Option(
        "--datum",
        help="Of the stations: wgs84, gcj02 (Amap), bd09 (Baidu), cgcs2000, or auto; "
        "of another file as in zones=gcj02; once a file.",
        show_default="wgs84",
    ),
]
Systems = Annotated[
    list[str] | None,
    typer.Option(
        "--crs",
        help="Of stations in projected metres, or without .prj, e.g. EPSG:4528; "
        "of another file as in area=EPSG:4528; once a file.",
        show_default=False,
    ),
]
Categories = Annotated[
    list[str] | None,
    typer.Option("--category", help="Only stations of this category; give it once a category.", show_default=False),
]
Groups = Annotated[
    list[str] | None,
    typer.Option(
        "--group", help="Only stations that serve this group, e.g. couriers; once a group.", show_default=False
    ),
]
Cutoffs = Annotated[
    list[str] | None, typer.Option("--cutoff", help="Minutes, e.g. 5,10,15; or once a cutoff.", show_default="5,10,15")
]
Speed = Annotated[float | None, typer.Option("--speed", help="Walking speed in km/h.", show_default="4.8")]
Profile = Annotated[
    str | None,
    typer.Option(
        "--profile", help="union 4.0, adult 4.8, older 3.0, wheels 3.0 km/h without steps.", show_default=False
    ),
]
Profiles = Annotated[
    list[str] | None,
    typer.Option(
        "--profiles", help="Who else walks, side by side, e.g. union,older,wheels,post=5.5.", show_default=False
    ),
]
NoSteps = Annotated[bool, typer.Option("--no-steps", help="Leave steps out: for wheels and prams.")]
Dem = Annotated[
    Path | None, typer.Option("--dem", help="Elevations as a GeoTIFF: walking follows the slope.", show_default=False)
]
Closed = Annotated[
    Path | None,
    typer.Option("--closed", help="What is closed: lines, polygons, or ids of OSM ways.", show_default=False),
]
Norm = Annotated[
    str | None,
    typer.Option(
        "--norm",
        help="Walk and judge by a norm: union2023, gb50180, tdt1062, parks10.",
        show_default=False,
    ),
]
At = Annotated[
    str | None,
    typer.Option("--at", help='Only stations open then, e.g. "Mon 22:00" or "2026-10-02 22:00".', show_default=False),
]
Country = Annotated[str, typer.Option("--country", help="ISO code: whose public holidays opening hours mean.")]
Week = Annotated[
    str | None,
    typer.Option("--week", help="A day of the week to tell, e.g. 2026-10-02.", show_default="an ordinary week"),
]
OffStreet = Annotated[float, typer.Option("--off-street", help="Metres: longest leg from a street to a place.")]
MaxSnap = Annotated[float, typer.Option("--max-snap", help="Metres: longest leg from a station to a street.")]
MinGap = Annotated[float, typer.Option("--min-gap", help="Metres of street: less is a sliver, not a gap.")]
AllowNoStations = Annotated[
    bool, typer.Option("--allow-no-stations", help="No station in or near the area is fine: all of it is gap.")
]
Barriers = Annotated[
    bool, typer.Option("--barriers", help="Legs off the street cross no water, railway or wall of the OSM file.")
]
StoreFolder = Annotated[
    Path | None,
    typer.Option("--store", help="Folder that keeps streets between runs.", show_default="the user's cache"),
]
NoStore = Annotated[bool, typer.Option("--no-store", help="Read the streets anew.")]
Lang = Annotated[str, typer.Option("--lang", help="Language of the outputs: en or zh.")]
Title = Annotated[str | None, typer.Option("--title", help="Heading of the outputs.", show_default=False)]
Attribution = Annotated[
    str | None, typer.Option("--attribution", help="Whom to name for the streets.", show_default=False)
]
TileChoice = Annotated[
    str | None,
    typer.Option("--tiles", help="Online tiles under the map: osm, gaode or tianditu:KEY.", show_default="none"),
]
OutFolder = Annotated[
    Path | None, typer.Option("--out", help="Folder to write to.", show_default="maps/ and the stations file's name")
]
OutSites = Annotated[
    Path | None,
    typer.Option("--out", help="Folder to write to.", show_default="maps/, the stations file's name and -sites"),
]
AfterFile = Annotated[Path, typer.Argument(help="The stations after the change.", show_default=False)]
StreetsAfter = Annotated[
    Path | None, typer.Option("--streets-after", help="Streets after the change, if others.", show_default=False)
]
ClosedAfter = Annotated[
    Path | None, typer.Option("--closed-after", help="What is closed after the change, if else.", show_default=False)
]
SpeedAfter = Annotated[
    float | None, typer.Option("--speed-after", help="Walking speed after, in km/h, if another.", show_default=False)
]
OutCompare = Annotated[Path | None, typer.Option("--out", help="Folder to write to.", show_default="maps/compare")]
OutMap = Annotated[
    Path | None, typer.Option("--out", help="The HTML file.", show_default="maps/ and the stations file's name")
]
OutGaps = Annotated[
    Path | None, typer.Option("--out", help="Write them as .gpkg, .geojson or .parquet.", show_default=False)
]
OutAreas = Annotated[Path, typer.Option("--out", help="Write them as .gpkg, .geojson or .parquet.")]
Merged = Annotated[bool, typer.Option("--merged", help="One area a cutoff, of all stations together.")]
OutCheck = Annotated[Path | None, typer.Option("--out", help="Write it as an HTML page.", show_default=False)]
OutFixed = Annotated[
    Path | None,
    typer.Option("--fix", help="Write a cleaned list in WGS 84: .xlsx, .csv, .geojson or .gpkg.", show_default=False),
]
Strict = Annotated[bool, typer.Option("--strict", help="Take warnings for errors: exit with 2.")]
Pdf = Annotated[bool, typer.Option("--pdf", help="Write report.pdf too.")]
Png = Annotated[bool, typer.Option("--png", help="Write map.png too.")]
Formats = Annotated[
    list[str] | None,
    typer.Option("--format", help="Layers as geojson, parquet or shp too; give it once a format.", show_default=False),
]
Verify = Annotated[bool, typer.Option("--verify", help="Walk from random places again with NetworkX.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def make_study(
    stations: StationsFile,
    streets: StreetsFile = None,
    place: Place = None,
    area: AreaFile = None,
    people: PeopleFile = None,
    people_column: PeopleColumn = None,
    zones: ZonesFile = None,
    zone_name: ZoneName = None,
    grid: GridSize = None,
    sheet: Sheet = None,
    columns: Columns = None,
    datum: Datums = None,
    crs: Systems = None,
    category: Categories = None,
    group: Groups = None,
    cutoff: Cutoffs = None,
    speed: Speed = None,
    profile: Profile = None,
    norm: Norm = None,
    at: At = None,
    country: Country = "CN",
    profiles: Profiles = None,
    no_steps: NoSteps = False,
    dem: Dem = None,
    closed: Closed = None,
    off_street: OffStreet = 100.0,
    max_snap: MaxSnap = 250.0,
    min_gap: MinGap = 200.0,
    barriers: Barriers = False,
    allow_no_stations: AllowNoStations = False,
    store: StoreFolder = None,
    no_store: NoStore = False,
    lang: Lang = "en",
    title: Title = None,
    tiles: TileChoice = None,
    attribution: Attribution = None,
) -> Study:
    """Make a study of the options that all its commands share."""
    from walkshed.output.tiles import tile_service

    tile_service(tiles)  # a wrong name is refused before any work
    if speed is not None and profile is not None:
        raise InputError(Phrase("asked.speed_twice"))
    if norm is not None and (cutoff or speed is not None or profile is not None):
        raise InputError(Phrase("moment.norm_and_walk", norm=norm))
    settings: dict[str, Any] = {"off_street": off_street, "max_snap": max_snap, "min_gap": min_gap}
    settings |= {"barriers": barriers}
    settings |= {"cutoffs": _minutes(cutoff)} if cutoff else {}
    settings |= {"speed": speed} if speed is not None else {}
    settings |= {"steps": False} if no_steps else {}
    return Study(
        stations=stations,
        streets=streets,
        place=place,
        area=area,
        people=people,
        people_column=people_column,
        zones=zones,
        zone_name=zone_name,
        grid_m=grid,
        sheet=sheet,
        columns=tuple(_column(text) for text in columns or ()),
        categories=tuple(category or ()),
        groups=tuple(group or ()),
        walk=_walk(profile, norm, settings),
        at=moment_of(at),
        country=country,
        profiles=_profiles(profiles or ()),
        allow_no_stations=allow_no_stations,
        dem=dem,
        closed=closed,
        store=None if no_store else store or default_store(),
        lang=language(lang),
        title=title,
        tiles=tiles,
        attribution=attribution,
        **_of_files("datum", datum or ()),
        **_of_files("crs", crs or ()),
    )


def _walk(profile: str | None, norm: str | None, settings: dict[str, Any]) -> Walk:
    if norm is not None:
        return Walk.norm(norm, **settings)
    return Walk.profile(profile, **settings) if profile else Walk(**settings)


def _profiles(texts: Sequence[str]) -> tuple[str, ...]:
    """Read names of profiles, given one by one or with commas (Chinese ones too)."""
    names = tuple(name.strip() for text in texts for name in text.replace("，", ",").split(",") if name.strip())
    if texts and not names:
        raise InputError(Phrase("walking.profiles_none", known=", ".join(PROFILES)))
    return names


def moment_of(at: str | None) -> "Moment | None":
    """Read a moment before any work is done."""
    if at is None:
        return None
    from walkshed.inputs.moment import read_moment

    return read_moment(at)


def _of_files(option: str, texts: Sequence[str]) -> dict[str, Any]:
    """Read what is stated of each file: of the stations, or as in zones=gcj02 of another."""
    stated: dict[str, str] = {}
    for text in texts:
        head, _, rest = text.partition("=")
        file, value = (head.strip(), rest) if head.strip() in FILES else ("stations", text)
        if not value.strip():
            raise InputError(Phrase("asked.stated", option=option, found=text, known=", ".join(FILES)))
        name = option if file == "stations" else f"{file}_{option}"
        if name in stated:
            raise InputError(Phrase("asked.stated_twice", option=option, file=file))
        stated[name] = value.strip()
    return stated


def _minutes(texts: list[str]) -> tuple[float, ...]:
    """Read cutoffs, given one by one or with commas (Chinese ones too)."""
    parts = [part for text in texts for part in text.replace("，", ",").split(",") if part.strip()]
    try:
        return tuple(float(part) for part in parts)
    except ValueError:
        raise InputError(Phrase("asked.cutoff", found=", ".join(texts))) from None


def _column(text: str) -> tuple[str, str]:
    meaning, equals, heading = text.partition("=")
    if not equals or not meaning.strip() or not heading.strip():
        raise InputError(Phrase("asked.columns", found=text))
    return meaning.strip(), heading.strip()


def make_extras(pdf: Pdf = False, png: Png = False, layers: Formats = None, verify: Verify = False) -> "Extras | None":
    """Gather what is asked for beside the usual outputs; what is not installed is refused before any work."""
    if not (pdf or png or layers or verify):
        return None
    from walkshed.output.export import Extras

    return Extras(pdf=pdf, png=png, formats=tuple(layers or ()), verify=verify)


def made_of(maker: Callable[..., Made], options: Mapping[str, Any]) -> Made:
    """Call a maker with its own of many options."""
    return maker(**{name: options[name] for name in inspect.signature(maker).parameters})


def _takes(made: str, maker: Callable[..., Any], command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `maker`; it is called with what that makes of them, and its own options."""
    shared = inspect.signature(maker).parameters
    own = [p for p in inspect.signature(command).parameters.values() if p.name != made]

    @functools.wraps(command)
    def run(**options: Any) -> None:
        with spoken(options["lang"]) if "lang" in options else nullcontext():
            thing = made_of(maker, options)
            command(**{made: thing}, **{p.name: options[p.name] for p in own})

    # Arguments come before options, as Python asks.
    parameters = sorted([*shared.values(), *own], key=lambda p: p.default is not p.empty)
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run


takes_study = functools.partial(_takes, "study", make_study)
"""Give a command all options of a study; it is called with the study and its own options."""

takes_extras = functools.partial(_takes, "extras", make_extras)
"""Give a command the options for further outputs; it is called with `Extras` or None, and its own options."""
