"""The streets and stations that are measured on: made once, and kept in a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import progress, python, run


@dataclass(frozen=True)
class Place:
    """Streets as an OSM file, and stations at some of their junctions."""

    title: str
    streets: Path
    stations: Path
    count: int


@dataclass(frozen=True)
class Tiling:
    """Copies of a file side by side, ``step`` degrees apart: wider than the file by more than two walks."""

    columns: int
    rows: int
    step: tuple[float, float]


class Places:
    """Makes what is missing.

    Parameters
    ----------
    data
        The folder of real streets (`WALKSHED_DATA`).
    kept
        Where made files are kept.
    """

    PORTO_TILES = Tiling(3, 2, (0.5, 0.5))
    MONACO_TILES = Tiling(8, 8, (0.15, 0.06))

    def __init__(self, data: Path, kept: Path) -> None:
        self.data, self.kept = data, kept
        kept.mkdir(parents=True, exist_ok=True)

    @property
    def porto_pbf(self) -> Path:
        return self.data / "greater_porto" / "porto.osm.pbf"

    def porto(self, count: int = 200) -> Place:
        """Greater Porto, 353,000 segments."""
        return Place(
            f"Greater Porto, {count} stations", self.porto_pbf, self._stations("porto", self.porto_pbf, count), count
        )

    def dense(self, count: int = 200) -> Place:
        """An old town at city size: 64 Monacos."""
        streets = self._tiled("monaco_8x8", self.data / "monaco" / "monaco.osm.gz", self.MONACO_TILES)
        return Place(f"64 x Monaco, {count} stations", streets, self._stations("monaco_8x8", streets, count), count)

    def large(self, count: int = 2000) -> Place:
        """Six Greater Portos."""
        streets = self.large_streets()
        return Place(
            f"2 x 3 Greater Porto, {count} stations", streets, self._stations("porto_3x2", streets, count), count
        )

    def large_streets(self) -> Path:
        """Six Greater Portos; the first is the real one."""
        return self._tiled("porto_3x2", self.porto_pbf, self.PORTO_TILES)

    def xml(self, place: Place) -> Path:
        """The walkable ways of a place as XML."""
        name = place.streets.name.split(".")[0] + ".walkable.osm"
        return self._made(name, lambda part: run(python("benchmarks.make.walkable_xml", place.streets, part)))

    def _tiled(self, name: str, source: Path, tiling: Tiling) -> Path:
        size = (tiling.columns, tiling.rows, *tiling.step)
        return self._made(f"{name}.osm.pbf", lambda part: run(python("benchmarks.make.tiles", source, part, *size)))

    def _stations(self, name: str, streets: Path, count: int) -> Path:
        return self._made(
            f"{name}_{count}.csv", lambda part: run(python("benchmarks.make.stations", streets, part, count))
        )

    def _made(self, name: str, make: Callable[[Path], object]) -> Path:
        path = self.kept / name
        if not path.exists():
            progress(f"making {name}")
            part = self.kept / f"part-{name}"
            make(part)
            part.rename(path)
        return path
