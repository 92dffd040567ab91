"""The commands: each is one call of the API.

Nothing geographic is imported before a command runs, so that ``--help`` answers at once.
"""

import atexit
import gc
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from walkshed import __version__
from walkshed.cli.options import (
    AfterFile,
    AreaFile,
    AsJson,
    At,
    ClosedAfter,
    Lang,
    Merged,
    NoStore,
    OutAreas,
    OutCheck,
    OutCompare,
    OutFixed,
    OutFolder,
    OutGaps,
    OutMap,
    SpeedAfter,
    StoreFolder,
    StreetsAfter,
    Strict,
    Week,
    moment_of,
    takes_extras,
    takes_study,
)
from walkshed.cli.terminal import (
    finish,
    finish_comparison,
    headline_of,
    print_table,
    printable,
    progress_shown,
    say,
    say_error,
    say_notes,
    spoken,
)
from walkshed.errors import InputError, WalkshedError
from walkshed.phrases import Phrase
from walkshed.project import (
    Study,
    analyze_study,
    check_study,
    default_store,
    demo_study,
    files_of,
    heard,
    language,
    run_study,
    street_facts,
)
from walkshed.scenarios import run_comparison

if TYPE_CHECKING:
    from walkshed.output.export import Extras

app = typer.Typer(
    name="walkshed",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Who can walk to a station in 15 minutes over the real streets, who cannot, and where the gaps are.",
)


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


