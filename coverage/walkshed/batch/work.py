"""``do_job``: one study, in whatever process it falls to; whatever goes wrong in it is told, and stays there."""

from __future__ import annotations

import gc
import json
import shutil
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from walkshed.analysis.notes import NO_STATIONS
from walkshed.batch.jobs import Job, refuse_elsewhere
from walkshed.batch.streetless import summary_without_streets
from walkshed.errors import NoStreetsError, WalkshedError
from walkshed.network.files import sha256_of
from walkshed.output.words import Words
from walkshed.phrases import Phrase, said, told
from walkshed.project import run_study

State = Literal["done", "empty", "streetless", "failed"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a study.

    Attributes
    ----------
    state
        done; empty: done, and no station could be used, so nothing is covered; streetless: there is no street in it;
        failed.
    why
        Of all but done, in the study's language.
    outputs
        File -> SHA-256.
    summary
        As ``summary.json`` has it.
    seconds, peak_mb, worker
        How it went: most memory that its process had taken so far, and which process it was.
    details
        The traceback of an error that is ours.
    """

    state: State
    why: str | None = None
    outputs: dict[str, str] | None = None
    summary: dict[str, Any] | None = None
    seconds: float = 0.0
    peak_mb: float | None = None
    worker: str = ""
    details: str | None = None


def do_job(job: Job, out: Path, worker: str = "") -> Outcome:
    """Make a study's outputs.

    Parameters
    ----------
    job
        The study.
    out
        The batch's folder.
    worker
        Who does it, for the manifest.

    Returns
    -------
    Outcome
        Whatever happened: no exception leaves.
    """
    begun = time.perf_counter()
    try:
        made = _made(job, out / job.slug, out)
    except NoStreetsError as error:
        return without_street(job, error)
    except WalkshedError as error:
        made = {"state": "failed", "why": told(error, job.study.lang)}
    except Exception as error:
        why = Phrase("batch.ours", reason=f"{type(error).__name__}: {error}"[:300])
        made = {
            "state": "failed",
            "why": said(why, job.study.lang),
            "details": traceback.format_exc()[-8000:],
        }
    gc.collect()  # a study's arrays may hang on a cycle, and the command line seldom looks for those
    return Outcome(**made, seconds=time.perf_counter() - begun, peak_mb=peak_mb(), worker=worker)


def _made(job: Job, folder: Path, out: Path) -> dict[str, Any]:
    refuse_elsewhere(folder, out)
    for left_over in folder.glob(".walkshed-*"):  # of a process that was killed at it
        shutil.rmtree(left_over, ignore_errors=True)
    result, paths, _ = run_study(job.study, folder, extras=job.extras, timed=False)
    outputs = {name: sha256_of(path) for name, path in paths.items()}
    summary = json.loads(paths["summary.json"].read_text(encoding="utf-8"))
    made = {"outputs": outputs, "summary": summary}
    # A list in a wrong datum leaves areas without stations, too: so that is told, and not only as figures of 0.
    words = Words(job.study.lang)
    why = [words.note(note) for note in result.notes if note.code in NO_STATIONS]
    return made | ({"state": "empty", "why": why[0]} if why else {"state": "done"})


def without_street(job: Job, error: NoStreetsError) -> Outcome:
    """Tell of an area without a street; where the file of streets is of another place, that is a fault."""
    why = told(error, job.study.lang)
    if not error.reached:
        return Outcome(state="failed", why=why)
    try:
        return Outcome(state="streetless", why=why, outputs={}, summary=summary_without_streets(job.study))
    except WalkshedError as fault:
        return Outcome(state="failed", why=told(fault, job.study.lang))


def peak_mb() -> float | None:
    """Tell the most memory this process has taken so far, where the system says so."""
    if sys.platform == "win32":
        return None
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)
