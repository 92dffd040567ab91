"""Progress of long work, shown on stderr or in a notebook's cell."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from walkshed.phrases import catalogue


@contextmanager
def progress_shown(lang: str = "en") -> Iterator[Callable[[str, float], None]]:
    """Show the steps of long work: a bar each on a terminal and in a notebook, a line each on stderr elsewhere.

    Bars in a notebook need ipywidgets (``pip install "walkshed[notebook]"``); without it there are lines.

    Parameters
    ----------
    lang
        Language of the steps' names, ``en`` or ``zh``.

    Yields
    ------
    Callable
        What `analyze`, `read_streets` and others take as `progress`: it is called with a step's name and the share
        of it that is done, 0 to 1.

    Examples
    --------
    >>> import walkshed as ws
    >>> with ws.progress_shown() as progress:
    ...     streets = ws.read_streets(ws.demo_county().streets, progress=progress)
    """
    if sys.stderr.isatty() or _has_widgets():
        yield from _bars(lang)
        return
    seen: set[str] = set()

    def line(step: str, share: float) -> None:
        if step not in seen:
            seen.add(step)
            print(f"{_named(step, lang)} ...", file=sys.stderr)

    yield line


def _named(step: str, lang: str) -> str:
    """Name a step as the user reads it; one that the catalogue does not know keeps its name."""
    return catalogue().get(f"step.{step.replace(' ', '_')}", {}).get(lang, step)


def _has_widgets() -> bool:
    """Tell whether this is a notebook that can show a bar: rich warns where ipywidgets is not there."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell" and find_spec("ipywidgets") is not None


def _bars(lang: str) -> Iterator[Callable[[str, float], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:>10}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def bar(step: str, share: float) -> None:
            for other, task in tasks.items():
                if other != step:
                    bars.update(task, completed=1.0)
            if step not in tasks:
                tasks[step] = bars.add_task(_named(step, lang), total=1.0)
            bars.update(tasks[step], completed=share)

        yield bar