@app.command()
@takes_extras
def demo(
    extras: "Extras | None",
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("maps/demo"),
    lang: Lang = "en",
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Do the whole job on the embedded county, which is invented."""
    study = demo_study(lang=language(lang), store=default_store())
    with spoken(lang), progress_shown(lang) as progress:
        study = replace(study, at=moment_of(at))
        result, paths, said = run_study(study, out, extras=extras, progress=progress)
    finish(result, paths, said, lang, as_json, verified=extras is not None and extras.verify)


@app.command()
@takes_study
@takes_extras
def report(study: Study, extras: "Extras | None", out: OutFolder = None, as_json: AsJson = False) -> None:
    """Write the coverage report, the map, the layers, the tables and the summary."""
    from walkshed.output.stage import check_folder

    folder = out or Path("maps") / study.stations.stem
    check_folder(folder)
    with progress_shown(study.lang) as progress:
        result, paths, said = run_study(study, folder, extras=extras, progress=progress)
    finish(result, paths, said, study.lang, as_json, verified=extras is not None and extras.verify)


@app.command(name="map")
@takes_study
def map_(study: Study, out: OutMap = None, as_json: AsJson = False) -> None:
    """Write the map alone: one HTML file that opens anywhere, without internet."""
    from walkshed.output import write_map
    from walkshed.output.stage import check_page

    path = out or Path("maps") / f"{study.stations.stem}.html"
    check_page(path)
    with progress_shown(study.lang) as progress, heard() as said:
        result = analyze_study(study, progress=progress)
        write_map(result, path, lang=study.lang, title=study.title, tiles=study.tiles)
    finish(result, {path.name: path}, said, study.lang, as_json)


@app.command()
@takes_study
def compare(
    study: Study,
    after: AfterFile,
    streets_after: StreetsAfter = None,
    closed_after: ClosedAfter = None,
    speed_after: SpeedAfter = None,
    out: OutCompare = None,
    as_json: AsJson = False,
) -> None:
    """Compare two lists of stations, or one list on other streets or at another speed."""
    from walkshed.output.stage import check_folder

    folder = out or Path("maps") / "compare"
    check_folder(folder)
    walk = study.walk if speed_after is None else replace(study.walk, speed=speed_after)
    changed = replace(
        study,
        stations=after,
        streets=streets_after or study.streets,
        closed=closed_after or study.closed,
        walk=walk,
    )
    with progress_shown(study.lang) as progress:
        comparison, paths, said = run_comparison(study, changed, folder, progress=progress)
    finish_comparison(comparison, paths, said, study.lang, as_json)


@app.command()
@takes_study
def areas(study: Study, out: OutAreas, merged: Merged = False, as_json: AsJson = False) -> None:
    """Write the service area of each station and cutoff as a layer."""
    from walkshed.output.layers import write_layer
    from walkshed.output.provenance import provenance

    _check_layer(out, *files_of(study).values())
    with progress_shown(study.lang) as progress, heard() as said:
        result = analyze_study(study, progress=progress)
        write_layer(result.covered if merged else result.service_areas, out, provenance(result))
    say(said, study.lang)
    if as_json:
        typer.echo(json.dumps(result.summary, ensure_ascii=False, indent=2, allow_nan=False))
        return
    typer.echo(headline_of(result, study.lang))
    say_notes(result, study.lang)
    typer.echo(str(out))


@app.command()
@takes_study
def gaps(study: Study, out: OutGaps = None, as_json: AsJson = False) -> None:
    """List the gaps by rank, and write them as a layer if asked."""
    from walkshed.output.layers import gap_rows, gap_table, write_layer
    from walkshed.output.provenance import provenance

    if out is not None:
        _check_layer(out, *files_of(study).values())
    with progress_shown(study.lang) as progress, heard() as said:
        result = analyze_study(study, progress=progress)
        rows = gap_rows(result) if as_json else gap_table(result, study.lang)
        if out is not None:
            write_layer(result.gaps, out, provenance(result))
    say(said, study.lang)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2, allow_nan=False))
        return
    typer.echo(headline_of(result, study.lang))
    say_notes(result, study.lang)
    print_table(rows)
    if out is not None:
        typer.echo(str(out))


def _check_layer(out: Path, *read: Path | None) -> None:
    """Refuse a layer that cannot be written, or would take the place of a file that it is made from."""
    from walkshed.output.layers import check_layer_name
    from walkshed.output.stage import check_folder

    check_layer_name(out)
    check_folder(out.parent)
    if any(path is not None and path.exists() and out.exists() and path.samefile(out) for path in read):
        raise InputError(Phrase("asked.layer_input", path=out))


@app.command()
@takes_study
def hours(study: Study, week: Week = None, as_json: AsJson = False) -> None:
    """Tell what is covered by the clock: day against night, each hour of a week, whose longer hours gain most."""
    from walkshed.inputs.moment import read_moment, read_week
    from walkshed.output.hourly import hours_json, hours_tables

    at, start = None if study.at is None else read_moment(study.at), read_week(week)
    with progress_shown(study.lang) as progress, heard() as said:
        result = analyze_study(replace(study, at=None), progress=progress)
        told = hours_json(result, at, start) if as_json else list(hours_tables(result, at, start, study.lang))
    say(said, study.lang)
    if isinstance(told, dict):
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False))
        return
    for heading, table in told:
        typer.echo(heading)
        print_table(table)


@app.command()
@takes_study
def check(
    study: Study, out: OutCheck = None, fix: OutFixed = None, strict: Strict = False, as_json: AsJson = False
) -> None:
    """Tell what was understood of the stations, and where they stand on the streets."""
    from walkshed.output.check import check_json, check_lines, farthest_rows, write_check
    from walkshed.output.checkfix import check_cleaned, write_cleaned
    from walkshed.output.stage import check_page
    from walkshed.output.words import Words

    if out is not None:
        check_page(out)
    if fix is not None:
        check_cleaned(fix, study.stations)
    with progress_shown(study.lang) as progress:
        checked = check_study(study, progress=progress)
    if as_json:
        typer.echo(json.dumps(check_json(checked), ensure_ascii=False, indent=2, allow_nan=False))
    else:
        typer.echo("\n".join(map(printable, check_lines(checked, lang=study.lang))))
        words = Words(study.lang)
        print_table(farthest_rows(checked, words), words("check.farthest"))
    if out is not None:
        write_check(checked, out, lang=study.lang, title=study.title)
    if fix is not None:
        write_cleaned(checked, fix)
    for path in filter(None, (out, fix)):
        typer.echo(str(path), err=as_json)
    if strict and checked.warnings:
        raise InputError(Phrase("said.strict", source=study.stations.name, count=checked.warnings))


@app.command()
def streets(
    file: Annotated[Path, typer.Argument(help="Streets: .osm.pbf, .osm(.gz/.bz2), GraphML, or road lines.")],
    area: AreaFile = None,
    store: StoreFolder = None,
    no_store: NoStore = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write them as .gpkg, .geojson or .parquet.", show_default=False)
    ] = None,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Tell what walkable streets a file holds, and write them as lines if asked."""
    from walkshed.inputs import read_area
    from walkshed.network import read_streets
    from walkshed.output.facts import street_lines
    from walkshed.output.layers import write_layer
    from walkshed.output.provenance import provenance_of_streets
    from walkshed.output.words import Words

    with spoken(lang), progress_shown(lang) as progress, heard() as said:
        words = Words(lang)
        if out is not None:
            _check_layer(out, file, area)
        outline = None if area is None else read_area(area)
        kept = None if no_store else store or default_store()
        network = read_streets(file, area=outline, store=kept, progress=progress)
        if out is not None:
            write_layer(network.to_frame(), out, provenance_of_streets(network))
    say(said, lang)
    if as_json:
        typer.echo(json.dumps(street_facts(network), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(map(printable, street_lines(street_facts(network), words))))
    if out is not None:
        typer.echo(str(out), err=as_json)


OBJECTS_BETWEEN_COLLECTIONS = 1_000_000
"""Python's own 700 suit programs that throw things away: a study keeps its lines and polygons to the end, and looking
through them for cycles again and again took a tenth of its time."""


@contextmanager
def _rare_collections() -> Iterator[None]:
    usual = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@_rare_collections()
def main(arguments: list[str] | None = None) -> None:
    """Run the command line: exit 0 done, 1 a bug, 2 the user's input."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console of another code page prints "?", and goes on
            stream.reconfigure(errors="replace")
    if arguments is None:  # the process ends with the command: what is held then need not be looked through for cycles
        atexit.register(gc.freeze)
    os.environ.setdefault("CPL_LOG", os.devnull)  # GDAL's pages of SQL about a full disk; we say it in one line
    try:
        app(args=arguments, prog_name="walkshed")
    except WalkshedError as error:
        say_error(error, "en")
        sys.exit(2)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        typer.echo(f"error: the output could not be written: {error.strerror or error}", err=True)
        sys.exit(2)
