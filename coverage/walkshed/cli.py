"""The command line: every command is one call of the API.

Nothing geographic is imported before a command runs, so that ``--help`` answers at once.
"""

import functools
import inspect
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from walkshed import __version__
from walkshed.errors import InputError, WalkshedError
from walkshed.project import (
    Study,
    analyze_study,
    check_study,
    default_store,
    demo_study,
    heard,
    language,
    run_study,
    street_facts,
)
from walkshed.reach.walk import Walk

if TYPE_CHECKING:
    from walkshed.analysis.study import Coverage
    from walkshed.output.export import Extras

app = typer.Typer(
    name="walkshed",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Who can walk to a station in 15 minutes over the real streets, who cannot, and where the gaps are.",
)

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
Datum = Annotated[
    str, typer.Option("--datum", help="Of the stations: wgs84, gcj02 (Amap), bd09 (Baidu), cgcs2000, or auto.")
]
TableCRS = Annotated[
    str | None, typer.Option("--crs", help="Of a table of projected metres, e.g. EPSG:4528.", show_default=False)
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
    str | None, typer.Option("--profile", help="union 4.0, adult 4.8, older 3.0 km/h.", show_default=False)
]
OffStreet = Annotated[float, typer.Option("--off-street", help="Metres: longest leg from a street to a place.")]
MaxSnap = Annotated[float, typer.Option("--max-snap", help="Metres: longest leg from a station to a street.")]
MinGap = Annotated[float, typer.Option("--min-gap", help="Metres of street: less is a sliver, not a gap.")]
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
OutMap = Annotated[
    Path | None, typer.Option("--out", help="The HTML file.", show_default="maps/ and the stations file's name")
]
OutGaps = Annotated[
    Path | None, typer.Option("--out", help="Write them as .gpkg, .geojson or .parquet.", show_default=False)
]
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


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"walkshed {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def _study(
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
    datum: Datum = "wgs84",
    crs: TableCRS = None,
    category: Categories = None,
    group: Groups = None,
    cutoff: Cutoffs = None,
    speed: Speed = None,
    profile: Profile = None,
    off_street: OffStreet = 100.0,
    max_snap: MaxSnap = 250.0,
    min_gap: MinGap = 200.0,
    store: StoreFolder = None,
    no_store: NoStore = False,
    lang: Lang = "en",
    title: Title = None,
    tiles: TileChoice = None,
    attribution: Attribution = None,
) -> Study:
    """Make a study of the options that all its commands share."""
    if speed is not None and profile is not None:
        raise InputError("--speed and --profile: both set the speed; give one of them")
    settings: dict[str, Any] = {"off_street": off_street, "max_snap": max_snap, "min_gap": min_gap}
    settings |= {"cutoffs": _minutes(cutoff)} if cutoff else {}
    settings |= {"speed": speed} if speed is not None else {}
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
        datum=datum,
        crs=crs,
        categories=tuple(category or ()),
        groups=tuple(group or ()),
        walk=Walk.profile(profile, **settings) if profile else Walk(**settings),
        store=None if no_store else store or default_store(),
        lang=language(lang),
        title=title,
        tiles=tiles,
        attribution=attribution,
    )


def _minutes(texts: list[str]) -> tuple[float, ...]:
    """Read cutoffs, given one by one or with commas (Chinese ones too)."""
    parts = [part for text in texts for part in text.replace("，", ",").split(",") if part.strip()]
    try:
        return tuple(float(part) for part in parts)
    except ValueError:
        raise InputError(f"--cutoff: found {', '.join(texts)}; give minutes, e.g. --cutoff 5,10,15") from None


def _column(text: str) -> tuple[str, str]:
    meaning, equals, heading = text.partition("=")
    if not equals or not meaning.strip() or not heading.strip():
        raise InputError(f"--columns: found {text!r}; give MEANING=HEADING, such as name=店")
    return meaning.strip(), heading.strip()


