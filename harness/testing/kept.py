"""Examples that failed, kept in a folder of the project, one small JSON file each, until they pass.

A file's name follows from the test and the seed, so that an example that fails again replaces itself.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

SCHEMA = "tieout.failure/1"


@dataclass(frozen=True, slots=True)
class Example:
    """A run that failed a test. `pinned` says that the test itself names the seed; `told` is the first line of why."""

    test: str
    seed: int
    scenario: str
    layer: str
    overrides: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    pinned: bool = False
    replay: str = ""
    told: str = ""


def read(folder: Path) -> list[Example]:
    """The examples in a folder, by file name. What is no example of ours is passed over."""
    if not folder.is_dir():
        return []
    return [found for path in sorted(folder.glob("*.json")) if (found := _read(path))]


def keep(folder: Path, example: Example) -> None:
    """Write an example, whole or not at all. Raises OSError."""
    from harness.run_dir import replace_file  # noqa: PLC0415  only who fails writes

    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"schema": SCHEMA, **asdict(example)}, indent=1, ensure_ascii=False)
    replace_file(_place(folder, example.test, example.seed), f"{text}\n".encode())


def forget(folder: Path, test: str, seeds: Iterable[int]) -> None:
    """Remove a test's examples with these seeds, if they are there. Raises OSError."""
    for seed in seeds:
        _place(folder, test, seed).unlink(missing_ok=True)


def _place(folder: Path, test: str, seed: int) -> Path:
    name = test.rpartition("::")[2]
    word = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)[:40]
    return folder / f"{word}-seed{seed}-{blake2b(test.encode(), digest_size=4).hexdigest()}.json"


def _read(path: Path) -> Example | None:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said.pop("schema") != SCHEMA:
            return None
        return Example(**{**said, "overrides": tuple(said["overrides"]), "expected": tuple(said["expected"])})
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
