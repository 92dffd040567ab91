"""Kernels: what their cache outlives, and what it does not."""

from __future__ import annotations

import importlib.util
import pickle
import sys
from pathlib import Path
from types import ModuleType

import pytest
from numba.core.caching import FunctionCache

from walkshed import compiled

SOURCE = """
from walkshed.compiled import kernel

@kernel
def inner(x):
    return x + {plus}

@kernel
def outer(x):
    return 2 * inner(x)
"""


@pytest.fixture(autouse=True)
def cache_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("kernels_of_a_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kernels_of_a_test"] = module
    spec.loader.exec_module(module)
    return module


def hits(module: ModuleType) -> int:
    return sum(module.outer.stats.cache_hits.values())


def test_code_is_taken_from_the_cache(tmp_path: Path) -> None:
    path = tmp_path / "kernels_of_a_test.py"
    path.write_text(SOURCE.format(plus=1), encoding="utf-8")
    first = loaded(path)
    assert (first.outer(3), hits(first)) == (8, 0)
    again = loaded(path)
    assert (again.outer(3), hits(again)) == (8, 1)


def test_a_change_anywhere_in_the_package_makes_code_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kernels_of_a_test.py"
    path.write_text(SOURCE.format(plus=1), encoding="utf-8")
    loaded(path).outer(3)
    monkeypatch.setattr(compiled, "_sources", lambda: [("search.py", 1, 2)])
    other = loaded(path)
    assert (other.outer(3), hits(other)) == (8, 0)


def test_an_index_without_its_code_is_not_taken_for_older_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kernels_of_a_test.py"
    path.write_text(SOURCE.format(plus=1), encoding="utf-8")
    loaded(path).outer(3)
    path.write_text(SOURCE.format(plus=1000), encoding="utf-8")
    with monkeypatch.context() as patch:  # killed after the index, before the code
        patch.setattr("numba.core.caching.IndexDataCacheFile._save_data", lambda *_: None)
        patch.setattr(compiled.KernelCache, "save_overload", FunctionCache.save_overload)
        loaded(path).outer(3)
    again = loaded(path)
    assert (again.outer(3), hits(again)) == (2006, 0)


def test_the_code_of_other_versions_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "kernels_of_a_test.py"
    for plus in (1, 1000):
        path.write_text(SOURCE.format(plus=plus), encoding="utf-8")
        loaded(path).outer(3)
    assert len(list((tmp_path / "__pycache__").glob("*.outer-*.nbc"))) == 1


def test_the_stamp_tells_of_every_file_with_kernels() -> None:
    names = {name for name, _, _ in compiled._sources()}
    assert {"search.py", "stock.py", "canvas.py", "pbf_kernels.py"} <= names
    assert "study.py" not in names


def test_a_cache_that_names_what_is_gone_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "kernels_of_a_test.py"
    path.write_text(SOURCE.format(plus=1), encoding="utf-8")
    loaded(path).outer(3)
    for index in (tmp_path / "__pycache__").glob("*.nbi"):
        version = pickle.loads(index.read_bytes())
        index.write_bytes(pickle.dumps(version) + b"cwalkshed.reach.search\nHeapOfOld\n.")
    again = loaded(path)
    assert (again.outer(3), hits(again)) == (8, 0)
    third = loaded(path)
    assert (third.outer(3), hits(third)) == (8, 1)
