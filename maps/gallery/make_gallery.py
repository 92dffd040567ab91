"""The README's pictures: the demo county's map in a browser, and the first page of its report, in both languages."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image
from playwright.sync_api import sync_playwright

from walkshed.output.export import Extras
from walkshed.project import demo_study, run_study

HERE = Path(__file__).parent
WINDOW = {"width": 1440, "height": 900}
PAGE_WIDTH = 1000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Make the pictures of each language."""
    for lang in ("en", "zh"):
        with tempfile.TemporaryDirectory() as folder:
            run_study(demo_study(lang=lang), Path(folder), extras=Extras(pdf=True))
            draw_map(Path(folder, "map.html"), HERE / f"map-{lang}.png")
            draw_page(Path(folder, "report.pdf"), HERE / f"report-{lang}.png")


def draw_map(page: Path, picture: Path) -> None:
    """Open the map as a reader does, without network, and photograph it."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise SystemExit("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        tab = chromium.new_context(offline=True, viewport=WINDOW).new_page()
        tab.goto(page.as_uri())
        tab.wait_for_selector(".leaflet-container canvas, .leaflet-container svg")
        tab.wait_for_timeout(1500)  # the map is drawn after it is loaded
        save(Image.open(io.BytesIO(tab.screenshot())), picture)
        chromium.close()


def draw_page(report: Path, picture: Path) -> None:
    """Draw the first page of the report."""
    with pypdfium2.PdfDocument(report) as document:
        page = document[0]
        save(page.render(scale=PAGE_WIDTH / page.get_width()).to_pil(), picture)


def save(image: Image.Image, picture: Path) -> None:
    """Save in 256 colours, rare ones among them: a third of the size."""
    few = image.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(picture, optimize=True)


if __name__ == "__main__":
    main()
