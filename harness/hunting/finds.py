"""A folder of finds: of each a scenario to commit, and beside it the test that runs it."""

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


def file_of(kept: Trophy, folder: Path) -> Path:
    """The file of a find's scenario."""
    return folder / f"{kept.name}.yaml"


def _named_apart(kept: Trophy, folder: Path) -> Trophy:
    """Under its own name, or one with a number: nothing else is there, unless it is the same."""
    names = (kept.name if number == 1 else f"{kept.name}-{number}" for number in count(1))
    return next(each for each in map(kept.named, names) if _is_free(each, file_of(each, folder)))


def _is_free(kept: Trophy, file: Path) -> bool:
    return not file.exists() or (file.is_file() and file.read_bytes() == kept.file().encode())
