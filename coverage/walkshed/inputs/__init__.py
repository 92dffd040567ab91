"""Files that planners hold -> checked frames."""

from walkshed.inputs.area import check_area, read_area
from walkshed.inputs.people import check_people, read_people
from walkshed.inputs.stations import check_stations, read_stations
from walkshed.inputs.zones import check_zones, read_zones

__all__ = [
    "check_area",
    "check_people",
    "check_stations",
    "check_zones",
    "read_area",
    "read_people",
    "read_stations",
    "read_zones",
]
