"""``walkshed sites``: where the next stations should stand, and what closing some would lose."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from walkshed.cli.commands import app
from walkshed.cli.options import AsJson, OutSites, takes_study
from walkshed.cli.terminal import finish, print_table, progress_shown, say
from walkshed.errors import InputError
from walkshed.phrases import Phrase, told
from walkshed.project import Study, analyze_study, heard

if TYPE_CHECKING:
    from walkshed.analysis.result import Coverage
    from walkshed.siting.proposal import Proposal

Add = Annotated[int | None, typer.Option("--add", help="How many sites.", show_default="5")]
Target = Annotated[
    float | None,
    typer.Option("--target", help="The fewest sites that cover this share, e.g. 0.95.", show_default=False),
]
CandidatesFile = Annotated[
    Path | None,
    typer.Option(
        "--candidates", help="Where they may stand: points.", show_default="the public counters in the streets' file"
    ),
]
Anywhere = Annotated[bool, typer.Option("--anywhere", help="They may stand anywhere on the streets.")]
Spacing = Annotated[
    float | None,
    typer.Option("--spacing", help="Metres on foot between places of --anywhere.", show_default="200"),
]
ObjectiveName = Annotated[
    str | None,
    typer.Option(
        "--objective", help="Gain the most people, street or cross coverage.", show_default="people, if given"
    ),
]
Fixed = Annotated[list[str] | None, typer.Option("--fixed", help="Id of a candidate that is one of them; once a site.")]
Forbidden = Annotated[
    list[str] | None, typer.Option("--forbidden", help="Id of a candidate that is none; once a site.")
]
MostOne = Annotated[bool, typer.Option("--at-most-one-per-zone", help="No zone gets two.")]
LeastOne = Annotated[bool, typer.Option("--at-least-one-per-zone", help="Every zone without a station gets one.")]
Prove = Annotated[bool, typer.Option("--prove", help="Look for the optimum, and prove it.")]
TimeLimit = Annotated[float, typer.Option("--time-limit", help="Seconds for the proof.")]
Close = Annotated[
    list[str] | None,
    typer.Option("--close", help="Id of a station to close first; once a station.", show_default=False),
]


@dataclass(frozen=True)
class _Asked:
    """What is asked of the sites."""

    add: int | None
    target: float | None
    candidates: Path | None
    anywhere: bool
    settings: dict[str, Any]
    rules: dict[str, Any]

    def check(self) -> None:
        """Refuse options that exclude each other, before any work is done."""
        from walkshed.siting.costs import check_time_limit

        if self.add is not None and self.target is not None:
            raise InputError(Phrase("choosing.add_and_target"))
        if self.candidates is not None and self.anywhere:
            raise InputError(Phrase("choosing.two_sources"))
        if "spacing_m" in self.settings and not self.anywhere:
            raise InputError(Phrase("choosing.spacing_alone"))
        check_time_limit(self.settings["time_limit_s"])
        if self.target is not None and any(self.rules.values()):
            raise InputError(Phrase("choosing.target_rules"))


@app.command()
@takes_study
def sites(
    study: Study,
    add: Add = None,
    target: Target = None,
    candidates: CandidatesFile = None,
    anywhere: Anywhere = False,
    spacing: Spacing = None,
    objective: ObjectiveName = None,
    fixed: Fixed = None,
    forbidden: Forbidden = None,
    at_most_one_per_zone: MostOne = False,
    at_least_one_per_zone: LeastOne = False,
    prove: Prove = False,
    time_limit: TimeLimit = 60.0,
    close: Close = None,
    out: OutSites = None,
    as_json: AsJson = False,
) -> None:
    """Say where the next stations should stand, and what closing stations would lose."""
    from walkshed.output import write_report
    from walkshed.output.stage import check_folder

    asked = _Asked(
        add if add is not None or target is not None or close else 5,
        target,
        candidates,
        anywhere,
        {
            **({} if spacing is None else {"spacing_m": spacing}), "objective": objective, "fixed": tuple(fixed or ()),
            "forbidden": tuple(forbidden or ()), "prove": prove, "time_limit_s": time_limit,
        },
        {"at_most_one_per_zone": at_most_one_per_zone, "at_least_one_per_zone": at_least_one_per_zone},
    )  # fmt: skip
    asked.check()
    folder = out or Path("maps") / f"{study.stations.stem}-sites"  # the report of today stays beside it
    check_folder(folder)
    with progress_shown(study.lang) as progress, heard() as said:
        result = analyze_study(study, progress=progress)
        if close:
            result = _closed(result, close, progress)
        proposal = _proposal(result, asked)
        if proposal is not None:
            result = replace(result, summary=result.summary | {"sites": proposal.summary})
        shown = None if proposal is None else proposal.sites
        pages: dict[str, Any] = {"lang": study.lang, "title": study.title, "tiles": study.tiles}
        paths = write_report(
            result, folder, **pages, sites=shown, warnings=[told(w, study.lang) for w in said], progress=progress
        )
    if not as_json:
        _tell(result.summary, study.lang)
    finish(result, paths, said, study.lang, as_json)


def _closed(result: "Coverage", ids: list[str], progress: Any) -> "Coverage":
    """Analyze the study without some stations; what that loses stands in the summary."""
    from walkshed.analysis.again import analyze_again
    from walkshed.siting.worth import close_stations

    closing = close_stations(result, ids)
    left = analyze_again(result, closing.stations, progress=progress)
    seconds = left.summary["seconds"] | {"streets": result.summary["seconds"]["streets"]}
    same = {key: result.summary[key] for key in ("settings", "inputs")}
    return replace(left, summary=left.summary | same | {"seconds": seconds, "closing": closing.summary})


def _proposal(result: "Coverage", asked: _Asked) -> "Proposal | None":
    """Suggest sites, if any are asked for."""
    from walkshed.inputs import read_stations
    from walkshed.siting.sites import fewest_sites, suggest_sites

    if asked.add is None and asked.target is None:
        return None
    where: Any = "anywhere" if asked.anywhere else "hosts"
    if asked.candidates is not None:
        where = read_stations(asked.candidates, may_be_empty=True)  # which is refused as candidates, not as stations
    if asked.target is not None:
        return fewest_sites(result, asked.target, candidates=where, **asked.settings)
    return suggest_sites(result, asked.add or 0, candidates=where, **asked.settings, **asked.rules)


def _tell(summary: dict[str, Any], lang: str) -> None:
    """Print what is lost and what is gained."""
    from walkshed.output.sites import closing_table, proof_note, site_table
    from walkshed.output.words import Words

    words = Words(lang)
    if "closing" in summary:
        print_table(closing_table(summary["closing"], words))
    if "sites" in summary:
        print_table(site_table(summary["sites"], words))
        say([proof_note(summary["sites"], words)], lang)
