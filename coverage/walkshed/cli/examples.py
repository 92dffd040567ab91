"""Examples of each command, shown at the foot of its ``--help``; a test holds their options against the commands."""

import typer

EXAMPLES: dict[str, tuple[str, ...]] = {
    "demo": (
        "walkshed demo",
        "walkshed demo --lang zh --out maps/demo-zh",
    ),
    "report": (
        "walkshed report stations.xlsx --streets county.osm.pbf",
        "walkshed report stations.xlsx --streets province.osm.pbf --area county.geojson --zones towns.gpkg --lang zh",
        "walkshed report amap.csv --streets county.osm.pbf --datum gcj02 --norm union2023",
    ),
    "map": (
        "walkshed map stations.xlsx --streets county.osm.pbf --out county.html",
        "walkshed map stations.xlsx --streets county.osm.pbf --category 爱心驿站 --lang zh",
    ),
    "areas": (
        "walkshed areas stations.xlsx --streets county.osm.pbf --cutoff 15 --out areas.geojson",
        "walkshed areas stations.xlsx --streets county.osm.pbf --merged --out covered.parquet --json",
    ),
    "gaps": (
        "walkshed gaps stations.xlsx --streets county.osm.pbf --area county.geojson",
        "walkshed gaps stations.xlsx --streets county.osm.pbf --people worldpop.tif --out gaps.gpkg --json",
    ),
    "hours": (
        "walkshed hours stations.xlsx --streets county.osm.pbf",
        'walkshed hours stations.xlsx --streets county.osm.pbf --at "Mon 22:00" --week 2026-10-02',
    ),
    "sites": (
        "walkshed sites stations.xlsx --streets county.osm.pbf --add 5",
        "walkshed sites stations.xlsx --streets county.osm.pbf --zones towns.gpkg --target 0.95 --prove",
        "walkshed sites stations.xlsx --streets county.osm.pbf --close AH001",
    ),
    "compare": (
        "walkshed compare before.xlsx after.xlsx --streets county.osm.pbf --area county.geojson",
        "walkshed compare stations.xlsx stations.xlsx --streets county.osm.pbf --closed-after works.geojson",
    ),
    "check": (
        "walkshed check stations.xlsx",
        "walkshed check amap.csv --streets county.osm.pbf --datum auto --fix cleaned.xlsx",
    ),
    "streets": (
        "walkshed streets county.osm.pbf",
        "walkshed streets province.osm.pbf --area county.geojson --out streets.gpkg",
    ),
    "init": ("walkshed init study.toml", "walkshed init --batch province.toml"),
    "run": ("walkshed run study.toml",),
    "batch": ("walkshed batch province.toml",),
}


def show_examples(app: typer.Typer) -> None:
    """Put the examples at the foot of each command's help."""
    for command in app.registered_commands:
        name = str(command.name or getattr(command.callback, "__name__", ""))
        lines = "\n".join(f"  {example}" for example in EXAMPLES.get(name, ()))
        command.epilog = f"\b\nExamples:\n{lines}" if lines else None
