"""Faults, made for real: processes killed, disks full, folders gone. Whatever happens, a restart ends as if undisturbed."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

import walkshed.batch.crew as crew_module
from outcomes import settle
from test_batch import facts, files
from toy_province import AREAS, write_province
from walkshed.batch import Ended, run_batch
from walkshed.batch.crew import Crew
from walkshed.batch.jobs import Job
from walkshed.batch.manifest import Manifest
from walkshed.batch.work import Outcome
from walkshed.cli.commands import report
from walkshed.cli.provincefile import read_province
from walkshed.errors import CrewError, InputError, OutputError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")

PATIENCE = 180.0
UNDISTURBED = "as if undisturbed"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    run_batch(read_province(write_province(folder), report), crew=Crew(workers=1))
    return folder / "out"


def same(out: Path, whole: Path) -> None:
    assert files(out) == files(whole)
    assert facts(out) == facts(whole)
    assert half_files(out) == []


def half_files(out: Path) -> list[Path]:
    return [p for p in out.rglob("*") if p.name.startswith(".walkshed-")]


@contextmanager
def batch(folder: Path, *options: object, **how: Any) -> Iterator[subprocess.Popen[str]]:
    """Start the command in a session of its own; nothing of it is left running at the end."""
    command = [sys.executable, "-m", "walkshed", "batch", str(folder / "province.toml"), *map(str, options)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True, **how
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def finish(folder: Path, *options: object, **how: Any) -> tuple[int, str]:
    with batch(folder, *options, **how) as process:
        _, said = process.communicate(timeout=PATIENCE)
        return process.returncode, said


def wait_for(test: Callable[[], Any], what: str) -> Any:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := test():
            return found
        time.sleep(0.02)
    raise AssertionError(f"never saw {what}")


def ended(out: Path) -> int:
    """Count the studies that have ended."""
    try:
        with closing(sqlite3.connect(f"file:{out / 'manifest.sqlite'}?mode=ro", uri=True)) as book:
            return int(book.execute("SELECT count(*) FROM studies WHERE state <> 'waiting'").fetchone()[0])
    except sqlite3.Error:
        return 0


def at_work(out: Path) -> list[Path]:
    """List the folders in which a study is being written at this moment; an outline is written before any is begun."""
    return list(out.glob("*/.walkshed-*")) if begun(out) else []


def begun(out: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{out / 'manifest.sqlite'}?mode=ro", uri=True)) as book:
            return int(book.execute("SELECT count(*) FROM attempts").fetchone()[0])
    except sqlite3.Error:
        return 0


def workers_of(pid: int) -> list[psutil.Process]:
    children = psutil.Process(pid).children(recursive=True)
    return [p for p in children if "spawn_main" in " ".join(p.cmdline())]


@pytest.mark.slow
def test_a_worker_is_killed_while_it_writes(tmp_path: Path, whole: Path) -> None:
    write_province(tmp_path)
    with batch(tmp_path, "--workers", 2) as process:
        wait_for(lambda: at_work(tmp_path / "out"), "a study at work")
        for worker in workers_of(process.pid):
            worker.kill()
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
    same(tmp_path / "out", whole)
    settle("fault", "SIGKILL of every worker in the middle of a study", f"done elsewhere, exit 0, {UNDISTURBED}")


@pytest.mark.slow
def test_the_main_process_is_killed(tmp_path: Path, whole: Path) -> None:
    write_province(tmp_path)
    with batch(tmp_path, "--workers", 2) as process:
        wait_for(lambda: ended(tmp_path / "out") >= 1 and at_work(tmp_path / "out"), "a study done and one at work")
        workers = workers_of(process.pid)
        process.kill()
        wait_for(lambda: not any(w.is_running() and w.status() != "zombie" for w in workers), "the workers' end")
    done = ended(tmp_path / "out")
    code, said = finish(tmp_path, "--workers", 1)
    assert code == 0, said
    assert said.count("：完成，用时") == len(AREAS) - done < len(AREAS)
    same(tmp_path / "out", whole)
    settle("fault", "SIGKILL of the main process", f"its workers end; a restart does what is left, {UNDISTURBED}")


@pytest.mark.slow
def test_ctrl_c(tmp_path: Path, whole: Path) -> None:
    write_province(tmp_path)
    for options in (("--workers", 1), ("--workers", 2)):
        with batch(tmp_path, *options) as process:
            wait_for(lambda: at_work(tmp_path / "out"), "a study at work")
            os.killpg(process.pid, signal.SIGINT)
            _, said = process.communicate(timeout=PATIENCE)
            assert process.returncode == 130, said
            assert said.splitlines()[-1].startswith("已停止：已完成的部分均已保留")
            assert "Traceback" not in said
        if options == ("--workers", 1):
            assert half_files(tmp_path / "out") == []
    code, said = finish(tmp_path, "--workers", 1)
    assert code == 0, said
    same(tmp_path / "out", whole)
    settle("fault", "Ctrl-C", f"exit 130 and one line; no half file; a restart does what is left, {UNDISTURBED}")


@pytest.mark.slow
def test_the_scheduler_is_killed(tmp_path: Path, whole: Path) -> None:
    write_province(tmp_path)
    with cluster() as (address, scheduler):
        with batch(tmp_path, "--scheduler", address) as process:
            wait_for(lambda: at_work(tmp_path / "out"), "a study at work")
            scheduler.kill()
            _, said = process.communicate(timeout=PATIENCE)
            assert process.returncode == 2, said
        last = said.splitlines()[-1]
        assert last.startswith("错误：调度器：连接中断")
        assert "Traceback" not in said
    code, said = finish(tmp_path, "--workers", 1)
    assert code == 0, said
    same(tmp_path / "out", whole)
    settle(
        "fault",
        "SIGKILL of the scheduler of a cluster",
        f"exit 2, one line; a restart does what is left, {UNDISTURBED}",
    )


@pytest.mark.slow
@pytest.mark.parametrize("later_s", [0.0, 4.0])
def test_the_scheduler_is_killed_between_two_studies(tmp_path: Path, whole: Path, later_s: float) -> None:
    """While nobody waits for the cluster: just before the next study is handed over, and when Dask has noticed."""
    province = read_province(write_province(tmp_path), report)
    with cluster() as (address, scheduler):

        def kill(ended: Ended) -> None:
            if ended.done == 1:
                scheduler.kill()
                scheduler.wait()
                time.sleep(later_s)

        with pytest.raises(CrewError, match="the connection was lost with 3 studies to do"):
            run_batch(province, crew=Crew(scheduler=address), watch=kill)
    run_batch(province, crew=Crew(workers=1))
    same(tmp_path / "out", whole)


@contextmanager
def cluster() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run a scheduler and a worker as a cluster's administrator does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    at = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    scheduler = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", *at], **quiet)
    worker = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "distributed.cli.dask_worker",
            address,
            "--nthreads",
            "1",
            "--no-dashboard",
            "--no-nanny",
        ],
        **quiet,
    )
    try:
        yield address, scheduler
    finally:
        for process in (worker, scheduler):
            process.kill()
            process.wait()


@pytest.mark.slow
def test_three_workers_give_the_bytes_of_one(tmp_path: Path, whole: Path) -> None:
    write_province(tmp_path)
    code, said = finish(tmp_path, "--workers", 3)
    assert code == 0, said
    same(tmp_path / "out", whole)


def dies_at_one(job: Job, out: Path, epoch: str | None) -> Outcome:
    """Stand in for the work: one study brings its worker down each time."""
    if job.name == "乙县":
        os.kill(os.getpid(), signal.SIGKILL)
    return crew_module.do_job(job, out, "there")


@pytest.mark.slow
def test_a_study_that_kills_its_workers_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew_module, "_do_there", dies_at_one)
    province = read_province(write_province(tmp_path), report)
    _, totals, rows = run_batch(province, crew=Crew(workers=2))
    assert {row["name"]: row["state"] for row in rows} == {n: "failed" if n == "乙县" else "done" for n in AREAS}
    why = next(row["why"] for row in rows if row["state"] == "failed")
    assert why.startswith("处理它的工作进程共中断 4 次")
    assert totals["failed"] == 1
    settle(
        "fault",
        "A study whose worker dies each time",
        "tried four times, then marked failed with why; all others are done",
    )


@pytest.mark.slow
def test_a_worker_that_never_started_is_started_again() -> None:
    with crew_module._client(Crew(workers=1), 2) as client:
        (only,) = client.cluster.workers.values()
        client.cluster.sync(only.close)  # as after a failed start: nobody looks after this worker any more
        wait_for(lambda: not client.nthreads(), "the end of the worker")
        wait_for(client.nthreads, "another worker")
        assert client.submit(os.getpid).result(timeout=PATIENCE) != os.getpid()
    settle("fault", "A worker dies while it starts", "started again, as often as needed")


def take_most(limit: int) -> None:
    """Leave this worker with nine tenths of its memory taken, for good."""
    held = bytearray(int(0.88 * limit) - psutil.Process().memory_info().rss)
    held[::4096] = b"x" * len(held[::4096])
    crew_module.held = held  # type: ignore[attr-defined]
    time.sleep(1.0)  # Dask looks every 0.1 s


@pytest.mark.slow
def test_a_worker_whose_memory_stays_taken_goes_on() -> None:
    limit = 600_000_000
    with crew_module._client(Crew(workers=1, memory="600MB"), 2) as client:
        client.submit(take_most, limit).result(timeout=PATIENCE)
        assert client.submit(os.getpid).result(timeout=20) > 0
    settle(
        "fault", "A worker's memory stays nearly full", "it goes on; only one that takes more than its limit is ended"
    )


def test_workers_that_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: Any) -> None:
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr("distributed.LocalCluster", fails)
    with pytest.raises(CrewError, match="none could be started"):
        crew_module._started(Crew(workers=2), 2)


def test_an_amount_of_memory_that_is_none() -> None:
    with pytest.raises(InputError, match="--memory: found 'much'"):
        crew_module._started(Crew(workers=2, memory="much"), 2)


@pytest.mark.slow
def test_the_disk_is_full(tmp_path: Path, whole: Path) -> None:
    write_province(tmp_path)

    def limit() -> None:  # what is written beyond this many bytes of a file is refused, as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.RLIM_INFINITY))

    code, said = finish(tmp_path, "--workers", 1, preexec_fn=limit)
    assert code == 2
    assert said.count("TMPDIR") == len(AREAS)
    assert "Traceback" not in said
    run_batch(read_province(tmp_path / "province.toml", report), crew=Crew(workers=1))
    before = files(tmp_path / "out")
    for name in AREAS:
        (tmp_path / "out" / name / "tables.xlsx").unlink()  # so that all is to be done again, with streets at hand
        before.pop(f"{name}/tables.xlsx")
    code, said = finish(tmp_path, "--workers", 1, preexec_fn=limit)
    assert code == 2
    assert "Traceback" not in said
    assert said.count("无法写入") == len(AREAS)
    left = files(tmp_path / "out")
    assert {n: v for n, v in left.items() if "/" in n} == {n: v for n, v in before.items() if "/" in n}
    assert half_files(tmp_path / "out") == []
    code, said = finish(tmp_path, "--workers", 1)
    assert code == 0, said
    same(tmp_path / "out", whole)
    settle(
        "fault",
        "Disk full (a limit on the size of files)",
        f"each study fails with why, exit 2, older outputs stand, no half file; a restart ends {UNDISTURBED}",
    )


@contextmanager
def mounted(folder: Path, size_kb: int) -> Iterator[Callable[..., None]]:
    """Put a small disk of its own at a folder, and hand out what mounts it anew with other options."""

    def mount(*options: str) -> None:
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            pytest.skip(
                f"a small disk cannot be mounted here ({done.stderr.strip()}); the limit on files' size stands in"
            )

    if shutil.which("mount") is None or sys.platform != "linux":
        pytest.skip("a small disk cannot be mounted here: no tmpfs; the limit on files' size stands in")
    folder.mkdir(parents=True, exist_ok=True)
    mount(f"size={size_kb}k")
    try:
        yield lambda *options: mount("remount", *options)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_small_disk_is_full(tmp_path: Path, whole: Path, share: float) -> None:
    """Full before the first study has ended, in the middle, and near the end."""
    write_province(tmp_path)
    needed = sum(p.stat().st_size for p in whole.rglob("*") if p.is_file()) // 1000
    with mounted(tmp_path / "out", int(share * needed)) as again:
        code, said = finish(tmp_path, "--workers", 1)
        assert code == 2, said
        assert "Traceback" not in said
        assert said.splitlines()[-1].startswith("错误："), said
        assert "sqlite3_" not in said
        assert half_files(tmp_path / "out") == []
        again(f"size={100 * needed}k")
        code, said = finish(tmp_path, "--workers", 1)
        assert code == 0, said
        same(tmp_path / "out", whole)
    settle(
        "fault",
        "Disk full (a small disk of its own)",
        f"exit 2 and why, no half file; with room again a restart ends {UNDISTURBED}",
    )


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nothing be written to a folder; who may write anywhere is kept off by the system itself."""
    if os.geteuid() != 0:
        within = [folder, *(p for p in folder.rglob("*") if p.is_dir())]
        for one in within:
            one.chmod(0o555)
        try:
            yield
        finally:
            for one in within:
                one.chmod(0o755)
        return
    bound = ["mount", "--bind", str(folder), str(folder)]
    closed = ["mount", "-o", "remount,ro,bind", str(folder)]
    if shutil.which("mount") is None or subprocess.run(bound, capture_output=True, check=False).returncode:
        pytest.skip("a folder cannot be made read-only for root here: no mount")
    try:
        subprocess.run(closed, check=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


def with_store(path: Path, store: Path) -> Path:
    text = path.read_text(encoding="utf-8").replace("[defaults]", f'[defaults]\nstore = "{store}"')
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.slow
def test_the_store_is_read_only(tmp_path: Path, whole: Path) -> None:
    store, empty = tmp_path / "store", tmp_path / "empty"
    for place in (store, empty):
        place.mkdir()
    path = with_store(write_province(tmp_path), store)
    assert finish(tmp_path, "--workers", 1)[0] == 0
    shutil.rmtree(tmp_path / "out")
    with read_only(store):
        code, said = finish(tmp_path, "--workers", 1)
        assert code == 0, said
        same(tmp_path / "out", whole)
    path.write_text(path.read_text(encoding="utf-8").replace(str(store), str(empty)), encoding="utf-8")
    with read_only(empty):
        code, said = finish(tmp_path, "--workers", 1, "--out", tmp_path / "slow")
        assert code == 0, said
    assert list(empty.iterdir()) == []
    for name in AREAS:
        assert str(empty) in (tmp_path / "slow" / name / "report.html").read_text(encoding="utf-8")
        assert files(tmp_path / "slow")[f"{name}/coverage.gpkg"] == files(whole)[f"{name}/coverage.gpkg"]
    settle(
        "fault",
        "A read-only store",
        f"what it holds is used, {UNDISTURBED}; what it lacks is read anew each time, and each report says so",
    )


def test_the_output_folder_is_removed(tmp_path: Path, whole: Path) -> None:
    province = read_province(write_province(tmp_path), report)
    out = tmp_path / "out"

    def remove(_: Any) -> None:
        shutil.rmtree(out, ignore_errors=True)

    code, said = run_removing(tmp_path, out)
    assert code == 2, said
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("错误：")
    assert str(out) in said.splitlines()[-1]
    run_batch(read_province(tmp_path / "province.toml", report), crew=Crew(workers=1))
    same(out, whole)
    assert province.out == out
    settle("fault", "The output folder is removed meanwhile", f"exit 2 and one line; a restart ends {UNDISTURBED}")


def test_a_study_s_folder_is_removed_before_the_sums(tmp_path: Path, whole: Path) -> None:
    province = read_province(write_province(tmp_path), report)

    def remove(ended: Ended) -> None:
        if ended.done == len(AREAS):
            shutil.rmtree(tmp_path / "out" / "甲县")

    with pytest.raises(OutputError, match=r"甲县/coverage\.gpkg: was removed while the batch ran"):
        run_batch(province, crew=Crew(workers=1), watch=remove)
    run_batch(province, crew=Crew(workers=1))
    same(tmp_path / "out", whole)


@pytest.mark.parametrize("column", ["outputs", "summary"])
@pytest.mark.parametrize("value", [None, "x", "3", "[1]"])
def test_a_row_of_the_manifest_is_damaged(tmp_path: Path, whole: Path, column: str, value: str | None) -> None:
    shutil.copytree(whole.parent, tmp_path, dirs_exist_ok=True)
    with closing(sqlite3.connect(tmp_path / "out" / "manifest.sqlite")) as book, book:
        book.execute(f"UPDATE studies SET {column} = ? WHERE slug = '甲县'", [value])
    again: list[Ended] = []
    run_batch(read_province(tmp_path / "province.toml", report), crew=Crew(workers=1), watch=again.append)
    assert [ended.name for ended in again] == ["甲县"]
    same(tmp_path / "out", whole)
    settle("fault", "A row of the manifest is damaged", f"its study is done again, {UNDISTURBED}")


def test_the_lock_is_damaged(tmp_path: Path, whole: Path) -> None:
    province = read_province(write_province(tmp_path), report)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".lock.sqlite").write_bytes(b"garbage" * 300)
    run_batch(province, crew=Crew(workers=1))
    same(tmp_path / "out", whole)
    settle("fault", "The lock of the output folder is damaged", f"made anew, {UNDISTURBED}")


