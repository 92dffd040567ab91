"""The error tree: everything walkshed raises on purpose.

    WalkshedError
    ├── InputError (ValueError)              what the user gave cannot be used
    │   ├── MissingFileError (FileNotFoundError)  no such file
    │   ├── FormatError                      the file is not what its name says, or is damaged
    │   ├── CRSError                         a coordinate system is missing or wrong
    │   ├── NoStreetsError                   no walkable street where one is needed
    │   └── NoStationsError                  no station that could be used
    ├── FetchError (ConnectionError)         the internet, or a server on it, did not answer
    ├── CrewError (ConnectionError)          the cluster that did the work was lost
    └── OutputError (OSError)                a result could not be written

    InputWarning (UserWarning)               the input was used, but not quite as given

Every message says what was wrong, what was found and what to do, in one line. The command line
prints it and exits with 2.
"""

import contextlib
import functools
import os
import sys
import warnings
from pathlib import Path


class WalkshedError(Exception):
    """Base of all errors that walkshed raises on purpose.

    Examples
    --------
    >>> import walkshed as ws
    >>> try:
    ...     ws.read_stations("nowhere.xlsx")
    ... except ws.WalkshedError as error:
    ...     print(type(error).__name__)
    MissingFileError
    """


class InputError(WalkshedError, ValueError):
    """What the user gave cannot be used.

    Examples
    --------
    >>> import walkshed as ws
    >>> ws.Walk(speed=-1)
    Traceback (most recent call last):
    walkshed.errors.InputError: speed: must be a positive number of km/h, e.g. 4.8; found -1
    """


class MissingFileError(InputError, FileNotFoundError):
    """There is no such file.

    Examples
    --------
    >>> import walkshed as ws
    >>> ws.read_streets("nowhere.osm.pbf")
    Traceback (most recent call last):
    walkshed.errors.MissingFileError: ...
    """


class FormatError(InputError):
    """The file is not what its name says, or is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import walkshed as ws
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "county.osm.pbf")
    ...     _ = path.write_bytes(b"no streets")
    ...     ws.read_streets(path)
    Traceback (most recent call last):
    walkshed.errors.FormatError: ...
    """


class CRSError(InputError):
    """A coordinate system is missing or wrong.

    Examples
    --------
    >>> ws.analyze(streets, stations.set_crs(None, allow_override=True))
    Traceback (most recent call last):
    walkshed.errors.CRSError: ...
    """


class NoStreetsError(InputError):
    """There is no walkable street where one is needed.

    Attributes
    ----------
    reached
        Whether the file of streets reaches the area: then there is none to find, rather than a file of another place.

    Examples
    --------
    >>> import networkx as nx
    >>> G = nx.MultiDiGraph(crs="EPSG:4326")
    >>> G.add_nodes_from([(1, {"x": 117.0, "y": 33.0}), (2, {"x": 117.01, "y": 33.0})])
    >>> _ = G.add_edge(1, 2, highway="motorway")
    >>> ws.streets_from_graph(G)
    Traceback (most recent call last):
    walkshed.errors.NoStreetsError: ...
    """

    def __init__(self, message: str = "", *, reached: bool = False) -> None:
        super().__init__(message)
        self.reached = reached


class NoStationsError(InputError):
    """There is no station that could be used.

    Examples
    --------
    >>> far = stations.set_geometry(stations.geometry.translate(5))
    >>> ws.analyze(streets, far)
    Traceback (most recent call last):
    walkshed.errors.NoStationsError: ...
    """


class FetchError(WalkshedError, ConnectionError):
    """The internet, or a server on it, did not answer.

    Examples
    --------
    >>> ws.fetch_area("宝应县, 扬州市", nominatim="http://127.0.0.1:9")  # no server is there
    Traceback (most recent call last):
    walkshed.errors.FetchError: http://127.0.0.1:9: ...
    """


class CrewError(WalkshedError, ConnectionError):
    """The cluster that did the work was lost.

    Examples
    --------
    >>> from walkshed.batch.crew import Crew
    >>> crew = Crew(scheduler="tcp://10.0.0.1:8786")  # raised by run_batch, if nobody answers there
    """


class OutputError(WalkshedError, OSError):
    """A result could not be written.

    Examples
    --------
    >>> ws.write_map(result, "/dev/null/map.html")
    Traceback (most recent call last):
    walkshed.errors.OutputError: ...
    """


class InputWarning(UserWarning):
    """The input was used, but not quite as it was given.

    Attributes
    ----------
    finding
        What was found and where (`inputs.understood.Finding`), where the warning is about rows of a file.

    Examples
    --------
    >>> import warnings
    >>> import walkshed as ws
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", ws.InputWarning)
    ...     stations = ws.read_stations(ws.demo_county().stations)
    """

    def __init__(self, message: str = "", finding: object = None) -> None:
        super().__init__(message)
        self.finding = finding


_NOT_THE_USERS = (f"{Path(__file__).parent}{os.sep}", contextlib.__file__, functools.__file__)
"""Where code lies that no user wrote: the package, and what stands between two of its functions."""


def warn_user(message: str, finding: object = None) -> None:
    """Raise an `InputWarning` that points at the user's own line: the nearest that is not in the package.

    Parameters
    ----------
    message
        One line, or a phrase.
    finding
        As for `InputWarning`.
    """
    level, frame = 1, sys._getframe()
    while frame.f_code.co_filename.startswith(_NOT_THE_USERS) and frame.f_back is not None:
        level, frame = level + 1, frame.f_back
    warnings.warn(InputWarning(message, finding), stacklevel=level)
