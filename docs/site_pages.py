"""Pages of the site that are made from the project: tutorials from the notebooks, commands, the changelog.

MkDocs calls `on_files` and `on_page_markdown`. With ``WALKSHED_DOCS_RUN=1``, as `make docs` sets it, the notebooks
are run, and their pages show what each cell answers; else they show the cells alone, so that a check of the site takes
seconds.
"""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RUN = os.environ.get("WALKSHED_DOCS_RUN") == "1"
BAR = "application/vnd.jupyter.widget-view+json"
ROUNDED = "import pandas; pandas.set_option('display.precision', 3)"
"""What runs before a notebook, so that the frames of a page have no more digits than a reader looks at."""


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are made."""
    from mkdocs.structure.files import File

    for path, text in made_pages().items():
        content = {"content": text} if isinstance(text, bytes | str) else {}
        files.append(File.generated(config, path, **content))
    return files


IN_THE_CLONE = {
    r"maps/gallery/(\w[\w-]*\.png)": r"gallery/\1",
    r"notebooks/(\w+)\.ipynb": r"tutorials/\1.md",
    r"tests/benchmarks/RESULTS\.md": "explanation/benchmarks.md",
    r"CHANGELOG\.md": "reference/changelog.md",
    r"README\.md#your-own-place": "reference/commands.md",
}
"""What pages link to beside docs, so that the links hold in a clone, too; and its place on the site."""


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Turn links out of docs to the pages that are made of what they lead to."""
    for path, page in IN_THE_CLONE.items():
        markdown = re.sub(rf"\]\(((?:\.\./)*)\.\./{path}\)", rf"](\1{page})", markdown)
    return markdown


def made_pages() -> dict[str, str | bytes]:
    """Make each page: its path under docs and what it holds."""
    pages: dict[str, str | bytes] = {"reference/commands.md": commands_page()}
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    pages["reference/changelog.md"] = changelog
    pages["explanation/benchmarks.md"] = (ROOT / "tests" / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
    for picture in sorted((ROOT / "maps" / "gallery").glob("*.png")):
        pages[f"gallery/{picture.name}"] = picture.read_bytes()
    for script in sorted((ROOT / "notebooks").glob("*.py")):
        pages |= notebook_pages(script)
    return pages


def notebook_pages(script: Path) -> dict[str, str | bytes]:
    """Write a notebook as a page, and the pictures in it as files beside it."""
    import jupytext

    notebook = jupytext.read(script)
    if RUN:
        import nbformat
        from nbclient import NotebookClient

        notebook.cells.insert(0, nbformat.v4.new_code_cell(ROUNDED))
        NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(script.parent)}}).execute()
        del notebook.cells[0]
    parts, files = [], {}
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        for output in cell.get("outputs", []):
            name = f"{script.stem}_{number}"
            text, made = _shown(output, name)
            parts.append(text)
            files |= {f"tutorials/{file}": content for file, content in made.items()}
    parts.append(f"*This page is the notebook `notebooks/{script.stem}.ipynb`.*")
    return {f"tutorials/{script.stem}.md": "\n\n".join(parts) + "\n"} | files


def _shown(output: Any, name: str) -> tuple[str, dict[str, bytes]]:
    """Show one output: a picture, a map in a frame of its own, a table, or text; of a bar of progress, nothing."""
    data = output.get("data", {})
    if BAR in data:
        return "", {}
    if "image/png" in data:
        return f"![]({name}.png)", {f"{name}.png": base64.b64decode(data["image/png"])}
    html = data.get("text/html", "")
    if "srcdoc=" in html:
        return _framed(html, name)
    if html:
        return f"<div>{_one_block(html)}</div>", {}
    text = data.get("text/plain", output.get("text", ""))
    return (f"```text\n{text.rstrip()}\n```" if text.strip() else ""), {}


def _framed(html: str, name: str) -> tuple[str, dict[str, bytes]]:
    """Put a map into a file of its own: a page of a megabyte in an attribute would be indexed for the search."""
    from html import unescape

    page = re.search(r'srcdoc="([^"]*)"', html)
    assert page is not None
    frame = f'<iframe src="{name}.html" style="width:100%;height:500px;border:0" title="map"></iframe>'
    return frame, {f"{name}.html": unescape(page[1]).encode()}


def _one_block(html: str) -> str:
    """Drop blank lines, which end Markdown's block, and styles and classes: the site has its own for plain tables."""
    plain = re.sub(r"<style\b.*?</style>", "", html, flags=re.DOTALL)
    plain = re.sub(r'<table\b[^>]*\bclass="dataframe"[^>]*>', "<table>", plain)
    return "\n".join(line.strip() for line in plain.splitlines() if line.strip())


def commands_page() -> str:
    """List every command with its help."""
    import typer

    from walkshed.cli import app

    group: Any = typer.main.get_command(app)
    parts = ["# Commands", "What `walkshed COMMAND --help` says. Results go to stdout, progress and notes to stderr."]
    for name, command in group.commands.items():
        context = group.make_context("walkshed", [name], resilient_parsing=True)
        with type(context)(command, info_name=name, parent=context, terminal_width=100) as own:
            parts.append(f"## {name}\n\n```text\n{command.get_help(own)}\n```")
    return "\n\n".join(parts) + "\n"
