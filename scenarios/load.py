"""From a scenario's name or file to a valid Scenario, or to a list of all that is wrong with it."""

from collections.abc import Sequence
from pathlib import Path

from yaml import MappingNode

from scenarios import library
from scenarios.check import Expectation, LayerReader, checked
from scenarios.errors import Mistake, ScenarioError
from scenarios.marked import compose, describe, place
from scenarios.overrides import override
from scenarios.schema import Scenario
from scenarios.values import nearest

SUFFIXES = (".yaml", ".yml")
BYTES_MAX = 1 << 20

_BEGIN = "begin with the line name: my-scenario"


def load(
    source: str,
    overrides: Sequence[str] = (),
    expectation: Expectation | None = None,
    layer: LayerReader | None = None,
) -> Scenario:
    """The scenario of a library name or a YAML file's path, with `dotted.key=value` overrides applied in order.

    `expectation` reads the thresholds of `expect`, `layer` the layers that are named, whose meaning is not known here;
    what they refuse is a mistake like any other. Raises ScenarioError with every mistake found.
    """
    if source in library.names():
        return loads(library.text(source), f"{source}.yaml", overrides, expectation, layer)
    return loads(_read(source), source, overrides, expectation, layer)


def loads(
    text: str,
    name: str,
    overrides: Sequence[str] = (),
    expectation: Expectation | None = None,
    layer: LayerReader | None = None,
) -> Scenario:
    """The scenario that a YAML text says; `name` stands for its file in messages."""
    root = compose(text, name)
    if root is None:
        raise _unusable(name, "an empty file" if not text.strip() else "a file of comments alone", "a scenario")
    if not isinstance(root, MappingNode):
        raise _unusable(place(root), describe(root), "a scenario")
    misplaced: list[Mistake] = []
    for said in overrides:
        try:
            override(root, said)
        except ScenarioError as error:
            misplaced.extend(error.mistakes)
    try:
        scenario = checked(root, expectation, layer)
    except ScenarioError as error:
        raise ScenarioError((*error.mistakes, *misplaced)) from None
    if misplaced:
        raise ScenarioError(misplaced)
    return scenario


def _read(source: str) -> str:
    path = Path(source)
    try:
        if path.is_dir():
            raise _unusable(source, "a directory", "a YAML file", _one_in(path))
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _unknown(source) from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or str(error)
        remedy = "check its permissions"
        raise _unusable(source, f"a file that cannot be read ({reason})", "a YAML file", remedy) from error
    if len(data) > BYTES_MAX:
        raise _unusable(source, "more than 1 MiB", "a scenario of a page or two", "name another file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        found = f"the byte 0x{data[error.start]:02X}"
        where = f"{source}:{line}:{column}"
        raise _unusable(where, found, "text in UTF-8", "save the file in that encoding") from error


def _unknown(source: str) -> ScenarioError:
    known = library.names()
    close = nearest(source, known)
    remedy = f'did you mean "{close}"?' if close else f"the library has {', '.join(known)}"
    return _unusable(source, "no such file or scenario", "a YAML file's path or a scenario of the library", remedy)


def _one_in(folder: Path) -> str:
    inside = sorted(entry.name for entry in folder.iterdir() if entry.suffix in SUFFIXES)
    return f"name one file in it, such as {folder / inside[0]}" if inside else "name a file"


def _unusable(where: str, found: str, expected: str, remedy: str = _BEGIN) -> ScenarioError:
    return ScenarioError([Mistake(where, "", found, expected, remedy)])
