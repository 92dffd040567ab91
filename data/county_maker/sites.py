"""What stands where: stations, nursing rooms, hosts and public places, named and put on the board by hand."""

from dataclasses import dataclass
from random import Random

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Point

from county_maker import plan
from county_maker.network import Way

XY = tuple[float, float]

TOWN = "安禾镇"  # the township that is the county town
REST, NURSING = "爱心驿站", "爱心母婴室"
# Name, place, hours.
TOWN_REST: list[tuple[str, XY, str]] = [
    ("人民广场爱心驿站", (90, -90), "24小时"),
    ("汽车站爱心驿站", (120, 2080), "06:00-21:00"),
    ("县人民医院爱心驿站", (-960, -720), "24小时"),
    ("运河码头爱心驿站", (-1560, 260), "05:30-18:30"),
    ("文昌图书馆爱心驿站", (-980, 930), "08:00-22:00"),
    ("滨河农贸市场爱心驿站", (640, -1200), "05:30-18:30"),
    ("兴河路环卫爱心驿站", (-2500, 1090), ""),
    ("河西供电营业厅爱心驿站", (-2620, -660), "周一至周五 08:30-17:30"),
    ("东郊路爱心驿站", (3640, 130), "08:00-18:00"),
    ("东环路邮政爱心驿站", (2380, 60), "08:30-17:30，节假日休息"),
    ("行政中心爱心驿站", (130, -2290), "周一至周五 08:30-18:00，节假日休息"),
    ("学府路爱心驿站", (-960, -2310), "08:00-22:30"),
    ("科技路爱心驿站", (1700, -2420), "08:00-18:00"),
    ("东环路健康路口爱心驿站", (2590, -1150), "08:00-18:00"),
    ("开发区服务中心爱心驿站", (2570, 1990), "08:00-18:00"),
]
TOWN_NURSING: list[tuple[str, XY, str]] = [
    ("人民广场爱心母婴室", (110, -70), "08:00-22:00"),
    ("县人民医院爱心母婴室", (-975, -735), "24小时"),
    ("汽车站爱心母婴室", (110, 2060), "06:00-21:00"),
    ("建设路商城爱心母婴室", (780, 845), "09:00-21:00"),
    ("镜湖公园爱心母婴室", (1550, -780), "08:00-22:00"),
    ("文昌图书馆爱心母婴室", (-990, 910), "08:00-20:00"),
    ("行政中心爱心母婴室", (150, -2310), "周一至周五 08:30-18:00"),
    ("兴河路商场爱心母婴室", (-2480, 1150), "09:00-21:00"),
    ("妇幼保健院爱心母婴室", (1180, 330), "08:00-17:30"),
]
TOWNSHIP_NURSING = ("青荷镇", "望舒镇", "雁落镇")
SERVED = "环卫工人、快递员、外卖配送员、出租车司机、交警"
SERVED_NURSING = "哺乳期妇女、婴幼儿家庭"
BANK, POWER, POST = "银行", "供电营业厅", "邮政网点"
TOWN_HOSTS: list[tuple[str, str, XY]] = [
    (BANK, "安禾农商银行营业部", (-60, 60)),
    (BANK, "安禾农商银行文昌支行", (-930, 300)),
    (BANK, "安禾农商银行河西支行", (-2520, 430)),
    (BANK, "安禾农商银行丰收支行", (-2620, -1330)),
    (BANK, "安禾农商银行新城支行", (700, -2340)),
    (BANK, "安禾农商银行站北支行", (150, 2720)),
    (BANK, "安禾农商银行东郊支行", (3680, -60)),
    (BANK, "安禾农商银行开发区支行", (1760, 2480)),
    (BANK, "禾丰村镇银行建设路支行", (480, 850)),
    (BANK, "禾丰村镇银行健康路支行", (620, -760)),
    (BANK, "禾丰村镇银行迎宾支行", (1220, 420)),
    (BANK, "禾丰村镇银行兴业路支行", (-2600, -2080)),
    (BANK, "禾丰村镇银行学府支行", (-1300, -2300)),
    (BANK, "禾丰村镇银行环东支行", (2650, -950)),
    (POWER, "城区供电营业厅", (-420, 880)),
    (POWER, "河西供电营业厅", (-2615, -675)),
    (POWER, "新城供电营业厅", (1370, -2330)),
    (POWER, "站北供电营业厅", (-700, 2770)),
    (POST, "安禾县邮政局", (60, 420)),
    (POST, "河西邮政所", (-3310, 700)),
    (POST, "东环路邮政所", (2395, 75)),
    (POST, "新城邮政所", (100, -2800)),
    (POST, "站北邮政所", (-1300, 2840)),
    (POST, "丰收邮政所", (-3330, -2060)),
]
# Public places that are no hosts: tags and place.
LANDMARKS: list[tuple[str, str, str, XY]] = [
    ("amenity", "townhall", "安禾县政务服务中心", (170, -2330)),
    ("amenity", "hospital", "安禾县人民医院", (-990, -700)),
    ("amenity", "hospital", "安禾县妇幼保健院", (1200, 350)),
    ("amenity", "bus_station", "安禾汽车站", (85, 2090)),
    ("railway", "station", "安禾站", (-120, 2245)),
    ("amenity", "marketplace", "滨河农贸市场", (655, -1215)),
    ("amenity", "marketplace", "河西农贸市场", (-2700, 700)),
    ("amenity", "library", "文昌图书馆", (-1000, 950)),
    ("amenity", "fuel", "西环加油站", (-3320, -600)),
    ("amenity", "fuel", "北环加油站", (-500, 1720)),
    ("amenity", "fuel", "站北加油站", (700, 2660)),
    ("amenity", "fuel", "南环加油站", (600, -3050)),
]


