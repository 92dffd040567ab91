"""``walkshed check``: what was understood of the files, as lines, as JSON and as one HTML page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from walkshed import __version__
from walkshed.inputs.cells import rows_named
from walkshed.inputs.datum import TITLES
from walkshed.output.heading import phrases
from walkshed.output.offline import TEMPLATES, asset
from walkshed.output.stage import staged
from walkshed.output.words import Words, plain
from walkshed.phrases import said

if TYPE_CHECKING:
    import geopandas as gpd

    from walkshed.analysis.check import Checked
    from walkshed.inputs.understood import Finding, Reading
    from walkshed.network.streets import Streets
    from walkshed.reach.datum_fit import DatumVerdict

ROWS_NAMED = 50
"""Rows of a finding that are named; the rest are counted, and stand in the JSON."""
ALIKE_LISTED = 20
"""Findings of one kind that are listed; the rest are counted."""

_DELIMITERS = {
    ",": "readas.comma",
    "\t": "readas.tab",
    ";": "readas.semicolon",
    "|": "readas.bar",
    "，": "readas.wide_comma",
}


def check_json(checked: Checked) -> dict[str, Any]:
    """Write what was understood for programs: plain values, null where there is none.

    Parameters
    ----------
    checked
        What `analysis.check.check` returned.
    """
    understood = checked.understood
    return {
        "source": understood.source,
        "reading": asdict(understood.reading),
        "columns": [{"heading": c.heading, "meaning": c.meaning} for c in understood.columns],
        "status": checked.status,
        "findings": [asdict(f) for f in checked.findings],
        "said": list(checked.said),
        "streets": None if checked.streets is None else str(checked.streets),
        "datum": None if checked.datum is None else _datum(checked.datum),
        "people": None if checked.people is None else {"rows": checked.people_rows, "people": checked.people},
        "zones": checked.zones,
        "farthest": station_rows(checked.farthest),
        "stations": station_rows(checked.stations),
    }


def _datum(verdict: DatumVerdict) -> dict[str, Any]:
    fits = [asdict(fit) for fit in verdict.fits]
    return {"fits_best": verdict.chosen, "margin": verdict.margin if fits else None, "fits": fits}


def station_rows(stations: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Write stations as plain rows, None where a value is missing."""
    columns = ["row", "station_id", "name", "category", "opening_hours", "status", "snap_m", "street"]
    table = stations[[c for c in columns if c in stations]]
    return [{k: None if v != v else v for k, v in row.items()} for row in table.to_dict("records")]


def check_lines(checked: Checked, *, lang: str = "en") -> list[str]:
    """Write what was understood for the terminal, without the table of `farthest_rows`.

    Parameters
    ----------
    checked
        What `analysis.check.check` returned.
    lang
        ``en`` or ``zh``.
    """
    words = Words(lang)
    file = reading(checked.understood.source, checked.understood.reading, words)
    lines = [headline(checked, words), _labelled(words("check.file"), file, words)]
    lines += [_labelled(label, text, words) for label, text in facts(checked, words)]
    lines += [] if checked.datum is None else _fit_lines(checked.datum, words)
    mapped = [f"  {heading} -> {meaning}" for heading, meaning in columns(checked, words)]
    lines += [_labelled(words("check.columns"), "", words), *mapped] if mapped else []
    lines += [_finding_line(told, words) for told in findings(checked, words)]
    return [plain(line) if not line.startswith("  ") else f"  {plain(line)}" for line in lines]


def _labelled(label: str, text: str, words: Words) -> str:
    return words("check.labelled", label=label, text=text) if label else text


def _finding_line(told: dict[str, str], words: Words) -> str:
    text = words("check.found_todo", **told) if told["remedy"] else told["found"]
    return _labelled(told["label"], _labelled(told["rows"], text, words), words)


def render_check(checked: Checked, *, lang: str = "en", title: str | None = None) -> str:
    """Write what was understood as a page.

    Parameters
    ----------
    checked
        What `analysis.check.check` returned.
    lang
        ``en`` or ``zh``.
    title
        The heading; by default it names the file.

    Returns
    -------
    str
        A whole HTML document that loads nothing.
    """
    words = Words(lang)
    told = list(findings(checked, words))
    return TEMPLATES.get_template("check.html").render(
        words=words,
        phrases=phrases,
        version=__version__,
        css=asset("report.css"),
        title=plain(title) or words("check.title", source=plain(checked.understood.source)),
        headline=headline(checked, words),
        reading=reading(checked.understood.source, checked.understood.reading, words),
        facts=facts(checked, words),
        fits=() if checked.datum is None else checked.datum.fits,
        titles=TITLES,
        columns=list(columns(checked, words)),
        warnings=[f for f in told if f["level"] == "warning"],
        notes=[f for f in told if f["level"] == "note"],
        farthest=farthest_rows(checked, words),
    )


