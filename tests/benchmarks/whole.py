"""Rows of whole jobs: from files to service areas and a summary, a process each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench, cpu, mb, seconds, times
from benchmarks.measure import ProgramError, Run, progress, python, run, take_turns
from benchmarks.places import Place
from benchmarks.table import Line

AREAS = "areas + summary"
REPORT = "walkshed report, all five outputs"


@dataclass(frozen=True)
class Peer:
    """Who else does the job, how many times as fast walkshed should be, and why the answers differ."""

    name: str
    title: str
    aim: float
    differs: str = ""


OSMNX = Peer(
    "osmnx_example",
    "OSMnx isochrone example",
    30,
    "it takes whole edges between its nodes, or none, and measures on a sphere",
)
SCIPY = Peer("scipy_shapely", "pyosmium + scipy + shapely", 3)
SCIPY_DENSE = Peer("scipy_shapely", "pyosmium + scipy + shapely", 6)
VALHALLA = Peer(
    "valhalla_isochrones",
    "Valhalla, tiles + isochrones",
    2,
    "it has its own costing (steps, alleys, access), draws on a grid of its own, and buffers nothing by 100 m",
)


class Whole:
    """The product and peers on one place."""

    def __init__(self, bench: Bench, place: Place, folder: str) -> None:
        self.bench, self.place = bench, place
        self.out = bench.work / folder
        shutil.rmtree(self.out, ignore_errors=True)

    def lines(self, peers: dict[str, Peer]) -> list[Line]:
        """Compare the answers, then run turn about, and tell a line for each peer and way of ours."""
        agreements, failed = self.agree(peers)
        runs = take_turns(self.jobs(peers, failed), self.bench.rounds)
        lines = []
        for row, peer in peers.items():
            for ours in (AREAS, REPORT):
                line = Line(name=row, what=f"{self.place.title}: {ours}", against=peer.title, aim=f"{peer.aim:g} x")
                if row in failed:
                    lines.append(line.remarks("", failed[row]))
                    continue
                line = self.measured(line, runs[ours], runs[f"{ours}, store"], runs[row])
                told = (agreements[row], self.scaled_note(runs[row])) if ours == AREAS else ("", "")
                lines.append(line.remarks(*told))
        return lines

    def jobs(self, peers: dict[str, Peer], failed: dict[str, str]) -> dict[str, Callable[[], Run]]:
        jobs = {AREAS: self.areas, REPORT: self.report} | {
            f"{AREAS}, store": lambda: self.areas(store=True),
            f"{REPORT}, store": lambda: self.report(store=True),
        }
        return jobs | {row: self.job(peer) for row, peer in peers.items() if row not in failed}

    def agree(self, peers: dict[str, Peer]) -> tuple[dict[str, str], dict[str, str]]:
        """Run each once, and say how near the answers are; or why a peer cannot run."""
        for store in (False, True):  # kernels are compiled, and the store is filled
            self.report(store=store)
            self.areas(store=store)
        agreements, failed = {}, {}
        for row, peer in peers.items():
            progress(f"{row}: agreement")
            try:
                self.job(peer)()
                said = run(python("benchmarks.agreement", self.out / "walkshed_areas", self.out / peer.name)).said
                agreements[row] = agreement_text(said, peer)
            except ProgramError as error:
                failed[row] = f"cannot run: {error}"
        return agreements, failed

    def areas(self, *, store: bool = False) -> Run:
        kept = [f"store={self.out / 'store'}"] if store else []
        return self.child("walkshed_areas", self.place.streets, *kept)

    def report(self, *, store: bool = False) -> Run:
        kept = ["--store", self.out / "store"] if store else ["--no-store"]
        cutoffs = ["--cutoff", "5,10,15", "--speed", "4.8", "--off-street", "100"]
        out = ["--out", self.out / "report"]
        return run(
            python("walkshed", "report", self.place.stations, "--streets", self.place.streets, *cutoffs, *kept, *out)
        )

    def job(self, peer: Peer) -> Callable[[], Run]:
        if peer is not OSMNX:
            return lambda: self.child(peer.name, self.place.streets)
        xml = self.bench.places.xml(self.place)
        limit = [f"count={self.bench.osmnx_stations}"] if self.bench.osmnx_stations else []
        return lambda: self.child(peer.name, xml, *limit)

    def child(self, job: str, streets: Path, *settings: object) -> Run:
        out = self.out / job
        shutil.rmtree(out, ignore_errors=True)
        return run(python("benchmarks.peers", job, streets, self.place.stations, out, *settings))

    def measured(self, line: Line, ours: list[Run], store: list[Run], theirs: list[Run]) -> Line:
        our_s, store_s = (median(r.seconds for r in runs) for runs in (ours, store))
        their_s = median(self.scaled_s(r) for r in theirs)
        return line.figures(
            ours=seconds(our_s),
            theirs=seconds(their_s),
            ratio=times(their_s / our_s),
            store=times(their_s / store_s),
            cpu=f"{cpu(ours)} / {cpu(theirs)}",
            memory=f"{mb(ours)} / {mb(theirs)}",
        )

    def scaled_s(self, one: Run) -> float:
        """A peer that took fewer stations: what it spent on them, for all."""
        if "stations" not in one.said:
            return one.seconds
        return one.seconds + one.said["stations_s"] * (self.place.count / one.said["stations"] - 1)

    def scaled_note(self, theirs: list[Run]) -> str:
        took = theirs[0].said.get("stations", self.place.count)
        if took == self.place.count:
            return ""
        return f"the peer ran on {took} of {self.place.count} stations, its seconds for them scaled up"


def agreement_text(said: dict[str, float], peer: Peer) -> str:
    text = (
        f"symmetric difference of {said['areas']} areas {said['apart']:.2%} in all, median {said['apart_median']:.2%}, "
        f"at most {said['apart_most']:.2%}; theirs {said['larger']:.3f} of ours"
    )
    if said["street_apart"] is not None:
        text += f"; street within each cutoff {said['street_apart']:.4%} apart at most"
    return f"{text}: {peer.differs}" if peer.differs else text
