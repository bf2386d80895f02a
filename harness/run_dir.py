"""A run's directory, and a single file: written whole or not at all.

What is written goes to a hidden neighbour first, which takes the target's place in one step at the end.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from harness.endings import NotWritable

MANIFEST = "manifest.json"
MANIFEST_SCHEMA = "tieout.manifest/1"


def ensure_writable(target: Path) -> None:
    """Raise NotWritable, before any work is done, if a run directory cannot be made at `target`."""
    with _named(target, "name another folder with --out"):
        place = _real(target)
        if place.exists():
            _ensure_ours(target)
        _probe(place.parent)


def ensure_folder_writable(folder: Path, option: str) -> None:
    """Raise NotWritable, before any work is done, if no file can be written in `folder`, which `option` names."""
    if folder.exists() and not folder.is_dir():
        raise NotWritable(f"{folder} is no folder: name a folder with {option}")
    with _named(folder, f"name another folder with {option}"):
        _probe(_real(folder))


def ensure_file_writable(target: Path, option: str) -> None:
    """Raise NotWritable if a file cannot be written at `target`, which was named with `option`."""
    if target.is_dir():
        raise NotWritable(f"{target} is a folder: name a file with {option}")
    if target.exists() and not target.is_file():
        raise NotWritable(f"{target} is a device or a pipe, which would be replaced: name a file with {option}")
    with _named(target, f"name another file with {option}"):
        written = target.read_bytes().lstrip() if target.exists() else b""
        if written and not written.startswith(b"<"):
            raise NotWritable(f"{target} is a file that is no XML, and not ours to replace: name another with {option}")
    with _named(target, f"name another file with {option}"):
        _probe(_real(target).parent)


def ensure_file_appendable(target: Path, option: str) -> None:
    """Raise NotWritable if nothing can be appended to the file `target`, which was named with `option`."""
    if target.is_dir():
        raise NotWritable(f"{target} is a folder: name a file with {option}")
    with _named(target, f"name another file with {option}"):
        if target.exists():
            target.open("ab").close()
        else:
            _probe(_real(target).parent)


@contextmanager
def whole_directory(target: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `target` once the block ends, and vanishes if it does not end well."""
    ensure_writable(target)
    with _named(target, "nothing of it was kept; free some space, or name another folder with --out"):
        place = _real(target)
        with _parents(place.parent):
            partial = place.with_name(f".{place.name}.partial-{os.getpid()}")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            try:
                yield partial
                _replace(partial, place)
            finally:
                shutil.rmtree(partial, ignore_errors=True)


def write_file(target: Path, text: str, remedy: str) -> None:
    """Write a text file, whole or not at all. Raises NotWritable, whose message ends with the remedy."""
    with _named(target, remedy), _parents(_real(target).parent):
        replace_file(target, text.encode())


def append_to_file(target: Path, text: str, remedy: str) -> None:
    """Append text to a file, which need not be there. Raises NotWritable, whose message ends with the remedy."""
    with _named(target, remedy), _parents(_real(target).parent), target.open("ab") as file:
        file.write(text.encode())


def replace_file(target: Path, data: bytes) -> None:
    """Write a file, whole or not at all. Raises OSError."""
    place = _real(target)
    partial = place.with_name(f".{place.name}.partial-{os.getpid()}")
    try:
        partial.write_bytes(data)
        partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)


def write_json(path: Path, document: Any) -> None:
    """Write a document as JSON for people and programs alike."""
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def link_latest(target: Path) -> None:
    """Point `latest` beside the run to it, where links can be made."""
    link = target.parent / "latest"
    with suppress(OSError):  # a file system without links: the path printed at the end is enough
        if link.is_symlink():
            link.unlink()
        if not link.exists():
            link.symlink_to(target.name)


def _real(target: Path) -> Path:
    """Where a path leads, links followed: Path.resolve would raise on a loop of links, before we can say so."""
    return Path(os.path.realpath(target))


def _ensure_ours(target: Path) -> None:
    """What stands at the target may be replaced: an empty folder, or the directory of an earlier run."""
    if not target.is_dir():
        raise NotWritable(f"{target} is a file: name a folder with --out")
    if any(target.iterdir()) and not _is_run(target):
        raise NotWritable(f"{target} is a folder with files that are no run's: name another folder with --out")


def _is_run(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("schema") == MANIFEST_SCHEMA


def _probe(folder: Path) -> None:
    """Raise OSError if nothing can be made in `folder`, or in the nearest folder above it that is there."""
    while not folder.exists() and not folder.is_symlink():
        folder = folder.parent
    if not folder.is_dir():
        what = "a link that leads nowhere" if folder.is_symlink() else "a file"
        raise NotADirectoryError(None, f"{folder} is {what}, not a folder")
    trial = folder / f".tieout-probe-{os.getpid()}"
    trial.mkdir()
    trial.rmdir()


@contextmanager
def _parents(folder: Path) -> Iterator[None]:
    """Make a folder and those above it; those made that are still empty afterwards are taken away again."""
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for each in made:
            with suppress(OSError):
                each.rmdir()


def _replace(partial: Path, place: Path) -> None:
    """Put the new folder in the place of the old, which stays if that fails."""
    if not place.exists():
        partial.rename(place)
        return
    old = place.with_name(f".{place.name}.old-{os.getpid()}")
    shutil.rmtree(old, ignore_errors=True)
    place.rename(old)
    try:
        partial.rename(place)
    except BaseException:
        old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _named(target: Path, remedy: str) -> Iterator[None]:
    """Turn what the system has against writing `target` into a message that ends with the remedy."""
    try:
        yield
    except OSError as error:
        raise NotWritable(f"cannot write {target} ({error.strerror or error}): {remedy}") from error
