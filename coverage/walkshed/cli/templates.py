"""What ``walkshed init`` writes: a study, or many, with every key that there is and its help."""

from collections.abc import Callable, Iterator
from pathlib import Path

from walkshed.cli.studyfile import Setting, settings_of


def study_template(command: Callable[..., None]) -> str:
    """Write a study file in which every key stands with its help, all but the first two commented out."""
    return "\n".join([*_HEAD, *(line for s in settings_of(command).values() for line in _entry(s))])


def province_template(command: Callable[..., None]) -> str:
    """Write a batch file: a study an area of a layer, and every key that they may share with its help."""
    shared = [s for s in settings_of(command).values() if s.key not in _OF_ONE_STUDY]
    return "\n".join([*_BATCH_HEAD, *(line for s in shared for line in _entry(s)), *_BATCH_STUDY])


_HEAD = (
    "# A study for walkshed: run it with `walkshed run` and the name of this file.",
    "# Every key is an option of `walkshed report`. Paths are relative to this file.",
    "",
)


_BATCH_HEAD = (
    "# Many studies for walkshed: run them with `walkshed batch` and the name of this file.",
    "# Paths are relative to this file.",
    "",
    "# Heading of the report over all.",
    '# title = "Province"',
    "",
    "# Language of the outputs: en or zh.",
    '# lang = "en"',
    "",
    "# Folder to write to; each study has one of its own in it.",
    '# out = "maps/province"',
    "",
    "# A study for each polygon of a layer. Leave this out to name studies one by one below.",
    "[split]",
    'areas = "counties.gpkg"',
    "",
    "# Column with the areas' names.",
    '# name = "NAME"',
    "",
    "# Datum of the layer: wgs84, gcj02 or bd09. Coordinate system of one that states none.",
    '# datum = "wgs84"',
    '# crs = "EPSG:4326"',
    "",
    "# What all studies share: every key is an option of `walkshed report`.",
    "[defaults]",
)

_BATCH_STUDY = (
    "# A study by name, as many as there are; its keys are those of [defaults], and go before them.",
    '# A study file of its own can be named, too: file = "old_town/walkshed.toml"',
    "# [[study]]",
    '# name = "Old town"',
    '# area = "old_town.geojson"',
    "",
)

_OF_ONE_STUDY = ("out", "json", "lang", "title", "area")
"""What stands at the head of a batch file, or is each study's own."""


def _entry(setting: Setting) -> Iterator[str]:
    off = "" if setting.required or setting.key == "streets" else "# "
    if setting.says:
        yield f"# {setting.says}"
    yield f"{off}{setting.key} = {_example(setting)}"
    yield ""


def _example(setting: Setting) -> str:
    if setting.kind is bool:
        return "true"
    if setting.many:
        return f"[{', '.join(part if part.isdigit() else _quoted(part) for part in setting.shown.split(','))}]"
    if setting.kind in (float, int):
        return setting.shown or f"{setting.default or 0:g}"
    if setting.kind is Path:
        return _quoted({"stations": "stations.xlsx", "streets": "county.osm.pbf"}.get(setting.key, setting.key))
    return _quoted(setting.default if isinstance(setting.default, str) else setting.shown)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