def write_check(checked: Checked, path: Path, *, lang: str = "en", title: str | None = None) -> None:
    """Write the page of `render_check` to a file, whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    with staged(path.parent, [path.name]) as folder:
        text = render_check(checked, lang=lang, title=title)
        (folder / path.name).write_text(text, encoding="utf-8", newline="\n")


def headline(checked: Checked, words: Words) -> str:
    """Say how many stations there are of each status."""
    counts = (words(f"check.status_{status}", count=words.number(n)) for status, n in checked.status.items())
    return words(
        "check.count",
        count=words.number(len(checked.stations)),
        counts=("，" if words.lang == "zh" else ", ").join(counts),
    )


def reading(source: str, how: Reading, words: Words) -> str:
    """Say how a file was read, in a line."""
    parts = [plain(source), words(f"readas.{how.kind}")]
    parts += [words(_DELIMITERS[how.delimiter])] if how.delimiter else []
    sheet = "sheet" if how.kind == "workbook" else "layer"
    named = {"encoding": how.encoding, sheet: how.sheet, "heading_row": how.heading_row, "crs": how.crs}
    named["left_out"] = rows_said(how.left_out, words) if how.left_out else None
    parts += [words(f"readas.{key}", value=plain(str(value))) for key, value in named.items() if value is not None]
    return " · ".join(parts)


def _fit_lines(verdict: DatumVerdict, words: Words) -> list[str]:
    """Say how the list fits the streets in each datum."""
    return [
        f"  {words('check.datum_hypothesis')} {TITLES[fit.datum]} · {words('check.datum_median')} "
        f"{words.number(fit.median_m, 1)} · {words('check.datum_share')} {words.share(fit.streetside_share, 0)} · "
        f"{words('check.datum_rank')} {words.number(fit.rank, 2)}"
        for fit in verdict.fits
    ]


def facts(checked: Checked, words: Words) -> list[tuple[str, str]]:
    """Say what there is beside the stations: label, text."""
    told = [] if checked.streets is None else [(words("check.streets"), _network(checked.streets, words))]
    if checked.datum is not None:
        key = "check.datum_line" if checked.datum.fits else "check.datum_outside"
        told.append((words("check.datum"), words(key, datum=TITLES[checked.datum.chosen])))
    if checked.people is not None:
        rows, people = words.number(checked.people_rows), words.number(checked.people)
        told.append((words("check.people"), words("check.people_line", rows=rows, people=people)))
    if checked.zones is not None:
        told.append((words("check.zones"), words.number(checked.zones)))
    return told


def _network(streets: Streets, words: Words) -> str:
    """Say what the streets are and how much they hold."""
    date = words("report.streets_dated", date=words.date(streets.source.date)) if streets.source.date else ""
    km = f"{words.number(streets.street_km, 1)} {words('unit.km')}"
    size = words("fact.network_size", edges=words.number(len(streets)), nodes=words.number(streets.node_count))
    return " · ".join(filter(None, (plain(streets.source.name), date, km, size, str(streets.crs))))


def farthest_rows(checked: Checked, words: Words) -> list[dict[str, str]]:
    """Word the stations with the longest legs: heading -> text."""
    labels = [words(f"check.leg_{key}") for key in ("row", "station", "street", "m")]
    rows = station_rows(checked.farthest)
    told = ((str(r["row"]), r["name"] or r["station_id"], r["street"], words.number(r["snap_m"], 1)) for r in rows)
    return [dict(zip(labels, map(plain, row), strict=True)) for row in told]


def columns(checked: Checked, words: Words) -> Iterator[tuple[str, str]]:
    """Say each heading and what it was taken to mean."""
    for column in checked.understood.columns:
        if heading := plain(column.heading):
            yield heading, words("check.unused") if column.meaning is None else words(f"means.{column.meaning}")


def findings(checked: Checked, words: Words) -> Iterator[dict[str, str]]:
    """Say each finding: level, label, rows, what was found, what to do; then what readers said."""
    listed: Counter[str] = Counter()
    for finding in checked.findings:
        listed[finding.code] += 1
        if listed[finding.code] <= ALIKE_LISTED:
            yield _finding(finding, checked.understood.source, words)
    for code, count in listed.items():
        if count > ALIKE_LISTED:
            more = words("check.more", count=words.number(count - ALIKE_LISTED))
            first = next(f for f in checked.findings if f.code == code)
            yield _told(first.level, "", f"{plain(said(first.found, words.lang))} … {more}", "", words)
    for line in checked.said:
        yield _told("warning", "", plain(said(line, words.lang)), words("remedy.said"), words)


def _finding(finding: Finding, source: str, words: Words) -> dict[str, str]:
    rows = rows_said(finding.rows, words) if finding.rows else ""
    if finding.source not in ("", source):  # of another file than the stations
        rows = f"{plain(finding.source)}, {rows}" if rows else plain(finding.source)
    found, remedy = (plain(said(phrase, words.lang)) for phrase in (finding.found, finding.remedy))
    return _told(finding.level, rows, found, remedy, words)


def _told(level: str, rows: str, found: str, remedy: str, words: Words) -> dict[str, str]:
    label = words(f"check.level_{level}")
    return {"level": level, "label": label, "rows": rows, "found": found, "remedy": remedy}


def rows_said(rows: tuple[int, ...], words: Words) -> str:
    """Name rows, the first `ROWS_NAMED` of them."""
    return str(said(rows_named(rows, ROWS_NAMED), words.lang))
