"""``Manifest``: what became of each study, on disk, so that a run that was stopped goes on where it was.

One SQLite file in the batch's folder, in WAL mode; only the process that runs the batch writes it. Table ``studies``
holds what is true of the results: two runs on the same input leave the same rows. Table ``attempts`` holds how they
came about: when, where, how long, how much memory; one without a state brought its process down.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from walkshed.batch.jobs import refuse_link
from walkshed.batch.work import Outcome
from walkshed.errors import OutputError, WalkshedError
from walkshed.network.files import sha256_of
from walkshed.output.stage import not_written
from walkshed.phrases import Phrase

NAME = "manifest.sqlite"
_LOCK = ".lock.sqlite"

MOST_TRIES = 4
"""A study that brought down the process that ran it this often is not tried again: the first time, and three more."""

_NOT_ASKED = -1
"""Position of a study that the batch file at hand does not name."""

_TABLES = """
CREATE TABLE IF NOT EXISTS studies (
  slug TEXT PRIMARY KEY, position INTEGER NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'empty', 'streetless', 'failed')),
  why TEXT, outputs TEXT, summary TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS attempts (
  slug TEXT NOT NULL, began TEXT NOT NULL, ended TEXT, seconds REAL, peak_mb REAL, worker TEXT, state TEXT, details TEXT
) STRICT;
"""


class Manifest:
    """The manifest of a batch's folder; `Manifest.open` makes one."""

    def __init__(self, out: Path, book: sqlite3.Connection) -> None:
        self.out, self._book = out, book
        self._before = int(book.execute("SELECT coalesce(max(rowid), 0) FROM attempts").fetchone()[0])

    @classmethod
    @contextmanager
    def open(cls, out: Path) -> Iterator[Manifest]:
        """Open the manifest of a folder, or begin one; a damaged one is set aside.

        Raises
        ------
        InputError
            If what the batch keeps for itself is a link.
        OutputError
            If another run has it open, or it cannot be written.
        """
        for name in (NAME, _LOCK, "streets"):
            refuse_link(out / name)
        with _translated(out):
            out.mkdir(parents=True, exist_ok=True)
            lock = _locked(out)
            try:
                book = _opened(out / NAME)
                try:
                    manifest = cls(out, book)
                    try:
                        yield manifest
                    finally:
                        manifest._stop()
                finally:
                    book.close()
            finally:
                lock.close()

    def plan(self, keyed: Sequence[tuple[str, str, str]]) -> list[str]:
        """Enter what is to be done; what is no longer keeps its row, apart: another batch file may ask for it.

        Parameters
        ----------
        keyed
            Slug, name and key of each study, in order.

        Returns
        -------
        list of str
            Slugs of what is left to do: new, changed, failed, or with outputs that are no longer there as they were.
        """
        known = {row["slug"]: dict(row) for row in self._book.execute("SELECT * FROM studies")}
        left = []
        with self._book:
            self._book.execute("UPDATE studies SET position = ?", [_NOT_ASKED])
            for position, (slug, name, key) in enumerate(keyed):
                row = known.get(slug)
                if row is not None and row["key"] != key:
                    self._forgive(slug)  # what brought a process down was another study
                kept = row is not None and row["key"] == key and self._stands(row)
                values = (
                    [row[c] for c in ("state", "why", "outputs", "summary")]
                    if kept and row
                    else ["waiting"] + [None] * 3
                )
                self._book.execute(
                    "INSERT OR REPLACE INTO studies VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [slug, position, name, key, *values],
                )
                if not kept:
                    left.append(slug)
        return left

    def _stands(self, row: Mapping[str, Any]) -> bool:
        if row["state"] not in ("done", "empty", "streetless"):
            return False
        folder = self.out / row["slug"]
        try:
            outputs, summary = json.loads(row["outputs"]), json.loads(row["summary"])
            stands = all(sha256_of(folder / name) == sha256 for name, sha256 in outputs.items())
        except (OSError, ValueError, TypeError, AttributeError):  # gone, or a row that is not as we write it
            return False
        return stands and isinstance(summary, dict)

    def stale(self, slugs: Container[str]) -> tuple[str, ...]:
        """List the folders that studies were done in which are no longer there: what is in them is of no sum."""
        tried = self._book.execute("SELECT DISTINCT slug FROM attempts ORDER BY slug")
        return tuple(slug for (slug,) in tried if slug not in slugs and (self.out / slug / "summary.json").is_file())

    def begin(self, slug: str) -> int:
        """Note that a study is tried; tell how often its process had died on it before."""
        with self._book:
            row = self._book.execute(
                "SELECT count(*) FROM attempts WHERE slug = ? AND state IS NULL", [slug]
            ).fetchone()
            self._book.execute("INSERT INTO attempts (slug, began) VALUES (?, ?)", [slug, _now()])
        return int(row[0])

    def end(self, slug: str, outcome: Outcome) -> None:
        """Note what became of a study."""
        outputs, summary = (None if v is None else json.dumps(v, ensure_ascii=False, sort_keys=True)
                            for v in (outcome.outputs, outcome.summary))  # fmt: skip
        with self._book:
            self._book.execute(
                "UPDATE studies SET state = ?, why = ?, outputs = ?, summary = ? WHERE slug = ?",
                [outcome.state, outcome.why, outputs, summary, slug],
            )
            how = [_now(), outcome.seconds, outcome.peak_mb, outcome.worker, outcome.state, outcome.details]
            self._book.execute(
                "UPDATE attempts SET ended = ?, seconds = ?, peak_mb = ?, worker = ?, state = ?, details = ? "
                "WHERE rowid = (SELECT max(rowid) FROM attempts WHERE slug = ?)",
                [*how, slug],
            )
            self._forgive(slug)

    def _forgive(self, slug: str) -> None:
        """Count no longer how often a study brought its process down."""
        self._book.execute("UPDATE attempts SET state = 'died' WHERE slug = ? AND state IS NULL", [slug])

    def _stop(self) -> None:
        """Note that what is begun was stopped, by Ctrl-C or with the cluster: that is no fault of the study."""
        with suppress(sqlite3.Error), self._book:  # what stopped the run is what is told
            self._book.execute(
                "UPDATE attempts SET ended = ?, state = 'stopped' WHERE rowid > ? AND state IS NULL",
                [_now(), self._before],
            )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Guard what is written beside the studies: if the folder went away meanwhile, that is said."""
        if not (self.out / NAME).exists():
            raise OutputError(Phrase("batch.removed", out=self.out))
        yield

    def rows(self) -> list[dict[str, Any]]:
        """List the studies that are asked for, in order."""
        asked = self._book.execute("SELECT * FROM studies WHERE position <> ? ORDER BY position", [_NOT_ASKED])
        return [dict(row) for row in asked]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _locked(out: Path) -> sqlite3.Connection:
    """Keep a second run out of the folder; the system lets go of this when the process ends, however it ends."""
    try:
        return _held(out / _LOCK)
    except sqlite3.DatabaseError as fault:
        if "locked" in str(fault):
            raise OutputError(Phrase("batch.another", out=out)) from None
        if isinstance(fault, sqlite3.OperationalError):
            raise OutputError(Phrase("batch.manifest", file=out / _LOCK, reason=fault)) from fault
    (out / _LOCK).unlink()  # damaged: there is nothing in it, and what is no database nobody holds
    return _held(out / _LOCK)


def _held(path: Path) -> sqlite3.Connection:
    lock = sqlite3.connect(path, timeout=0.0, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except BaseException:
        lock.close()
        raise
    return lock


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return _connected(path)
    except sqlite3.DatabaseError as fault:
        if isinstance(fault, sqlite3.OperationalError):
            raise
        path.replace(path.with_name(f"{NAME}.damaged"))
        for rest in ("-wal", "-shm"):
            path.with_name(NAME + rest).unlink(missing_ok=True)
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    book = sqlite3.connect(path)
    try:
        book.row_factory = sqlite3.Row
        book.execute("PRAGMA journal_mode = WAL")
        book.executescript(_TABLES)
        if book.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("damaged")
        if "streetless" not in book.execute("SELECT sql FROM sqlite_master WHERE name = 'studies'").fetchone()[0]:
            raise sqlite3.DatabaseError("of an older version, which knows fewer states")
        book.execute("SELECT slug, position, name, key, state, why, outputs, summary FROM studies").fetchall()
    except BaseException:
        book.close()
        raise
    return book


@contextmanager
def _translated(out: Path) -> Iterator[None]:
    """Say in one line what the disk would not do."""
    try:
        yield
    except sqlite3.Error as fault:
        raise OutputError(Phrase("batch.manifest", file=out / NAME, reason=fault)) from fault
    except WalkshedError:
        raise
    except OSError as fault:
        raise not_written(out, fault) from fault
