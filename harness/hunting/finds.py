"""A folder of finds: of each a scenario to commit, and beside it the test that runs it."""

from pathlib import Path

from harness.hunting.trophy import Trophy
from harness.run_dir import write_file


def write_find(kept: Trophy, folder: Path) -> Path:
    """Write the files of a find; that of its scenario. Raises NotWritable."""
    remedy = "name another folder with --out"
    file = folder / f"{kept.name}.yaml"
    write_file(file, kept.file(), remedy)
    write_file(folder / f"{kept.test_name}.py", kept.test(), remedy)
    return file
