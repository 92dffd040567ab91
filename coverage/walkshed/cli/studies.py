"""The commands that work from study files: ``init``, ``run``, ``batch``."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from walkshed.cli.commands import app, report
from walkshed.cli.options import AsJson, OutFolder, made_of, make_study
from walkshed.cli.studyfile import of_file, read_study_options
from walkshed.cli.templates import province_template, study_template
from walkshed.cli.terminal import printable, progress_shown, say, say_failed, spoken
from walkshed.errors import OutputError
from walkshed.phrases import Phrase, said

if TYPE_CHECKING:
    from walkshed.batch import Ended, Planned

Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", help="A Dask cluster that runs already: tcp://HOST:8786.", show_default=False),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", help="Processes on this machine.", show_default="one a core; none for one study"),
]
Memory = Annotated[
    str | None,
    typer.Option("--memory", help="Most that a worker here may take, e.g. 4GB.", show_default="an equal part"),
]
OutProvince = Annotated[
    Path | None,
    typer.Option("--out", help="Folder to write to.", show_default="out in the file, else maps/ and its name"),
]
LangProvince = Annotated[
    str | None,
    typer.Option("--lang", help="Language of the outputs: en or zh.", show_default="lang in the file, else en"),
]
Dashboard = Annotated[bool, typer.Option("--dashboard", help="Serve Dask's dashboard on port 8787.")]


@app.command()
def run(
    file: Annotated[Path, typer.Argument(help="A study: every option of report, as TOML.")] = Path("walkshed.toml"),
    out: OutFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of a study file; walkshed init writes one to fill in."""
    options = read_study_options(file, report)
    with spoken(options["lang"]), of_file(file):  # report refuses the same, but knows of no file
        made_of(make_study, options)
    options["out"] = out or options["out"] or file.parent / "maps" / options["stations"].stem
    report(**options | {"as_json": as_json or options["as_json"]})


@app.command()
def init(
    file: Annotated[
        Path | None,
        typer.Argument(help="The file to write.", show_default="walkshed.toml; with --batch province.toml"),
    ] = None,
    many: Annotated[bool, typer.Option("--batch", help="Write a file of many studies, for walkshed batch.")] = False,
) -> None:
    """Write a study file in which every key stands with its help; with --batch, one of many studies."""
    from walkshed.output.stage import not_written

    file = file or Path("province.toml" if many else "walkshed.toml")
    with spoken("en"):
        try:
            with file.open("x", encoding="utf-8", newline="\n") as page:
                page.write(province_template(report) if many else study_template(report))
        except FileExistsError:
            raise OutputError(f"{file}: is there already, and may hold a study; name another file") from None
        except OSError as fault:
            raise not_written(file, fault) from fault
    typer.echo(printable(str(file)))


@app.command()
def batch(
    file: Annotated[
        Path,
        typer.Argument(
            help="Many studies as TOML: [defaults], [split] by a layer of areas, [[study]]; title, lang, out."
        ),
    ],
    workers: Workers = None,
    scheduler: Scheduler = None,
    memory: Memory = None,
    dashboard: Dashboard = False,
    out: OutProvince = None,
    lang: LangProvince = None,
    as_json: AsJson = False,
) -> None:
    """Do many studies, on several processes or machines, and roll them up; run it again to do what is left.

    walkshed init --batch writes a file to fill in.
    """
    with spoken(lang or "en"):
        from walkshed.analysis.rollup import none_used, stations_told
        from walkshed.batch import run_batch
        from walkshed.batch.crew import Crew
        from walkshed.cli.provincefile import read_province

        crew = Crew(workers=workers, scheduler=scheduler, memory=memory, dashboard=dashboard)
        province = read_province(file, report, out, lang)
    lang, begun = province.lang, perf_counter()
    say(province.notes, lang)
    with spoken(lang), _stoppable(lang), progress_shown(lang) as progress:
        paths, totals, rows = run_batch(
            province, crew=crew, progress=progress, plan=partial(_say_planned, lang), watch=partial(_say_ended, lang)
        )
    say(none_used(totals), lang)
    if totals["stations_listed"] > totals["stations"]:
        say([stations_told(totals)], lang)
    _say(Phrase("batch.over", at=_clock(), done=totals["areas"] - totals["failed"], total=totals["areas"],
                took=_time(perf_counter() - begun)), lang)  # fmt: skip
    if as_json:
        typer.echo(
            json.dumps({"totals": totals, "studies": [_told(row) for row in rows]}, ensure_ascii=False, indent=2)
        )
    else:
        typer.echo(_headline(paths["summary.json"], lang))
        for path in paths.values():
            typer.echo(str(path))
    if totals["failed"]:
        say_failed(totals["failed"], totals["areas"], province.lang)
        raise typer.Exit(2)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("name", "slug", "state", "why")}


def _say(line: Phrase, lang: str) -> None:
    typer.echo(printable(said(line, lang)), err=True)


def _headline(summary: Path, lang: str) -> str:
    """Word the first sentences of the report over all."""
    from walkshed.output.rollup import rollup_headline
    from walkshed.output.words import Words

    told = json.loads(summary.read_text(encoding="utf-8"))
    return rollup_headline(told["totals"], told["cutoff_min"], Words(lang))


def _say_planned(lang: str, planned: "Planned") -> None:
    """Say on stderr what was done before, and what is no longer of the batch."""
    left = planned.total - planned.kept
    if planned.kept:
        _say(Phrase("batch.kept" if left else "batch.nothing", kept=planned.kept, total=planned.total, left=left), lang)
    if planned.stale:
        say([Phrase("batch.stale", folders=", ".join(planned.stale))], lang)


def _say_ended(lang: str, ended: "Ended") -> None:
    """Say on stderr what a study has come to, and how long the rest will take."""
    outcome = ended.outcome
    why = Phrase("batch.why", why=outcome.why) if outcome.why else ""
    left = Phrase("batch.left", time=_time(ended.seconds_left)) if ended.done < ended.total else ""
    state, took = Phrase(f"rollup.{outcome.state}"), _time(outcome.seconds)
    values = {"done": ended.done, "total": ended.total, "name": ended.name, "at": _clock()}
    _say(Phrase("batch.line", **values, left=left, state=state, took=took, why=why), lang)


def _clock() -> str:
    return datetime.now().astimezone().strftime("%H:%M")


def _time(seconds: float) -> Phrase:
    if seconds < 90:
        return Phrase("batch.seconds", count=f"{seconds:.0f}")
    if seconds < 5400:
        return Phrase("batch.minutes", count=f"{seconds / 60:.0f}")
    return Phrase("batch.hours", count=f"{seconds / 3600:.1f}")


@contextmanager
def _stoppable(lang: str) -> Iterator[None]:
    """Let Ctrl-C end a batch in order: what is done stays done."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(said(Phrase("batch.stopped"), lang), err=True)
        raise typer.Exit(130) from None
