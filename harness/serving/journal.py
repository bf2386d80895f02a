"""A served world's inputs, kept in a file before anybody is told what came of them.

The world is made anew from its scenario and its seed, and the inputs are put in again at their instants: what it was,
it is again. Nothing that was acknowledged is lost when the machine stops dead; what was on its way may be.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from harness.endings import Invalid, NotWritable
from harness.serving.inputs import Input

APPLICATION = 0x7465_6F74
"""What the file's header says that it is: SQLite's application_id."""

_TABLES = """
create table if not exists plan (digest text not null, scenario text not null, stood_us integer not null);
create table if not exists inputs (number integer primary key, at_us integer not null, kind text not null,
    what text not null, body blob not null);
"""


class Keeps(Protocol):
    """Who keeps inputs."""

    def note(self, said: Input) -> None:
        """Take an input in."""

    async def safe(self) -> None:
        """Return when all that was taken in so far will outlive this process, and the machine's power."""

    def forget(self) -> None:
        """Have all that was taken in so far be gone, once what follows is safe."""


class Forgetful:
    """Keeps nothing."""

    def note(self, said: Input) -> None:
        """Take an input in."""

    async def safe(self) -> None:
        """There is nothing to lose."""

    def forget(self) -> None:
        """There is nothing to forget."""


class Journal:
    """Inputs in an SQLite file, of the world whose plan has this digest. `stood_us` says where its clock stands.

    Raises NotWritable where there can be no such file, and Invalid where it is another world's.
    """

    def __init__(self, path: Path, digest: str, scenario: str, stood_us: Callable[[], int]) -> None:
        self._path = path
        self._stood_us = stood_us
        self._thread = ThreadPoolExecutor(1, "tieout-state")
        self._taken: list[Input | None] = []
        self._count = self._safe = 0
        self._writing: asyncio.Task[None] | None = None
        try:
            self._file = self._thread.submit(_opened, path, digest, scenario).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def inputs(self) -> Iterator[Input]:
        """Those that were kept, in their order. Raises Invalid where they cannot be read any more."""
        for _, at_us, kind, what, body in self._read("select * from inputs order by number"):
            try:
                yield Input(at_us, kind, json.loads(what), body)
            except ValueError as error:
                raise self._damaged(error) from error

    def stood_us(self) -> int:
        """Where the clock stood when it was last noted."""
        ((stood_us,),) = self._read("select stood_us from plan")
        return int(stood_us)

    def _read(self, query: str) -> list[Any]:
        try:
            return self._thread.submit(lambda: self._file.execute(query).fetchall()).result()
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> Invalid:
        return Invalid(f"{self._path} is damaged ({error}): bring back a copy of it, or name another file with --state")

    def note(self, said: Input) -> None:
        """Take an input in."""
        self._taken.append(said)
        self._count += 1

    def forget(self) -> None:
        """Have all that was taken in so far be gone, once what follows is safe."""
        self._taken.append(None)
        self._count += 1

    async def safe(self) -> None:
        """Return when all that was taken in so far is on the disk. Raises NotWritable."""
        count = self._count
        while self._safe < count:
            await self._written()

    async def stand(self) -> None:
        """Note where the clock stands now. Raises NotWritable."""
        if self._writing is not None and not self._writing.done():
            await asyncio.shield(self._writing)  # it may have read the clock before
        await self._written()

    def close(self) -> None:
        """Let go of the file."""
        self._thread.submit(self._file.close).result()
        self._thread.shutdown()

    async def _written(self) -> None:
        """Return when the write that is under way is done, or one that begins now."""
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write())
        await asyncio.shield(self._writing)

    async def _write(self) -> None:
        taken, self._taken = self._taken, []
        stood_us = self._stood_us()
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._commit, taken, stood_us)
        except sqlite3.Error as error:
            self._taken[:0] = taken
            raise NotWritable(f"{self._path} can no longer be written ({error}): nothing is acknowledged") from error
        self._safe += len(taken)

    def _commit(self, taken: list[Input | None], stood_us: int) -> None:
        with self._file:
            for said in taken:
                if said is None:
                    self._file.execute("delete from inputs")
                else:
                    row = (said.at_us, said.kind, json.dumps(said.what), said.body)
                    self._file.execute("insert into inputs (at_us, kind, what, body) values (?, ?, ?, ?)", row)
            self._file.execute("update plan set stood_us = ?", (stood_us,))


def _opened(path: Path, digest: str, scenario: str) -> sqlite3.Connection:
    try:
        file = sqlite3.connect(path, timeout=0.5, isolation_level="IMMEDIATE")
    except sqlite3.Error as error:
        raise NotWritable(f"{path} cannot be opened ({error}): name another file with --state") from error
    try:
        _begin(file, path, digest, scenario)
    except sqlite3.Error as error:
        file.close()
        raise NotWritable(
            f"{path} is no state of a world, or another process has it ({error}): name another file with --state"
        ) from error
    except BaseException:
        file.close()
        raise
    return file


def _begin(file: sqlite3.Connection, path: Path, digest: str, scenario: str) -> None:
    file.execute("pragma locking_mode = exclusive")
    (application,) = file.execute("pragma application_id").fetchone()
    (tables,) = file.execute("select count(*) from sqlite_master").fetchone()
    if application != APPLICATION and tables:
        raise Invalid(f"{path} is another program's database: name another file with --state")
    file.execute("pragma journal_mode = wal")
    file.execute("pragma synchronous = full")
    file.execute(f"pragma application_id = {APPLICATION}")
    file.executescript(_TABLES)
    known = file.execute("select digest, scenario from plan").fetchone()
    with file:
        if known is None:
            file.execute("insert into plan values (?, ?, 0)", (digest, scenario))
        elif known[0] != digest:
            raise Invalid(
                f"{path} is the state of another world, of the scenario {known[1]}: serve it with the same version, "
                "scenario, --seed, --faces, --clock and --webhook-url as then, or name another file with --state"
            )
        file.execute("update plan set digest = digest")  # takes the lock, for as long as the file is open