def takes_study(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all options of a study; it is called with the study and its own options."""
    shared = inspect.signature(_study)
    own = [p for p in inspect.signature(command).parameters.values() if p.name != "study"]

    @functools.wraps(command)
    def run(**options: Any) -> None:
        mine = {p.name: options.pop(p.name) for p in own}
        command(_study(**options), **mine)

    parameters = [*shared.parameters.values(), *own]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    """Show steps on stderr: a bar each on a terminal, a line each elsewhere."""
    if not sys.stderr.isatty():
        seen: set[str] = set()

        def line(step: str, share: float) -> None:
            if step not in seen:
                seen.add(step)
                typer.echo(f"{step} ...", err=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:>10}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def bar(step: str, share: float) -> None:
            for other, task in tasks.items():
                if other != step:
                    bars.update(task, completed=1.0)
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=1.0)
            bars.update(tasks[step], completed=share)

        yield bar


def _say(lines: list[str]) -> None:
    for line in lines:
        typer.echo(f"note: {_printable(line)}", err=True)


def _printable(text: str) -> str:
    """Keep control characters of a user's names away from the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def _headline(result: "Coverage", lang: str) -> str:
    from walkshed.output.facts import headline
    from walkshed.output.words import Words

    return headline(result, Words(lang))


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("maps/demo"),
    lang: Lang = "en",
    pdf: Pdf = False,
    png: Png = False,
    layers: Formats = None,
    verify: Verify = False,
    as_json: AsJson = False,
) -> None:
    """Do the whole job on the embedded county, which is invented."""
    study = demo_study(lang=language(lang), store=default_store())
    extras = _extras(pdf=pdf, png=png, formats=tuple(layers or ()), verify=verify)
    with _progress() as progress:
        result, paths, said = run_study(study, out, extras=extras, progress=progress)
    _finish(result, paths, said, lang, as_json)


def _extras(**wanted: Any) -> "Extras | None":
    """Gather what is asked for beside the usual outputs; what is not installed is refused before any work."""
    if not any(wanted.values()):
        return None
    from walkshed.output.export import Extras

    return Extras(**wanted)


def _say_notes(result: "Coverage", lang: str) -> None:
    """Say on stderr what a reader of the headline must know beside it."""
    from walkshed.output.words import Words

    words = Words(lang)
    _say([words(f"note.{note.code}", **note.values) for note in result.notes])


def _finish(result: "Coverage", paths: dict[str, Path], said: list[str], lang: str, as_json: bool) -> None:
    _say(said)
    if as_json:
        from walkshed.output.export import summary_text

        written = paths.get("summary.json")
        typer.echo(summary_text(result) if written is None else written.read_text(encoding="utf-8"), nl=False)
        return
    typer.echo(_headline(result, lang))
    _say_notes(result, lang)
    for path in paths.values():
        typer.echo(str(path))


@app.command()
@takes_study
def report(
    study: Study,
    out: OutFolder = None,
    pdf: Pdf = False,
    png: Png = False,
    layers: Formats = None,
    verify: Verify = False,
    as_json: AsJson = False,
) -> None:
    """Write the coverage report, the map, the layers, the tables and the summary."""
    from walkshed.output.stage import check_folder

    folder = out or Path("maps") / study.stations.stem
    check_folder(folder)
    extras = _extras(pdf=pdf, png=png, formats=tuple(layers or ()), verify=verify)
    with _progress() as progress:
        result, paths, said = run_study(study, folder, extras=extras, progress=progress)
    _finish(result, paths, said, study.lang, as_json)


@app.command(name="map")
@takes_study
def map_(study: Study, out: OutMap = None, as_json: AsJson = False) -> None:
    """Write the map alone: one HTML file that opens anywhere, without internet."""
    from walkshed.output import write_map
    from walkshed.output.stage import check_folder

    path = out or Path("maps") / f"{study.stations.stem}.html"
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{path.name}: the map is one HTML file; give a name that ends in .html")
    check_folder(path.parent)
    with _progress() as progress, heard() as said:
        result = analyze_study(study, progress=progress)
        write_map(result, path, lang=study.lang, title=study.title, tiles=study.tiles)
    _finish(result, {path.name: path}, said, study.lang, as_json)


