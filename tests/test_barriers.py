"""Barriers: straight legs that cross no water, railway or wall, held against the definition."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from toys import CRS, Toy, toy
from walkshed.analysis.check import StudyFrames, check
from walkshed.analysis.profiles import by_profile
from walkshed.analysis.shadows import Shadows
from walkshed.analysis.study import analyze
from walkshed.analysis.verify import verify
from walkshed.errors import InputError
from walkshed.network import read_streets
from walkshed.network.streets import Surroundings
from walkshed.reach.barriers import gather
from walkshed.reach.legs import clear_legs, level_ground
from walkshed.reach.segments import bin_segments
from walkshed.reach.snap import Snapper
from walkshed.reach.walk import Walk

CELL_M = 10.0  # a tenth of the leg: how exactly areas are drawn
BANK_M = 30.0  # from the middle of a river to its banks


def frame(shapes, **columns):
    return gpd.GeoDataFrame({"name": [""] * len(shapes)} | columns, geometry=list(shapes), crs=CRS)


def surroundings(*, water=(), rail=(), walls=(), crossable=False):
    return Surroundings(
        water=frame(water),
        rail=frame(rail, tunnel=[False] * len(rail), crossable=[crossable] * len(rail)),
        walls=frame(walls),
        buildings=frame([]),
        places=frame([], place=[]),
        hosts=frame([], kind=[]),
    )


def drawn(picture: str, step_m: float) -> Toy:
    """Draw a toy with a river (a row of ~), a wall (#) or a railway (=) right across it."""
    town = toy(picture, step_m)
    rows = [row for row in picture.strip("\n").split("\n") if row.strip()]
    found: dict[str, list[shapely.Geometry]] = {"~": [], "#": [], "=": []}
    (x0, y0) = min(town.at.values(), key=lambda xy: (-xy[1], xy[0]))
    for j, row in enumerate(rows):
        if row[0] in found:
            line = shapely.LineString([(x0 - 500, y0 - j * step_m), (x0 + len(row) * step_m + 500, y0 - j * step_m)])
            found[row[0]].append(line.buffer(BANK_M, cap_style="flat") if row[0] == "~" else line)
    near = surroundings(water=found["~"], walls=found["#"], rail=found["="])
    return replace(town, streets=replace(town.streets, surroundings=near))


RIVER = drawn(
    """
A---B-------C
    |
~~~~|~~~~~~~~
    |
D---E-------F
""",
    40,
)
WALL = drawn(
    """
A---B-------C
    |
####|########
    |
D---E-------F
""",
    30,
)
RAIL = drawn(
    """
A-------B---C
        |
========|====
        |
D-------E---F
""",
    30,
)
MINDED = Walk(cutoffs=(2, 5), barriers=True)


def barrier_lines(around):
    """All that a leg may not cross, as one geometry. Water may be areas or lines."""
    water = [shape.boundary if shape.area else shape for shape in around.water.geometry]
    return shapely.union_all(
        [*water, *around.rail.geometry[~around.rail["crossable"].astype(bool)], *around.walls.geometry]
    )


def definition(result, station, budget_m, places):
    """Whether each place has a street point, 1 m apart, in plain sight, from which leg and walk fit the budget."""
    pieces, points, cost_m = result.reach.pieces, [], []
    lines = result.network.lines
    for i in np.flatnonzero(pieces.station == station):
        share = np.linspace(0, 1, int(pieces.to_m[i] - pieces.from_m[i]) + 2)
        at = (pieces.from_m[i] + share * (pieces.to_m[i] - pieces.from_m[i])) / result.network.edge_length_m[
            pieces.edge[i]
        ]
        points.append(
            shapely.get_coordinates(shapely.line_interpolate_point(lines[pieces.edge[i]], at, normalized=True))
        )
        cost_m.append((1 - share) * pieces.cost_from_m[i] + share * pieces.cost_to_m[i])
    points, cost_m = np.concatenate(points), np.concatenate(cost_m)
    around = result.network.surroundings
    barriers = barrier_lines(around)
    shapely.prepare(barriers)
    is_covered = []
    for place in places:
        leg_m = np.hypot(*(points - place).T)
        fits = (leg_m <= result.walk.off_street) & (leg_m + cost_m <= budget_m)
        legs = shapely.linestrings(np.stack((np.broadcast_to(place, points.shape), points), axis=1)[fits])
        is_covered.append(bool((~shapely.crosses(legs, barriers)).any()))
    wet = shapely.contains_xy(around.water.union_all(), *places.T) if len(around.water) else False
    return np.array(is_covered) & ~wet


def random_places(result, count=400, seed=6):
    x0, y0, x1, y1 = shapely.total_bounds(result.network.lines)
    return np.random.default_rng(seed).uniform((x0 - 110, y0 - 110), (x1 + 110, y1 + 110), (count, 2))


def assert_as_defined(result, count=400):
    barriers = barrier_lines(result.network.surroundings)
    places = random_places(result, count)
    points = shapely.points(places)
    for row, area in result.service_areas.iterrows():
        station, budget_m = row // len(result.walk.cutoffs), result.walk.budget_m(area["cutoff_min"])
        shape = area.geometry
        assert shape.is_valid
        wrong = shapely.contains(shape, points) != definition(result, station, budget_m, places)
        assert wrong.mean() < 0.02
        edges = shapely.union_all([shape.boundary, barriers])
        assert (shapely.distance(points[wrong], edges) < CELL_M).all()


@pytest.mark.parametrize("town", [RIVER, WALL, RAIL], ids=["river", "wall", "rail"])
def test_areas_are_as_defined(town):
    """A bridge, a gate and a level crossing: the other side is reached by them alone."""
    stations = town.stations(("A", 60, -8), ("F", -100, 5), ("B", 1, -22))
    result = analyze(town.streets, stations, walk=MINDED)
    assert_as_defined(result)
    for i in range(0, len(result.service_areas), 2):
        short, long = result.service_areas.geometry[i : i + 2]
        assert short.difference(long).area < 1e-6


def test_the_area_of_all_stations_is_that_of_the_least_cost():
    result = analyze(WALL.streets, WALL.stations(("A", 60, -8), ("F", -100, 5)), walk=MINDED)
    places = random_places(result)
    own = [definition(result, station, result.walk.budget_m(5), places) for station in (0, 1)]
    inside = shapely.contains_xy(result.covered.geometry[1], *places.T)
    wrong = inside != (own[0] | own[1])
    assert wrong.mean() < 0.02


def test_nobody_is_promised_the_water():
    """2 minutes are 160 m, as far as the bridge: plain legs of 100 m end in the river, 50 to 110 m off the street."""
    stations = RIVER.stations(("A", 0, 0))
    plain, minded = (
        analyze(RIVER.streets, stations, walk=Walk(cutoffs=(2,), barriers=on)).covered.geometry[0]
        for on in (False, True)
    )
    river = RIVER.streets.surroundings.water.geometry[0]
    assert plain.intersection(river).area > 1000
    assert minded.intersection(river).area == 0.0
    assert minded.boundary.intersection(river.boundary.buffer(0.1)).length > 100  # it runs along the bank


def test_an_outline_runs_along_a_wall_to_a_decimetre():
    """A wall at no right angle to the grid, some 45 m off the street; 2 minutes do not lead round it."""
    x, y = WALL.at["A"]
    wall = shapely.LineString([(x - 400, y - 63), (x + 760, y - 17)])
    streets = replace(WALL.streets, surroundings=surroundings(walls=[wall]))
    area = analyze(streets, WALL.stations(("A", 0, 0)), walk=Walk(cutoffs=(2,), barriers=True)).covered.geometry[0]
    along = shapely.get_coordinates(shapely.line_interpolate_point(wall, np.arange(410.0, 510.0, 0.7)))
    up = np.array([0, 0.1])
    assert shapely.contains_xy(area, *(along + up).T).all()
    assert not shapely.contains_xy(area, *(along - up).T).any()


def test_a_narrow_leg_and_a_long_one_are_drawn_by_the_same_rule():
    """Legs of 8 m; and a station so far off that its leg leaves 35 m, less than the straight leg."""
    result = analyze(WALL.streets, WALL.stations(("B", 20, 0)), walk=replace(MINDED, off_street=8.0))
    assert result.service_areas.is_valid.all()
    wide = analyze(WALL.streets, WALL.stations(("B", 20, 0)), walk=replace(MINDED, barriers=False, off_street=8.0))
    for narrow, plain in zip(result.covered.geometry, wide.covered.geometry, strict=True):
        assert narrow.symmetric_difference(plain).area / plain.area < 0.03

    x, y = WALL.at["C"]
    wall = shapely.LineString([(x - 200, y + 20), (x - 70, y + 20)])
    streets = replace(WALL.streets, surroundings=surroundings(walls=[wall]))
    long = analyze(streets, WALL.stations(("C", -60, 125)), walk=MINDED)
    assert long.reach.leg_m == pytest.approx([125.0])
    assert_as_defined(long)


class TestSnapping:
    def test_people_walk_out_on_their_own_side(self):
        """A wall 30 m off the upper street. 20 m beyond it that is nearer by air, but the way leads to the lower one,
        70 m off, and from there round by the gate: 90 + 120 + 120 m to A."""
        x, y = WALL.at["A"]
        wall = shapely.LineString([(x - 500, y - 30), (x + 900, y - 30)])
        streets = replace(WALL.streets, surroundings=surroundings(walls=[wall]))
        people, stations = WALL.people(("A", 30, -50, 5)), WALL.stations(("A", 0, 0))
        plain, minded = (
            analyze(streets, stations, people=people, walk=w).heads for w in (replace(MINDED, barriers=False), MINDED)
        )
        assert plain.leg_m == pytest.approx([50.0])
        assert plain.cost_m == pytest.approx([50 + 30], abs=0.1)
        assert minded.leg_m == pytest.approx([70.0])
        assert minded.cost_m == pytest.approx([70 + 90 + 120 + 120], abs=0.2)

    def test_a_station_whose_nearest_street_lies_across_the_canal(self):
        """A canal 20 to 30 m below the upper street: a station 60 m below it stands at the lower one, 100 m off."""
        x, y = RIVER.at["A"]
        streets = replace(
            RIVER.streets, surroundings=surroundings(water=[shapely.box(x - 500, y - 30, x + 900, y - 20)])
        )
        stations = RIVER.stations(("A", 40, -60))
        result = analyze(streets, stations, walk=MINDED)
        assert result.stations["snap_m"].tolist() == pytest.approx([100.0])
        assert_as_defined(result)

    def test_the_leg_goes_round_the_end_of_a_wall(self):
        """A wall 20 m before the street, from 30 m left to 30 m right: past its end the street shows 60 m aside, 40 m
        down."""
        x, y = WALL.at["B"]
        wall = shapely.LineString([(x + 150 - 30, y + 20), (x + 150 + 30, y + 20)])
        streets = replace(WALL.streets, surroundings=surroundings(walls=[wall]))
        snaps = Snapper(streets, gather(streets.surroundings)).snap(np.array([[x + 150, y + 40]]), 250.0)
        assert snaps.leg_m == pytest.approx([np.hypot(60, 40)])
        assert abs(snaps.xy[0, 0] - x - 150) == pytest.approx(60.0)
        assert snaps.xy[0, 1] == pytest.approx(y)

    def test_nobody_leaves_a_closed_courtyard(self):
        x, y = WALL.at["C"]
        yard = shapely.box(x - 50, y + 10, x - 10, y + 50).exterior
        streets = replace(WALL.streets, surroundings=surroundings(walls=[yard]))
        people = WALL.people(("C", -30, 30, 9), ("C", -30, 60, 4))
        stations = WALL.stations(("A", 0, 0), ("C", -20, 20))
        result = analyze(streets, stations, people=people, walk=MINDED)
        assert result.summary["stations"]["unsnapped"] == ["s2"]
        assert result.summary["people"]["unknown"] == 9.0
        (note,) = [note for note in result.notes if note.code == "cut_off"]
        assert note.values == {"stations": 1, "people": 9.0}
        drawn = result.covered.geometry.iloc[-1].intersection(shapely.Polygon(yard))
        assert drawn.area <= 4 * CELL_M**2 / 2 + 1.0  # nothing but its corners, within a cell of the grid
        assert drawn.difference(yard.buffer(CELL_M)).is_empty

    def test_a_street_along_a_wall_and_a_leg_that_ends_on_one(self):
        """A street drawn on the wall's own line is in sight from both sides."""
        a, c = WALL.at["A"], WALL.at["C"]
        streets = replace(WALL.streets, surroundings=surroundings(walls=[shapely.LineString([a, c])]))
        places = np.array([[a[0] + 50, a[1] + 20], [a[0] + 50, a[1] - 20]])
        assert Snapper(streets, gather(streets.surroundings)).snap(places, 250.0).leg_m == pytest.approx([20.0, 20.0])

    def test_trams_bridges_and_tunnels_stop_nobody(self):
        open_rail = surroundings(rail=list(RAIL.streets.surroundings.rail.geometry), crossable=True)
        assert len(gather(open_rail)) == 0
        assert len(gather(RAIL.streets.surroundings)) == 1


@pytest.mark.parametrize("seed", range(8))
def test_legs_agree_with_shadows_cut_by_shapely(seed):
    """Random walls and streets, an independent way: the street less the shadows, and the nearest point of the rest."""
    rng = np.random.default_rng(seed)
    streets = rng.uniform(0, 400, (12, 3, 2))
    walls = [shapely.LineString(w) for w in rng.uniform(0, 400, (rng.integers(1, 25), 2, 2))]
    walls += [shapely.box(*low, *(low + 60)).exterior for low in rng.uniform(0, 340, (3, 2))]
    around = surroundings(walls=walls)
    places = rng.uniform(0, 400, (40, 2))
    ground = level_ground(bin_segments(streets.reshape(-1, 2), 3 * np.arange(13)))
    cost_m, _, _ = clear_legs(places, 150.0, ground, gather(around))
    shadows, lines = Shadows(around), shapely.MultiLineString(list(streets))
    for place, least_m in zip(shapely.points(places), cost_m, strict=True):
        seen = lines.difference(shadows.behind(place, 150.0))
        leg_m = np.inf if seen.is_empty else place.distance(seen)
        assert least_m == pytest.approx(leg_m if leg_m <= 150 else np.inf, abs=0.02)


def test_costs_add_to_legs():
    """Walls off: along a street that costs 1 a metre from x = 0, a place at (30, 40) is cheapest served from its start
    (50); where it costs 0.6 a metre, from where the leg makes up for it: 40 m * 0.6 / 0.8 = 30 m back; where 0.28, 40 m * 0.28 / 0.96 = 11.7 m back."""
    nobody = gather(surroundings())
    grid = bin_segments(np.array([[0.0, 0.0], [100.0, 0.0]]), np.array([0, 2]))
    for slope, cost, share in ((1.0, 50.0, 0.0), (0.6, 50.0, 0.0), (0.28, 46.8, 11 / 60)):
        ground = level_ground(grid)._replace(cost_to_m=np.array([100 * slope]))
        found = clear_legs(np.array([[30.0, 40.0]]), 100.0, ground, nobody)
        assert found[0] == pytest.approx([cost])
        assert found[2] == pytest.approx([share], abs=1e-9)


def test_gaps_keep_to_their_bank():
    result = analyze(RIVER.streets, RIVER.stations(("A", 0, 0)), walk=replace(MINDED, cutoffs=(2,), min_gap=50))
    river = RIVER.streets.surroundings.water.geometry[0]
    assert len(result.gaps)
    assert result.gaps.is_valid.all()
    band = shapely.union_all(shapely.buffer(result.network.lines, 15.0))
    assert result.gaps.union_all().difference(band).intersection(river).area < 1.0


def test_walking_again_minds_barriers_too():
    """As in `test_people_walk_out_on_their_own_side`, with stations for people."""
    x, y = WALL.at["A"]
    walls = [shapely.LineString([(x - 500, y - 30), (x + 900, y - 30)])]
    streets = replace(WALL.streets, surroundings=surroundings(walls=walls))
    stations = WALL.stations(("A", 30, -50), ("F", -30, 8))
    result = analyze(streets, stations, walk=MINDED)
    found = verify(result, places=60)
    assert found.share == 1.0
    assert found.worst_m == pytest.approx(0.0, abs=1e-3)
    blind = analyze(streets, stations, walk=replace(MINDED, barriers=False))
    assert verify(replace(blind, walk=MINDED), places=60).share < 1.0


def test_who_walks_farther_minds_barriers_too():
    """A faster walker is searched for anew: as `test_people_walk_out_on_their_own_side`, 400 m in 3 minutes."""
    x, y = WALL.at["A"]
    walls = [shapely.LineString([(x - 500, y - 30), (x + 900, y - 30)])]
    streets = replace(WALL.streets, surroundings=surroundings(walls=walls))
    people, stations = WALL.people(("A", 30, -50, 5)), WALL.stations(("A", 0, 0))
    walk = replace(MINDED, cutoffs=(2,))
    for name, speed in (("slow", 9.0), ("fast", 15.0)):
        table = by_profile(analyze(streets, stations, people=people, walk=walk), {name: speed})
        own = analyze(streets, stations, people=people, walk=replace(walk, speed=speed)).summary["coverage"][0]
        assert table["street_km"].tolist() == pytest.approx([own["street_km"]])
        assert table["people"].tolist() == [own["people"]] == [5.0 if name == "fast" else 0.0]


def test_without_barriers_nothing_changes():
    stations = WALL.stations(("A", 60, -50), ("F", -100, 40))
    bare = replace(WALL.streets, surroundings=None)
    walk = replace(MINDED, barriers=False)
    with_walls, without = (analyze(s, stations, walk=walk) for s in (WALL.streets, bare))
    assert with_walls.service_areas.geometry.tolist() == without.service_areas.geometry.tolist()
    assert with_walls.summary["settings"]["barriers"] is False
    assert not {"cut_off", "no_barriers"} & {note.code for note in with_walls.notes}


def test_streets_that_come_without_barriers():
    stations = WALL.stations(("A", 0, 0))
    with pytest.raises(InputError, match=r"come without water, railways and walls; read them from an OpenStreetMap"):
        analyze(replace(WALL.streets, surroundings=None), stations, walk=MINDED)
    result = analyze(replace(WALL.streets, surroundings=surroundings()), stations, walk=MINDED)
    assert "no_barriers" in [note.code for note in result.notes]
    assert result.summary["settings"]["barriers"] is True


def test_barriers_are_on_or_off():
    with pytest.raises(InputError, match="barriers: must be True or False; found 'yes'"):
        Walk(barriers="yes")


def test_the_check_says_so():
    x, y = WALL.at["C"]
    yard = shapely.box(x - 50, y + 10, x - 10, y + 50).exterior
    streets = replace(WALL.streets, surroundings=surroundings(walls=[yard]))
    stations, people = WALL.stations(("A", 0, 0), ("C", -20, 20)), WALL.people(("C", -30, 30, 9))
    beside = StudyFrames(people=people, people_rows=lambda: [2])
    checked = check(stations, SimpleNamespace(findings=(), datum="wgs84"), streets, beside, walk=MINDED)
    found = {finding.code: finding.rows for finding in checked.findings}
    assert found["unsnapped_clear"] == (3,)
    assert found["people_unknown_clear"] == (2,)


def test_helsinki(helsinki_pbf):
    """Real banks, tracks, walls and fences: legs as Shapely cuts them, and one station's area as defined."""
    streets = read_streets(helsinki_pbf)
    barriers, shadows = gather(streets.surroundings), Shadows(streets.surroundings)
    x0, y0, x1, y1 = shapely.total_bounds(streets.lines)
    places = np.random.default_rng(6).uniform((x0, y0), (x1, y1), (250, 2))
    snaps, plain = Snapper(streets, barriers).snap(places, 100.0), Snapper(streets).snap(places, 100.0)
    changed = np.flatnonzero(plain.found & ~(snaps.leg_m == plain.leg_m))
    assert len(changed) >= 20
    tree = shapely.STRtree(streets.lines)
    for i in changed[:25]:
        spot = shapely.Point(places[i])
        near = streets.lines[tree.query(spot, predicate="dwithin", distance=100.0)]
        seen = shapely.union_all(near).difference(shadows.behind(spot, 100.0))
        leg_m = np.inf if seen.is_empty else spot.distance(seen)
        assert snaps.leg_m[i] == pytest.approx(leg_m if leg_m <= 100 else np.inf, abs=0.02)
    host = streets.surroundings.hosts.geometry.iloc[[8]].to_frame("geometry").assign(station_id="s1", name="")
    result = analyze(streets, host, walk=Walk(cutoffs=(3,), barriers=True))
    plain_area = analyze(streets, host, walk=Walk(cutoffs=(3,))).covered.geometry[0]
    (area,) = result.service_areas.geometry
    within = shapely.box(*plain_area.bounds).bounds
    places = np.random.default_rng(7).uniform(within[:2], within[2:], (100, 2))
    wrong = shapely.contains_xy(area, *places.T) != definition(result, 0, result.walk.budget_m(3), places)
    edges = shapely.union_all([area.boundary, barrier_lines(streets.surroundings)])
    assert area.area < plain_area.area
    assert wrong.mean() < 0.02
    assert (shapely.distance(shapely.points(places[wrong]), edges) < CELL_M).all()


def test_water_that_touches_itself_is_cut_out_all_the_same():
    """Cut to a box, a winding river may come out as one ring that runs along itself."""
    x, y = WALL.at["A"]
    pond = shapely.affinity.translate(shapely.Polygon([(0, 0), (40, 0), (40, 40), (20, 0), (0, 40)]), x + 20, y + 20)
    assert not pond.is_valid
    streets = replace(WALL.streets, surroundings=surroundings(water=[pond]))
    area = analyze(streets, WALL.stations(("A", 0, 0)), walk=MINDED).covered.geometry[1]
    assert area.is_valid
    assert area.intersection(pond.buffer(0)).area < 1e-6
