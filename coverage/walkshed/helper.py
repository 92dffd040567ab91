"""``Helper``: the process that compiles beside the first run, and which of the two compiles what."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from typing import IO, cast

HELPING = "WALKSHED_HELPING"
"""Set in the environment of a process that helps: it needs no help itself."""

TAKEN, FREE = b"0", b"1"
"""What the helper is told when it asks for a kernel: the other process has it, or it may go on."""

PATIENCE_S = 10.0
"""Who takes longer for a kernel has been stopped, or has hardly any of a busy machine: it is not waited for."""


class Helper:
    """Called at most once, it compiles from the last kernel to the first, and asks before each.

    There is none where there is no second core for it, nor in a process that is one of many, nor where what runs is a
    program with a Python of its own in it, which would be started again.
    """

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None  # what helps, if anything does
        self._changed = Condition()
        self._pid = 0  # of who has called
        self._ours: set[str] = set()
        self._at = ""  # the kernel that the helper compiles

    def call(self) -> None:
        """Have it started, once."""
        if self._pid or not _may_help():
            return
        with self._changed:
            if self._pid:
                return
            self._pid = os.getpid()
            try:
                process = _start()
            except Exception:  # no process to be had, for whatever reason: this one compiles it all
                return
            listener = Thread(target=self._answer, args=[process], daemon=True)
            try:
                listener.start()
            except RuntimeError:  # no thread to be had
                process.kill()
                process.communicate()
                return
            self.process = process
        atexit.register(self._dismiss, process, listener)

    def take(self, name: str) -> None:
        """Wait for a kernel, named as ``module:function``, if the helper is at it; else it is not to begin it."""
        if self.process is not None and self._pid == os.getpid():  # in a fork nobody listens
            with self._changed:
                self._changed.wait_for(lambda: self._at != name, PATIENCE_S)
                self._ours.add(name)

    def _answer(self, process: subprocess.Popen[bytes]) -> None:
        asks, answers = cast(IO[bytes], process.stdout), cast(IO[bytes], process.stdin)
        with process:  # so that nothing is left of it once it is done
            with suppress(OSError):  # it may end at any time
                for line in asks:
                    self._is_at(line.decode(errors="replace").strip())
                    answers.write(FREE if self._at else TAKEN)
            self._is_at("")

    def _is_at(self, name: str) -> None:
        with self._changed:
            self._at = "" if name in self._ours else name
            self._changed.notify_all()

    def _dismiss(self, process: subprocess.Popen[bytes], listener: Thread) -> None:
        """End it; what it has not finished is not kept."""
        if self._pid == os.getpid():
            process.kill()
            listener.join(1.0)  # its pipes end with it, unless a fork of this process holds them, too


def _may_help() -> bool:
    is_python = Path(sys.executable or "").stem.lower().startswith(("python", "pypy")) and not hasattr(sys, "frozen")
    return HELPING not in os.environ and not multiprocessing.parent_process() and _cores() > 1 and is_python


def _cores() -> int:
    """Tell how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start() -> subprocess.Popen[bytes]:
    path, own = [str(folder) for folder in sys.path], str(Path(__file__).parent)
    code = f"import sys; sys.path[:] = {path!r}; import walkshed.ahead as a; a.main({own!r})"
    return subprocess.Popen(  # noqa: S603  this very Python, with code of our own
        [sys.executable, "-I", "-B", "-c", code],  # it looks for modules where this process does, and nowhere else
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,  # what cannot be written is not tried again when the pipe is closed
        env={**os.environ, HELPING: "1", "NUMBA_DISABLE_ERROR_MESSAGE_HIGHLIGHTING": "1"},  # nobody sees messages
    )
