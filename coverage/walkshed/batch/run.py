"""``run_batch``: many studies, end to end: plan, cut the streets, do what is left, roll up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from walkshed.batch.areas import write_outlines
from walkshed.batch.crew import Crew, do_jobs
from walkshed.batch.gather import gather
from walkshed.batch.jobs import Hashes, Job, Province, key_of
from walkshed.batch.manifest import MOST_TRIES, Manifest
from walkshed.batch.streets import cut_for_all
from walkshed.batch.work import Outcome
from walkshed.output.rollup import write_rollup
from walkshed.output.stage import check_folder
from walkshed.phrases import Phrase, said
from walkshed.schema import Progress, quiet


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What a run finds and sets out to do.

    Attributes
    ----------
    kept
        Studies that were done before and stand as they were.
    total
        All studies.
    stale
        Folders of studies that are no longer in the batch: they stay, and count in nothing.
    """

    kept: int
    total: int
    stale: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a batch stands after a study has ended.

    Attributes
    ----------
    name, outcome
        The study, and what became of it.
    done, total
        Studies that have ended in this run, and that were to be done in it.
    seconds_left
        How long the rest will take, as it went so far.
    """

    name: str
    outcome: Outcome
    done: int
    total: int
    seconds_left: float


def run_batch(
    province: Province,
    *,
    crew: Crew | None = None,
    progress: Progress = quiet,
    plan: Callable[[Planned], None] = lambda _: None,
    watch: Callable[[Ended], None] = lambda _: None,
) -> tuple[dict[str, Path], dict[str, Any], list[dict[str, Any]]]:
    """Do all studies of a batch that are not done yet, and write what stands over all of them.

    Parameters
    ----------
    province
        The studies.
    crew
        Who does them; by default this process, or one a core of this machine.
    progress
        Called with the step's name and the share of it done.
    plan
        Called once, before any study is begun.
    watch
        Called as each study ends.

    Returns
    -------
    paths, totals, rows
        The files written over all; the sums; the manifest's rows.

    Raises
    ------
    OutputError
        If the folder cannot be written, or another run is at it.
    CrewError
        If the cluster is lost: run again, what is done stays done.
    """
    out = province.out.absolute()
    check_folder(out)
    whole = province.title or said(Phrase("rollup.title"), province.lang)
    jobs = {job.slug: _settled(job, out, whole) for job in province.jobs}
    with Manifest.open(out) as manifest:
        write_outlines(province.outlines, out)
        hashes = Hashes()
        left = manifest.plan([(job.slug, job.name, key_of(job, hashes)) for job in jobs.values()])
        waiting = [jobs[slug] for slug in left]
        plan(Planned(kept=len(jobs) - len(left), total=len(jobs), stale=manifest.stale(jobs)))
        failed = cut_for_all(waiting, progress)
        _do(manifest, waiting, out, crew or Crew(), failed, watch)
        rows = manifest.rows()
        progress("rollup", 0.0)
        with manifest.writing():
            files = [{"role": role, "file": path.name, "sha256": hashes(path)} for role, path in province.files]
            rolled = gather(rows, jobs, out, files, province.notes)
            paths = write_rollup(rolled, out, lang=province.lang, title=province.title)
    progress("rollup", 1.0)
    return paths, rolled.totals, rows


def _settled(job: Job, out: Path, whole: str) -> Job:
    """Give a job a store, the report it is part of, and paths that are right wherever it is done."""
    study = job.study
    files: dict[str, Any] = {name: path.absolute() for name, path in vars(study).items() if isinstance(path, Path)}
    return replace(job, study=replace(study, **{"store": out / "streets"} | files, part_of=whole))


def _do(
    manifest: Manifest,
    jobs: list[Job],
    out: Path,
    crew: Crew,
    failed: dict[str, Outcome],
    watch: Callable[[Ended], None],
) -> None:
    begun = perf_counter()  # the wall's clock may be set while this runs

    def begin(job: Job) -> Outcome | None:
        died = manifest.begin(job.slug)
        return _given_up(died, job.study.lang) if died >= MOST_TRIES else None

    def outcomes() -> Iterator[tuple[Job, Outcome]]:
        for job in jobs:
            if job.slug in failed:
                manifest.begin(job.slug)
                yield job, failed[job.slug]
        yield from do_jobs([job for job in jobs if job.slug not in failed], out, crew, begin)

    for done, (job, outcome) in enumerate(outcomes(), start=1):
        manifest.end(job.slug, outcome)
        each = (perf_counter() - begun) / done
        watch(Ended(name=job.name, outcome=outcome, done=done, total=len(jobs), seconds_left=each * (len(jobs) - done)))


def _given_up(died: int, lang: str) -> Outcome:
    return Outcome(state="failed", why=said(Phrase("batch.given_up", died=died), lang))