def test_a_lock_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / ".lock.sqlite").mkdir()
    with pytest.raises(OutputError, match=r"\.lock\.sqlite: could not be written"), Manifest.open(tmp_path):
        pass


def run_removing(folder: Path, out: Path) -> tuple[int, str]:
    with batch(folder, "--workers", 1) as process:
        wait_for(lambda: ended(out) >= 1, "a study done")
        for _ in range(50):
            shutil.rmtree(out, ignore_errors=True)
            if not out.exists():
                break
        _, said = process.communicate(timeout=PATIENCE)
        return process.returncode, said


@pytest.mark.slow
def test_two_runs_share_a_store(tmp_path: Path, whole: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        with_store(write_province(folder), tmp_path / "store")
    with batch(folders[0], "--workers", 1) as one, batch(folders[1], "--workers", 1) as two:
        for process in (one, two):
            _, said = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, said
    for folder in folders:
        same(folder / "out", whole)
    assert len(list((tmp_path / "store").glob("streets-*"))) == len(AREAS)
    settle("fault", "Two runs share one store at once", f"both end {UNDISTURBED}; the store holds each entry once")


@pytest.mark.parametrize("harm", ["cut short", "one bit", "emptied"])
def test_the_store_is_damaged(tmp_path: Path, whole: Path, harm: str) -> None:
    province = read_province(write_province(tmp_path), report)
    run_batch(province, crew=Crew(workers=1))
    whole_files = {file: file.read_bytes() for file in (tmp_path / "out" / "streets").glob("streets-*/streets.bin")}
    assert len(whole_files) == len(AREAS)
    for file, content in whole_files.items():
        changed = content[:-1] + bytes([content[-1] ^ 1])
        file.write_bytes({"cut short": content[:-9], "one bit": changed, "emptied": b""}[harm])
    for name in AREAS:
        (tmp_path / "out" / name / "map.html").unlink()
    run_batch(province, crew=Crew(workers=1))
    same(tmp_path / "out", whole)
    assert all(file.read_bytes() == content for file, content in whole_files.items())
    settle(
        "fault",
        "Files of the store cut short, emptied, or with one bit changed",
        f"found by checksum, read anew, {UNDISTURBED}",
    )


def test_the_manifest_is_damaged(tmp_path: Path, whole: Path) -> None:
    province = read_province(write_province(tmp_path), report)
    run_batch(province, crew=Crew(workers=1))
    for rest in ("-wal", "-shm"):
        (tmp_path / "out" / f"manifest.sqlite{rest}").unlink(missing_ok=True)
    book = tmp_path / "out" / "manifest.sqlite"
    content = bytearray(book.read_bytes())
    content[20:] = b"\xff" * (len(content) - 20)
    book.write_bytes(content)
    run_batch(province, crew=Crew(workers=1))
    assert (tmp_path / "out" / "manifest.sqlite.damaged").is_file()
    (tmp_path / "out" / "manifest.sqlite.damaged").unlink()
    same(tmp_path / "out", whole)
    settle(
        "fault",
        "The manifest is damaged",
        f"set aside as manifest.sqlite.damaged; all studies are done again, {UNDISTURBED}",
    )


def test_streets_are_exchanged_and_keep_their_time(tmp_path: Path, whole: Path) -> None:
    province = read_province(write_province(tmp_path), report)
    streets = tmp_path / "streets.osm"
    right, when = streets.read_bytes(), streets.stat()
    for content in (right.replace("长街".encode(), "短街".encode()), right):  # as cp -p does, or a clock set back
        streets.write_bytes(content)
        os.utime(streets, ns=(when.st_atime_ns, when.st_mtime_ns))
        run_batch(province, crew=Crew(workers=1))
    same(tmp_path / "out", whole)
    settle(
        "fault",
        "The file of streets is exchanged for one of the same size and time",
        f"seen, read anew, {UNDISTURBED}",
    )


def test_a_link_where_an_outline_is_prepared(tmp_path: Path) -> None:
    path = write_province(tmp_path, areas={"甲县": AREAS["甲县"]})
    precious = tmp_path / "precious.txt"
    precious.write_text("mine", encoding="utf-8")
    folder = tmp_path / "out" / "甲县"
    folder.mkdir(parents=True)
    for name in (".outline.geojson", "outline.geojson"):
        (folder / name).symlink_to(precious)
    run_batch(read_province(path, report), crew=Crew(workers=1))
    assert precious.read_text(encoding="utf-8") == "mine"
    assert not (folder / "outline.geojson").is_symlink()


@pytest.mark.parametrize("name", ["manifest.sqlite", ".lock.sqlite", "streets"])
def test_a_link_where_the_batch_keeps_its_own(tmp_path: Path, name: str) -> None:
    path = write_province(tmp_path, areas={"甲县": AREAS["甲县"]})
    theirs = tmp_path / "theirs"
    if name == "streets":
        theirs.mkdir()
    else:
        with closing(sqlite3.connect(theirs)) as book, book:
            book.execute("CREATE TABLE t (x)")
    before = sorted(tmp_path.rglob("*")), theirs.is_file() and theirs.read_bytes()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(theirs)
    with pytest.raises(InputError, match=f"{name}: is a link to .*theirs; remove it"):
        run_batch(read_province(path, report), crew=Crew(workers=1))
    (tmp_path / "out" / name).unlink()
    (tmp_path / "out").rmdir()  # nothing else was written there
    assert (sorted(tmp_path.rglob("*")), theirs.is_file() and theirs.read_bytes()) == before
    settle(
        "fault", "The manifest, its lock or the folder of streets is a link", "exit 2 and one line; nothing is written"
    )


def test_a_link_out_of_the_folder(tmp_path: Path) -> None:
    path = write_province(tmp_path, areas={"甲县": AREAS["甲县"]})
    text = path.read_text(encoding="utf-8").partition("[split]")[0]
    path.write_text(text + '[[study]]\nname = "x"\narea = "areas.geojson"\n', encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x").symlink_to(elsewhere)
    _, totals, rows = run_batch(read_province(path, report), crew=Crew(workers=1))
    assert totals["failed"] == 1
    assert f"位于 {tmp_path / 'out'} 之外" in rows[0]["why"]
    assert list(elsewhere.iterdir()) == []
    (tmp_path / "out" / "x").unlink()
    (tmp_path / "out" / "x").symlink_to("x")  # a link to itself leads nowhere
    _, _, rows = run_batch(read_province(path, report), crew=Crew(workers=1))
    assert "之外" in rows[0]["why"]
    (tmp_path / "out" / "x").unlink()
    (tmp_path / "out" / "x").mkdir()
    precious = tmp_path / "precious.txt"
    precious.write_text("mine", encoding="utf-8")
    (tmp_path / "out" / "x" / "report.html").symlink_to(precious)
    run_batch(read_province(path, report), crew=Crew(workers=1))
    assert precious.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "out" / "x" / "report.html").is_symlink()
    settle(
        "fault",
        "A study's folder is a link to another place",
        "the study fails with why, nothing is written there; a file that is a link is replaced, not followed",
    )
