"""The package as a whole: what it exports, what it imports, and the bare source root."""

from __future__ import annotations

import dataclasses
import doctest
import inspect
import re
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import walkshed as ws

ROOT = Path(__file__).parents[1]


def run(code: str, cwd: Path = ROOT) -> str:
    """Run Python on its own, as from a prompt in `cwd`."""
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_exported_name_is_there_and_documented():
    assert sorted(ws.__all__) == sorted([*ws._HOME, "__version__"])
    for name in ws.__all__:
        value = getattr(ws, name)
        if callable(value):
            assert value.__doc__, name


def examples_of(value: object) -> str:
    """The source of a docstring's examples that run: what the doctests of its module execute."""
    found = doctest.DocTestParser().get_examples(value.__doc__ or "")
    return "".join(example.source for example in found if doctest.SKIP not in example.options)


@pytest.mark.parametrize("name", [name for name in ws.__all__ if callable(getattr(ws, name))])
def test_every_exported_name_has_an_example_that_runs(name):
    value = getattr(ws, name)
    assert "Examples\n    --------" in value.__doc__
    assert examples_of(value)


PUBLIC_CLASSES = [value for name in ws.__all__ if inspect.isclass(value := getattr(ws, name))]


@pytest.mark.parametrize("cls", PUBLIC_CLASSES, ids=lambda cls: cls.__name__)
def test_every_method_and_property_is_told_and_shown(cls):
    """Each has a docstring, and stands in a running example: its own, or that of its class."""
    fields = {field.name for field in dataclasses.fields(cls)} if dataclasses.is_dataclass(cls) else set()
    for name, member in vars(cls).items():
        if name.startswith("_") or name in fields:
            continue
        own = getattr(member, "func", member)  # a cached property's function
        assert own.__doc__, name
        assert re.search(rf"\.{name}\b", examples_of(own) + examples_of(cls)), name


def test_every_parameter_of_an_exported_function_is_told():
    for name in ws.__all__:
        value = getattr(ws, name)
        if inspect.isfunction(value):
            for parameter in inspect.signature(value).parameters:
                assert re.search(rf"^    (.*, )?{parameter}\b", value.__doc__, flags=re.MULTILINE), (name, parameter)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'isochrone'"):
        ws.isochrone  # noqa: B018


def test_type_checkers_see_the_same_names():
    text = Path(ws.__file__).read_text(encoding="utf-8")
    typed = text.split("if TYPE_CHECKING:")[1].split("_HOME")[0]
    for name in ws._HOME:
        assert name in typed, name


def test_the_source_root_is_no_package():
    """A package called coverage would overwrite coverage.py in every environment."""
    assert not (ROOT / "coverage" / "__init__.py").exists()


def test_it_imports_from_the_root_beside_the_bare_folder():
    """Numba looks for coverage.py, and must not find the folder in its place."""
    assert run("import numba, coverage, walkshed; print(coverage.__version__ > '', walkshed.__version__)").startswith(
        "True"
    )


@pytest.mark.parametrize("what", ["walkshed", "walkshed.cli"])
def test_importing_loads_nothing_geographic(what):
    heavy = "{'numpy', 'pandas', 'geopandas', 'shapely', 'numba', 'osmium', 'folium', 'networkx', 'osmnx'}"
    assert run(f"import sys, {what}; print(sorted({heavy} & set(sys.modules)))") == "[]"


def test_reading_a_file_does_not_need_the_internet_client():
    assert run("import sys, walkshed; walkshed.read_streets; print('osmnx' in sys.modules)") == "False"


def test_no_version_is_pinned_with_a_url():
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert line.startswith("#") or ("==" in line and "://" not in line), line


def test_warnings_point_at_the_users_own_line(tmp_path):
    """However deep in the package they are raised, and through its context managers."""
    listed, in_the_way = tmp_path / "list.csv", tmp_path / "file"
    listed.write_text("name,lon,lat\na,119.43,33.30\nTotal,,\n", encoding="utf-8")
    in_the_way.touch()
    bow_tie = shapely.Polygon([(119.43, 33.30), (119.44, 33.31), (119.44, 33.30), (119.43, 33.31)])
    streets, closed = (
        ws.read_streets(ws.demo_county().streets),
        gpd.GeoDataFrame(
            geometry=[shapely.box(119.43, 33.30, 119.44, 33.31), shapely.box(0, 0, 1, 1)], crs="EPSG:4326"
        ),
    )
    calls = {
        "left out": lambda: ws.read_stations(listed),
        "crosses itself was mended": lambda: ws.read_streets(ws.demo_county().streets, area=bow_tie),
        "close no street": lambda: ws.without_closed(streets, closed),
        "answers are not kept": lambda: refused(bow_tie.buffer(0), endpoint="http://127.0.0.1:9", cache=in_the_way),
    }
    for says, call in calls.items():
        with pytest.warns(ws.InputWarning, match=says) as told:
            call()
        assert [Path(w.filename).name for w in told] == [Path(__file__).name]


def refused(place: shapely.Polygon, **settings: object) -> None:
    with pytest.raises(ws.FetchError):
        ws.fetch_streets(place, **settings)
