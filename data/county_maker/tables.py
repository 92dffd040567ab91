"""The tables and outlines: workbook, CSV and GeoPackages, each saying in itself that it is synthetic."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
import xlsxwriter
from shapely.geometry.base import BaseGeometry

from county_maker import plan
from county_maker.shapes import to_lon_lat
from county_maker.sites import NURSING, SERVED, SERVED_NURSING, Site
from walkshed.inputs.datum import from_wgs84

HEADINGS = ["编号", "站点名称", "类别", "经度", "纬度", "开放时间", "服务对象", "所属镇"]
STATED = {"wgs84": "WGS 84（EPSG:4326）", "gcj02": "GCJ-02（高德）"}


def write_stations(stations: list[Site], path: Path, datum: str = "wgs84") -> None:
    """Write the stations as a workbook, in a datum: headings in the first row, the note on a second sheet."""
    book = xlsxwriter.Workbook(str(path))
    stamp = datetime.fromisoformat(plan.DATE).astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": f"安禾县站点（{plan.NOTE}）", "comments": plan.NOTE_EN, "created": stamp})
    sheet = book.add_worksheet("站点")
    sheet.write_row(0, 0, HEADINGS, book.add_format({"bold": True}))
    sheet.freeze_panes(1, 0)
    for column, width in enumerate([9, 28, 12, 12, 11, 24, 44, 12]):
        sheet.set_column(column, column, width)
    degrees = _degrees([s.xy for s in stations], datum)
    for row, (site, (lon, lat)) in enumerate(zip(stations, degrees, strict=True), start=1):
        served = SERVED_NURSING if site.kind == NURSING else SERVED
        sheet.write_row(row, 0, [f"AH{row:03d}", site.name, site.kind, lon, lat, site.hours, served, site.township])
    note = book.add_worksheet("说明")
    note.write_column(0, 0, [plan.NOTE, plan.NOTE_EN, f"坐标系：{STATED[datum]}"])
    book.close()


def write_hosts(hosts: list[Site], path: Path) -> None:
    """Write the hosts as CSV, UTF-8 with the mark that Excel looks for."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, lineterminator="\r\n")
        table.writerow(["名称", "类别", "经度", "纬度", "备注"])
        for site, (lon, lat) in zip(hosts, _degrees([s.xy for s in hosts]), strict=True):
            table.writerow([site.name, site.kind, f"{lon:.6f}", f"{lat:.6f}", plan.NOTE])


def write_zones(zones: list[tuple[str, BaseGeometry]], people: list[int], path: Path) -> None:
    """Write the zones with their people."""
    names = [name for name, _ in zones]
    frame = gpd.GeoDataFrame({"名称": names, "人口": people}, geometry=on_ground([z for _, z in zones]), crs=4326)
    _write(frame, path, "zones")


def write_area(name: str, area: BaseGeometry, path: Path) -> None:
    """Write an outline as one polygon."""
    frame = gpd.GeoDataFrame({"名称": [name]}, geometry=on_ground([area]), crs=4326)
    _write(frame, path, path.stem)


def _write(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    path.unlink(missing_ok=True)
    # GDAL stamps the time of writing into the file unless it is told what time it is.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": plan.DATE.replace("Z", ".000Z")})
    frame.to_file(
        path,
        layer=layer,
        driver="GPKG",
        engine="pyogrio",
        SPATIAL_INDEX="NO",
        IDENTIFIER=f"{layer}（{plan.NOTE}）",
        DESCRIPTION=f"{plan.NOTE}. {plan.NOTE_EN}",
    )
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def on_ground(geometries: list[BaseGeometry]) -> list[BaseGeometry]:
    """Move geometries from the board to the ground."""
    return list(shapely.transform(np.array(geometries), to_lon_lat()))


def _degrees(points: list[tuple[float, float]], datum: str = "wgs84") -> list[tuple[float, float]]:
    # Rounded as WGS 84 first: lists in two datums then say the same places.
    lonlat = _rounded(to_lon_lat()(np.array(points)))
    return lonlat if datum == "wgs84" else _rounded(from_wgs84(np.array(lonlat), datum))


def _rounded(lonlat: np.ndarray) -> list[tuple[float, float]]:
    return [(round(float(x), 6), round(float(y), 6)) for x, y in lonlat]
