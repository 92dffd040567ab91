"""Notebooks: the script beside each is its twin, and no output is kept in it."""

from __future__ import annotations

from pathlib import Path

import jupytext
import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


def cells(notebook) -> list[tuple[str, str]]:
    return [(c.cell_type, c.source) for c in notebook.cells]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_and_script_are_twins_without_output(path):
    notebook = nbformat.read(path, as_version=4)
    assert cells(notebook) == cells(jupytext.read(path.with_suffix(".py")))
    code = [c for c in notebook.cells if c.cell_type == "code"]
    assert code
    assert all(c.outputs == [] and c.execution_count is None for c in code)


def test_there_are_notebooks():
    assert NOTEBOOKS
