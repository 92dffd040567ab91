"""What the command line prints: progress and notes on stderr, results on stdout."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from walkshed.errors import InputWarning, WalkshedError
from walkshed.phrases import Phrase, said, told
from walkshed.progress import progress_shown as progress_shown  # the commands take it from here

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage
    from walkshed.comparing.compare import Comparison


def say(notes: Iterable[str | InputWarning], lang: str) -> None:
    """Print notes about the input or the result, on stderr."""
    for note in notes:
        line = told(note, lang) if isinstance(note, InputWarning) else said(note, lang)
        typer.echo(said(Phrase("said.note", line=printable(line)), lang), err=True)


def say_error(error: WalkshedError, lang: str) -> None:
    """Print what the user's input lacks, on stderr, after what was said on the way."""
    say(getattr(error, "__notes__", []), lang)
    line = printable(" ".join(told(error, lang).split()))
    typer.echo(said(Phrase("said.error", line=line), lang), err=True)


def say_failed(failed: int, areas: int, lang: str) -> None:
    """Print how many studies of a batch failed, on stderr."""
    line = Phrase("said.failed", failed=failed, areas=areas)
    typer.echo(said(Phrase("said.error", line=line), lang), err=True)


@contextmanager
def spoken(lang: str) -> Iterator[None]:
    """Say errors in a language, and exit with 2."""
    try:
        yield
    except WalkshedError as error:
        say_error(error, lang if lang in ("en", "zh") else "en")
        raise typer.Exit(2) from error


def printable(text: str) -> str:
    """Keep control characters of a user's names away from the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def headline_of(result: "Coverage", lang: str) -> str:
    """Word the first sentence of a result."""
    from walkshed.output.facts import headline
    from walkshed.output.words import Words

    return headline(result, Words(lang))


def say_notes(result: "Coverage", lang: str) -> None:
    """Say on stderr what a reader of the headline must know beside it."""
    from walkshed.output.words import Words

    words = Words(lang)
    say([words.note(note) for note in result.notes], lang)


def finish(
    result: "Coverage",
    paths: dict[str, Path],
    notes: Sequence[str | InputWarning],
    lang: str,
    as_json: bool,
    *,
    verified: bool = False,
) -> None:
    """Print what a command has made: the headline, norm, self-check, notes and paths, or the summary as JSON."""
    say(notes, lang)
    if as_json:
        from walkshed.output.export import summary_text

        written = paths.get("summary.json")
        typer.echo(summary_text(result) if written is None else written.read_text(encoding="utf-8"), nl=False)
        return
    typer.echo(headline_of(result, lang))
    if result.moment is not None:  # with unknown hours one figure would promise too much, or too little
        from walkshed.output.clock import then_text
        from walkshed.output.words import Words

        typer.echo(printable(then_text(result, Words(lang))))
    if result.walk.follows is not None:
        _print_norm(result, lang)
    if verified:
        _print_self_check(result, lang)
    say_notes(result, lang)
    for path in paths.values():
        typer.echo(str(path))


def _print_norm(result: "Coverage", lang: str) -> None:
    """Print how many targets of the norm are met, and each with what was found."""
    from walkshed.output.normwords import norm_chapter
    from walkshed.output.words import Words

    words, chapter = Words(lang), norm_chapter(result, Words(lang))
    shown = {
        "says": "norm.col_target",
        "asked": "norm.col_asked",
        "found": "norm.col_found",
        "verdict": "norm.col_verdict",
    }
    if chapter is not None:
        rows = [{words(phrase): row[key] for key, phrase in shown.items()} for row in chapter["rows"]]
        print_table(rows, chapter["lead"])


def _print_self_check(result: "Coverage", lang: str) -> None:
    """Print what walking again found."""
    from walkshed.output.facts import self_check_lines
    from walkshed.output.words import Words

    words = Words(lang)
    for line in self_check_lines(result.self_check, words):
        typer.echo(words("report.check_line", line=line))


def finish_comparison(
    comparison: "Comparison", paths: dict[str, Path], notes: Sequence[str], lang: str, as_json: bool
) -> None:
    """Print what was compared: the sentence of each cutoff, notes and paths, or the summary as JSON."""
    from walkshed.output.compare_words import headline_of, note_lines
    from walkshed.output.words import Words

    say(notes, lang)
    if as_json:
        typer.echo(paths["summary.json"].read_text(encoding="utf-8"), nl=False)
        return
    words = Words(lang)
    for row in comparison.coverage.to_dict("records"):
        typer.echo(headline_of(comparison, row, words))
    say(note_lines(comparison, words), lang)
    for path in paths.values():
        typer.echo(str(path))


def print_table(rows: list[dict[str, Any]], title: str = "") -> None:
    """Print rows as aligned columns, under their title; Chinese counts two columns a character."""
    from rich.cells import cell_len

    if not rows:
        return
    if title:
        typer.echo(title)
    lines = [list(rows[0]), *([_cell(v) for v in row.values()] for row in rows)]
    widths = [max(cell_len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        cells = (c + " " * (w - cell_len(c)) for c, w in zip(line, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    text = f"{round(value, 5) + 0.0:.5f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return printable(text)
