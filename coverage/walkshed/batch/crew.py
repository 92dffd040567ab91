"""``Crew``: who does the jobs: this process, workers of its own, or a Dask cluster that runs already."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from os import cpu_count
from pathlib import Path
from typing import Any
from uuid import uuid4

from walkshed.batch.jobs import Job
from walkshed.batch.work import Outcome, do_job
from walkshed.errors import CrewError, InputError
from walkshed.output.stamp import EPOCH
from walkshed.phrases import Phrase, said

RETRIES = 3
"""How often a study is tried elsewhere after the worker that had it died."""

CHECK_S = 2.0
"""Seconds between two looks at whether all workers, and the scheduler, are there."""


@dataclass(frozen=True, kw_only=True)
class Crew:
    """Who does the jobs.

    Attributes
    ----------
    workers
        Processes on this machine; by default one a core where there are several studies, else this process does it.
    scheduler
        Address of a Dask scheduler that runs already, such as ``tcp://10.0.0.1:8786``, instead.
    memory
        Most that a worker on this machine may take, such as ``4GB``: one that takes more is ended, and its study tried
        elsewhere. By default an equal part of the machine's.
    dashboard
        Whether to serve Dask's dashboard on port 8787.
    """

    workers: int | None = None
    scheduler: str | None = None
    memory: str | None = None
    dashboard: bool = False

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise InputError(f"--workers: must be 1 or more; found {self.workers}")
        if self.scheduler is not None and self.workers is not None:
            raise InputError("--workers and --scheduler: a cluster has workers of its own; give one of the two")

    def is_here(self, count: int) -> bool:
        """Tell whether `count` jobs are done in this process."""
        if self.scheduler is not None or self.dashboard or self.memory is not None:
            return False
        if self.workers is None and count > 1:
            return (cpu_count() or 1) == 1 or not _has_dask()
        return self.workers in (None, 1) or count <= 1

    def size(self, count: int) -> int:
        """Count the workers for `count` jobs."""
        return max(1, min(self.workers or cpu_count() or 1, count))


def _has_dask() -> bool:
    from importlib.util import find_spec

    return find_spec("distributed") is not None


def do_jobs(
    jobs: Sequence[Job], out: Path, crew: Crew, begin: Callable[[Job], Outcome | None]
) -> Iterator[tuple[Job, Outcome]]:
    """Do jobs, and hand each out with what became of it, as they end.

    Parameters
    ----------
    jobs
        What to do.
    out
        The batch's folder.
    crew
        Who does it.
    begin
        Called when a job is handed over; what it returns stands for the job, which is not done then.

    Raises
    ------
    CrewError
        If the cluster is lost. What was done stays done.
    InputError
        If Dask is needed and not installed, or the scheduler does not answer.
    """
    if crew.is_here(len(jobs)):
        for job in jobs:
            yield job, begin(job) or do_job(job, out, "here")
    elif jobs:
        with _client(crew, len(jobs)) as client:
            yield from _on(client, jobs, out, begin)


@contextmanager
def _client(crew: Crew, count: int) -> Iterator[Any]:
    """Connect to a cluster, or start one here; what is started here ends with it."""
    try:
        import dask
        from distributed import Client
    except ImportError as fault:
        raise InputError('--workers and --scheduler need Dask: pip install "walkshed[dask]"') from fault
    for name in ("distributed", "distributed.client"):  # what goes wrong is told in the manifest
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if crew.scheduler is not None:
        try:
            client = Client(crew.scheduler, timeout="10s")
        except (OSError, ValueError, TypeError) as fault:
            raise InputError(
                f"--scheduler: none answers at {crew.scheduler} ({str(fault)[:160]}); start one with dask scheduler"
            ) from fault
        with client:
            yield client
        return
    settings = {
        "distributed.scheduler.allowed-failures": RETRIES,
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.target": False,
        "distributed.worker.memory.pause": False,  # nothing would ever wake a worker whose memory stays taken
        "distributed.admin.tick.limit": "1h",
        "distributed.deploy.lost-worker-timeout": "3s",
    }
    with dask.config.set(settings):
        cluster = _started(crew, count)
        with cluster, _upheld(cluster, crew.size(count)), Client(cluster) as client:
            yield client


def _started(crew: Crew, count: int) -> Any:
    """Start a cluster here; once more where a worker died before it was there.

    Raises
    ------
    CrewError
        If none can be started.
    """
    from distributed import LocalCluster

    reason = ""
    for _ in range(RETRIES + 1):
        try:
            with _deaf():
                return LocalCluster(
                    n_workers=crew.size(count),
                    threads_per_worker=1,
                    processes=True,
                    memory_limit=crew.memory or "auto",
                    dashboard_address=":8787" if crew.dashboard else None,
                    scheduler_kwargs={} if crew.dashboard else {"dashboard_address": "127.0.0.1:0"},
                    silence_logs=logging.CRITICAL,
                )
        except ValueError as fault:  # what --memory says is no amount
            raise InputError(f"--memory: found {crew.memory!r}; give an amount such as 4GB ({fault})") from fault
        except (RuntimeError, OSError) as fault:
            reason = str(fault)
    raise CrewError(Phrase("batch.no_workers", reason=reason))


@contextmanager
def _upheld(cluster: Any, workers: int) -> Iterator[None]:
    """See to it that there are so many workers: one that dies while it starts is not started again by Dask."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(CHECK_S):
            cluster.scale(workers)

    with _deaf():
        thread = threading.Thread(target=look, daemon=True)
        thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _deaf() -> Iterator[None]:
    """Let the threads that start meanwhile, and the workers that they start, not hear Ctrl-C: we end them in order."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # the first worker would start it, and hear Ctrl-C again by that
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _on(
    client: Any, jobs: Sequence[Job], out: Path, begin: Callable[[Job], Outcome | None]
) -> Iterator[tuple[Job, Outcome]]:
    """Hand jobs over one a thread: Dask counts the death of a worker against every task that waits at it, too."""
    waiting = deque(jobs)
    asked: dict[Any, Job] = {}
    while waiting or asked:
        while waiting and len(asked) < _threads(client, len(asked) + len(waiting)):
            job = waiting.popleft()
            if (outcome := begin(job)) is not None:
                yield job, outcome
                continue
            with _there(client, 1 + len(asked) + len(waiting)):
                future = client.submit(
                    _do_there, job, out, os.environ.get(EPOCH), key=f"{job.slug}-{uuid4().hex}", pure=False
                )
            asked[future] = job
        if not asked:  # none was left but what need not be done
            return
        left = len(asked) + len(waiting)
        future = _first_ended(client, asked, left)
        job = asked.pop(future)
        with _there(client, left):
            outcome = _lost(future.exception(), job) if future.status == "error" else future.result()
        yield job, outcome
        future.release()


def _first_ended(client: Any, asked: Iterable[Any], left: int) -> Any:
    """Wait for one of the futures; those that are cancelled end, too: so they do when the cluster is lost."""
    from distributed import wait

    while True:
        with _there(client, left), suppress(TimeoutError):
            wait(list(asked), timeout=CHECK_S, return_when="FIRST_COMPLETED")
        if (ended := next((future for future in asked if future.done()), None)) is not None:
            return ended


def _threads(client: Any, left: int) -> int:
    """Count what the cluster does at once; 1 while it has no worker."""
    with _there(client, left):
        return max(int(sum(client.nthreads().values())), 1)


@contextmanager
def _there(client: Any, left: int) -> Iterator[None]:
    """Ask a cluster something, unless it is lost: Dask would wait for it for ever, or say so in many ways.

    Raises
    ------
    CrewError
        If it is, or is lost meanwhile.
    """
    lost = CrewError(Phrase("batch.lost", left=left))
    if client.status != "running":
        raise lost
    try:
        yield
    except (OSError, RuntimeError, AttributeError, CancelledError) as fault:
        raise lost from fault


def _do_there(job: Job, out: Path, epoch: str | None) -> Outcome:
    """Do a job on a worker, which may have been started elsewhere: files are dated there as they would be here."""
    from distributed import get_worker

    if epoch is None:
        os.environ.pop(EPOCH, None)
    elif os.environ.get(EPOCH) != epoch:  # never away for a moment: another thread may be dating a file
        os.environ[EPOCH] = epoch
    return do_job(job, out, str(get_worker().address))


def _lost(fault: BaseException, job: Job) -> Outcome:
    """Say why a study came back without an outcome."""
    from distributed import KilledWorker

    reason = f"{type(fault).__name__}: {str(fault)[:300]}"
    why = Phrase("batch.worker_failed", reason=reason)
    if isinstance(fault, KilledWorker):
        why = Phrase("batch.worker_died", times=RETRIES + 1)
    return Outcome(state="failed", why=said(why, job.study.lang))
