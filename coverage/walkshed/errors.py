"""The error tree: everything walkshed raises on purpose.

    WalkshedError
    ├── InputError (ValueError)              what the user gave cannot be used
    │   ├── MissingFileError (FileNotFoundError)  no such file
    │   ├── FormatError                      the file is not what its name says, or is damaged
    │   ├── CRSError                         a coordinate system is missing or wrong
    │   └── NoStreetsError                   no walkable street where one is needed
    ├── FetchError (ConnectionError)         the internet, or a server on it, did not answer
    └── OutputError (OSError)                a result could not be written

    InputWarning (UserWarning)               the input was used, but not quite as given

Every message says what was wrong, what was found and what to do, in one line. The command line
prints it and exits with 2.
"""


class WalkshedError(Exception):
    """Base of all errors that walkshed raises on purpose."""


class InputError(WalkshedError, ValueError):
    """What the user gave cannot be used."""


class MissingFileError(InputError, FileNotFoundError):
    """There is no such file."""


class FormatError(InputError):
    """The file is not what its name says, or is damaged."""


class CRSError(InputError):
    """A coordinate system is missing or wrong."""


class NoStreetsError(InputError):
    """There is no walkable street where one is needed."""


class FetchError(WalkshedError, ConnectionError):
    """The internet, or a server on it, did not answer."""


class OutputError(WalkshedError, OSError):
    """A result could not be written."""


class InputWarning(UserWarning):
    """The input was used, but not quite as it was given.

    Attributes
    ----------
    finding
        What was found and where (`inputs.understood.Finding`), where the warning is about rows of a file.
    """

    def __init__(self, message: str = "", finding: object = None) -> None:
        super().__init__(message)
        self.finding = finding
