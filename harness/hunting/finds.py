"""A folder of finds: of each a scenario to commit, and beside it the test that runs it."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from harness.hunting.trophy import Trophy
from harness.run_dir import write_file


def write_find(kept: Trophy, folder: Path) -> Trophy:
    """Write the files of a find, which is named apart from others of the folder; the find so named.

    Raises NotWritable.
    """
    remedy = "name another folder with --out"
    kept = _named_apart(kept, folder)
    write_file(file_of(kept, folder), kept.file(), remedy)
    write_file(folder / f"{kept.test_name}.py", kept.test(), remedy)
    return kept


def write_scenario(name: str, text: str, folder: Path, remedy: str) -> Path:
    """Write a scenario of this name to a file of its own, beside others; where. Raises NotWritable."""
    file = next(each for each in (folder / f"{one}.yaml" for one in _names(name)) if _is_free(each, text))
    write_file(file, text, remedy)
    return file


def file_of(kept: Trophy, folder: Path) -> Path:
    """The file of a find's scenario."""
    return folder / f"{kept.name}.yaml"


def _named_apart(kept: Trophy, folder: Path) -> Trophy:
    """Under its own name, or one with a number: nothing else is there, unless it is the same."""
    return next(each for each in map(kept.named, _names(kept.name)) if _is_free(file_of(each, folder), each.file()))


def _names(name: str) -> Iterator[str]:
    return (name if number == 1 else f"{name}-{number}" for number in count(1))


def _is_free(file: Path, text: str) -> bool:
    return not file.exists() or (file.is_file() and file.read_bytes() == text.encode())
