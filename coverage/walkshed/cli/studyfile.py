"""Study files: the options of ``walkshed report``, written down as TOML.

The options of the command are the one list of keys there is: an option that is added to it can be written in a study
file at once, and stands in what ``walkshed init`` writes.
"""

import difflib
import inspect
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from walkshed.cli.faults import Faults
from walkshed.errors import FormatError, InputError, MissingFileError
from walkshed.phrases import Phrase

MAX_BYTES = 4_000_000
"""No study takes more text than this: a larger file is something else."""

BATCH_TABLES = ("defaults", "split", "study")
"""Tables that make a file one of many studies."""

_WANTED = {
    Path: "the name of a file or folder in quotes",
    str: "text in quotes",
    float: "a number",
    int: "a whole number",
    bool: "true or false",
}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One key of a study file: an option of the command line.

    Attributes
    ----------
    key
        As the option is called: ``off-street``.
    name
        The parameter that takes it: ``off_street``.
    kind
        Path, str, float, int or bool.
    many
        Whether it takes a list.
    default
        Value without it; `inspect.Parameter.empty` where one must be given.
    says
        The option's help.
    shown
        The default as the help words it.
    """

    key: str
    name: str
    kind: type
    many: bool
    default: Any
    says: str
    shown: str

    @property
    def required(self) -> bool:
        """Whether a study must have it."""
        return self.default is inspect.Parameter.empty


def settings_of(command: Callable[..., None]) -> dict[str, Setting]:
    """List what can be set for a command: key -> setting, in the order of its options."""
    settings = (_setting(p) for p in inspect.signature(command).parameters.values())
    return {setting.key: setting for setting in settings}


def _setting(parameter: inspect.Parameter) -> Setting:
    hint, option = get_args(parameter.annotation)[:2] if _is_annotated(parameter) else (parameter.annotation, None)
    kind, many = _kind(hint)
    # Inside Annotated the first name of an option stands where its default would.
    named = (getattr(option, "default", None), *(getattr(option, "param_decls", None) or ()))
    flags = [flag for flag in named if isinstance(flag, str) and flag.startswith("--")]
    return Setting(
        key=flags[0].partition("/")[0].removeprefix("--") if flags else parameter.name.replace("_", "-"),
        name=parameter.name,
        kind=kind,
        many=many,
        default=parameter.default,
        says=getattr(option, "help", None) or "",
        shown=shown if isinstance(shown := getattr(option, "show_default", None), str) else "",
    )


def _is_annotated(parameter: inspect.Parameter) -> bool:
    return get_origin(parameter.annotation) is Annotated


def _kind(hint: Any) -> tuple[type, bool]:
    """Tell what a type hint takes, and whether it is a list; what is no plain type is written as text."""
    if get_origin(hint) in (Union, UnionType):
        hint = next(part for part in get_args(hint) if part is not NoneType)
    many = get_origin(hint) in (list, tuple)
    kind = get_args(hint)[0] if many else hint
    return kind if kind in _WANTED else str, many


def read_toml(path: Path, init: str = "walkshed init") -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path
        The file.
    init
        The command that writes one.

    Raises
    ------
    MissingFileError
        If there is no such file.
    FormatError
        If it is no TOML, or no UTF-8, or far too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise MissingFileError(Phrase("asked.no_study", path=path, init=init)) from None
    except (OSError, ValueError) as fault:  # ValueError: a NUL in the name
        raise InputError(f"{path}: cannot be read ({fault}); check its name and permissions") from fault
    if len(content) > MAX_BYTES:
        raise FormatError(f"{path}: over {MAX_BYTES:,} bytes, and a study takes a few hundred; give another file")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise FormatError(f"{path}: is not UTF-8 ({fault.reason}, byte {fault.start}); save it as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise FormatError(f"{path}: is not TOML ({fault}); mend it there") from None


def options_of(
    table: Mapping[str, Any], settings: Mapping[str, Setting], folder: Path, where: str, *, whole: bool = True
) -> dict[str, Any]:
    """Turn the keys of a study into the parameters of the command.

    Parameters
    ----------
    table
        Key -> value, as TOML has them.
    settings
        What can be set.
    folder
        What paths are relative to.
    where
        The file, and the table in it, for messages.
    whole
        Whether what must be given has to stand here.

    Returns
    -------
    dict
        Name of the parameter -> value; only what was given.

    Raises
    ------
    InputError
        If a key is unknown, naming the nearest; if a value is of another kind; if a key is missing.
    """
    faults = Faults()
    with faults.gathered():
        refuse_unknown(table, settings, where)
    given = {}
    for key, value in table.items():
        if key in settings:
            with faults.gathered():
                given[settings[key].name] = _value(settings[key], value, folder, where)
    faults.refuse()
    missing = [key for key, setting in settings.items() if setting.required and key not in table]
    if whole and missing:
        raise InputError(f"{where}: {missing[0]} is missing; write {missing[0]} = {_WANTED[settings[missing[0]].kind]}")
    return given


def refuse_unknown(table: Mapping[str, Any], known: Mapping[str, Any], where: str) -> None:
    """Refuse a key that there is not, with the nearest one that there is.

    Raises
    ------
    InputError
        Naming it.
    """
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key.replace("_", "-").lower(), list(known), n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"
            raise InputError(f"{where}: there is no key {key!r}; {hint}")


def _value(setting: Setting, value: Any, folder: Path, where: str) -> Any:
    if setting.many:
        # MEANING = "HEADING" reads better as a table than as text with a sign in it.
        many = [f"{k}={v}" for k, v in value.items()] if isinstance(value, dict) else value
        many = many if isinstance(many, list) else [many]
        return [_one(setting, item, folder, where) for item in many]
    return _one(setting, value, folder, where)


def _one(setting: Setting, value: Any, folder: Path, where: str) -> Any:
    kind = setting.kind
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is Path and isinstance(value, str) and value.strip():
        return folder / Path(value).expanduser()
    if kind is str and (number or isinstance(value, date | datetime | time)):
        return f"{value:g}" if number else value.isoformat()
    if (kind is float and number) or (type(value) is kind and kind is not Path):
        return kind(value)
    raise InputError(f"{where}: {setting.key} must be {_WANTED[kind]}; found {str(value)[:60]!r}")


@contextmanager
def of_file(where: object) -> Iterator[None]:
    """Name the file in what is refused of its values.

    Raises
    ------
    InputError
        As it was raised, with `where` before it.
    """
    try:
        yield
    except InputError as fault:
        raise InputError(Phrase("asked.in_file", where=where, why=fault.args[0])) from fault


def read_study_options(path: Path, command: Callable[..., None]) -> dict[str, Any]:
    """Read a study file as the parameters of a command, what it leaves out at its default.

    Raises
    ------
    InputError
        As `read_toml` and `options_of`.
    """
    settings, table = settings_of(command), read_toml(path)
    if any(key in table for key in BATCH_TABLES):
        raise InputError(Phrase("asked.is_batch", path=path))
    given = options_of(table, settings, path.parent, str(path))
    return {setting.name: setting.default for setting in settings.values()} | given