@dataclass(frozen=True)
class Site:
    """A point that stands at a street: what it is, its name, where, and the township it lies in."""

    kind: str
    name: str
    xy: XY
    township: str
    hours: str = ""


def put_at_streets(points: list[XY], ways: list[Way]) -> list[XY]:
    """Move each point beside the nearest public street: its door is 9 m from the middle of the road."""
    public = [w for w in ways if w.street.name and not w.street.tags]
    lines = shapely.linestrings([w.xy[k : k + 2] for w in public for k in range(len(w.xy) - 1)])
    tree = shapely.STRtree(lines)
    return [_beside(Point(p), lines[tree.nearest(Point(p))]) for p in points]


def _beside(point: Point, line: shapely.LineString) -> XY:
    foot = line.interpolate(line.project(point))
    (ax, ay), (bx, by) = np.asarray(line.coords)
    side = np.array([-(by - ay), bx - ax]) / line.length * 9.0
    if np.dot(side, [point.x - foot.x, point.y - foot.y]) < 0:
        side = -side
    return (round(foot.x + side[0], 1), round(foot.y + side[1], 1))


def make_sites(ways: list[Way], zones: list[tuple[str, shapely.Polygon]]) -> tuple[list[Site], list[Site]]:
    """Put the stations and the hosts on the board.

    Returns
    -------
    tuple
        15 rest stations in town, 14 in the townships and 12 nursing rooms; then the hosts.
    """
    centre = {name: xy for name, xy, _, _ in plan.TOWNSHIPS}
    stations = [(REST, *s) for s in TOWN_REST]
    stations += [(REST, f"{name}爱心驿站", _aside(xy, name, 120), "08:00-18:00") for name, xy in centre.items()]
    stations += [(NURSING, *s) for s in TOWN_NURSING]
    stations += [(NURSING, f"{n}爱心母婴室", _aside(centre[n], n, 90), "08:30-17:30") for n in TOWNSHIP_NURSING]
    hosts = [(kind, name, xy, "") for kind, name, xy in TOWN_HOSTS]
    for i, (name, xy) in enumerate(centre.items()):
        hosts.append((BANK, f"安禾农商银行{name[:-1]}支行", _aside(xy, f"{name} bank", 260), ""))
        hosts.append((POST, f"{name[:-1]}邮政所", _aside(xy, f"{name} post", 260), ""))
        if i % 2 == 0:
            hosts.append((POWER, f"{name[:-1]}供电营业厅", _aside(xy, f"{name} power", 300), ""))
    return _sites(stations, ways, zones), _sites(hosts, ways, zones)


def _aside(xy: XY, key: str, within_m: float) -> XY:
    rng = Random(f"{plan.SEED} {key}")
    return (xy[0] + rng.uniform(-within_m, within_m), xy[1] + rng.uniform(-within_m, within_m))


def _sites(
    rows: list[tuple[str, str, XY, str]], ways: list[Way], zones: list[tuple[str, shapely.Polygon]]
) -> list[Site]:
    placed = put_at_streets([xy for _, _, xy, _ in rows], ways)
    homes: NDArray[np.object_] = np.array([z for _, z in zones])
    out = []
    for (kind, name, _, hours), xy in zip(rows, placed, strict=True):
        home = int(np.argmin(shapely.distance(homes, Point(xy))))
        zone = zones[home][0]
        out.append(Site(kind, name, xy, TOWN if zone.endswith("社区") else zone, hours))
    return out
