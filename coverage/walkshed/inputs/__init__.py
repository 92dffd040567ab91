"""Files that planners hold -> checked frames."""

from walkshed.inputs.area import check_area, read_area
from walkshed.inputs.closures import read_closures
from walkshed.inputs.grid import make_grid
from walkshed.inputs.people import check_people, read_people
from walkshed.inputs.rasters import is_raster
from walkshed.inputs.selection import near_stations, select_stations
from walkshed.inputs.stations import check_stations, read_stations, understand_stations
from walkshed.inputs.tables import row_numbers
from walkshed.inputs.zones import check_zones, read_zones

__all__ = [
    "check_area",
    "check_people",
    "check_stations",
    "check_zones",
    "is_raster",
    "make_grid",
    "near_stations",
    "read_area",
    "read_closures",
    "read_people",
    "read_stations",
    "read_zones",
    "row_numbers",
    "select_stations",
    "understand_stations",
]