@app.command()
@takes_study
def gaps(study: Study, out: OutGaps = None, as_json: AsJson = False) -> None:
    """List the gaps by rank, and write them as a layer if asked."""
    from walkshed.output.layers import check_layer_name, gap_rows, write_layer
    from walkshed.output.stage import check_folder

    if out is not None:
        check_layer_name(out)
        check_folder(out.parent)
    with _progress() as progress, heard() as said:
        result = analyze_study(study, progress=progress)
        if out is not None:
            write_layer(result.gaps, out)
    _say(said)
    rows = gap_rows(result)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2, allow_nan=False))
        return
    typer.echo(_headline(result, study.lang))
    _say_notes(result, study.lang)
    _table(rows)
    if out is not None:
        typer.echo(str(out))


@app.command()
@takes_study
def check(
    study: Study, out: OutCheck = None, fix: OutFixed = None, strict: Strict = False, as_json: AsJson = False
) -> None:
    """Tell what was understood of the stations, and where they stand on the streets."""
    from walkshed.output.check import check_json, check_lines, station_rows, write_check
    from walkshed.output.checkfix import write_cleaned

    with _progress() as progress:
        checked = check_study(study, progress=progress)
    if as_json:
        typer.echo(json.dumps(check_json(checked), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        typer.echo("\n".join(map(_printable, check_lines(checked, lang=study.lang))))
        _table(station_rows(checked.farthest))
    if out is not None:
        write_check(checked, out, lang=study.lang, title=study.title)
    if fix is not None:
        write_cleaned(checked, fix)
    for path in filter(None, (out, fix)):
        typer.echo(str(path), err=as_json)
    if strict and checked.warnings:
        raise InputError(
            f"{study.stations.name}: {checked.warnings} warnings, and --strict takes none; mend what they name"
        )


@app.command()
def streets(
    file: Annotated[Path, typer.Argument(help="Streets: .osm.pbf, .osm(.gz/.bz2), GraphML, or road lines.")],
    area: AreaFile = None,
    store: StoreFolder = None,
    no_store: NoStore = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write them as .gpkg, .geojson or .parquet.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what walkable streets a file holds, and write them as lines if asked."""
    from walkshed.inputs import read_area
    from walkshed.network import read_streets
    from walkshed.output.layers import check_layer_name, write_layer

    if out is not None:
        check_layer_name(out)
    with _progress() as progress, heard() as said:
        outline = None if area is None else read_area(area)
        kept = None if no_store else store or default_store()
        network = read_streets(file, area=outline, store=kept, progress=progress)
        if out is not None:
            write_layer(network.to_frame(), out)
    _say(said)
    facts = street_facts(network)
    typer.echo(
        json.dumps(facts, ensure_ascii=False, indent=2) if as_json else "\n".join(f"{k}: {v}" for k, v in facts.items())
    )
    if out is not None:
        typer.echo(str(out), err=as_json)


def _table(rows: list[dict[str, Any]]) -> None:
    """Print rows as aligned columns; Chinese counts two columns a character."""
    from rich.cells import cell_len

    if not rows:
        return
    lines = [list(rows[0]), *([_cell(v) for v in row.values()] for row in rows)]
    widths = [max(cell_len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        cells = (c + " " * (w - cell_len(c)) for c, w in zip(line, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    text = f"{value:.5f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return _printable(text)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line: exit 0 done, 1 a bug, 2 the user's input."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console of another code page prints "?", and goes on
            stream.reconfigure(errors="replace")
    try:
        app(args=arguments, prog_name="walkshed")
    except WalkshedError as error:
        _say(getattr(error, "__notes__", []))
        typer.echo(f"error: {_printable(' '.join(str(error).split()))}", err=True)
        sys.exit(2)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        typer.echo(f"error: the output could not be written: {error.strerror or error}", err=True)
        sys.exit(2)
