"""The world that foreign code lives in: the systems of a run, each under the host names of its faces, and nobody else.

Every system that is there answers as every product that it can be, so that code finds whichever it was written for.
"""

import sys
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC
from functools import partial
from typing import Any

from fakes.company import Company
from fakes.faces.face import Credentials
from fakes.faces.wearing import Wearing
from fakes.names import kind_of
from harness.attempts import place
from harness.foreign.lineage import Lineage
from harness.foreign.registry import GENERIC, faces_of, hosts_of, maker
from reports.wording import several
from sim.foreign.guard import Guard
from sim.foreign.internet import Internet
from sim.http import HttpRequest, HttpResponse


class Town:
    """The faces of a company's systems, by system and name, on an internet behind a guard."""

    def __init__(self, company: Company, seed: int, credentials: Credentials | None = None) -> None:
        wire, calendar = company.wire, company.calendar
        self.internet = Internet(wire.clock)
        self.guard = Guard(self.internet, calendar.local(0).astimezone(UTC), seed)
        self._company = company
        self._credentials = credentials or Credentials()
        self._worn: dict[tuple[str, str], Wearing] = {}
        self._lineage = Lineage(system.publisher for system in company.systems.values())
        for system in company.systems:
            # An ERP of another legal entity is no product of its own.
            for name in faces_of(system) if kind_of(system) == system else (GENERIC,):
                for host in hosts_of(name, system):
                    self.internet.host(host, partial(self._answer, system, name))

    def wearing(self, system: str, name: str) -> Wearing:
        """A system with the face of that name on, which it has from the first time that somebody asks for it."""
        worn = self._worn.get((system, name))
        if worn is None:
            company = self._company
            worn = self._worn[system, name] = Wearing(
                company.systems[system], maker(name, system), company.wire.clock, company.calendar, self._credentials,
                self._lineage.cause,
            )  # fmt: skip
        return worn

    def _answer(self, system: str, name: str, request: HttpRequest) -> Coroutine[Any, Any, HttpResponse | None]:
        return self.wearing(system, name).answer(request)

    def remarks(self) -> list[str]:
        """What the program did that it would not do in life, or that nobody has seen: hosts in vain, errors."""
        said = [
            f"the integration asked for {host} ({several(number, 'time')}), which is nobody's here: "
            f"it can reach {', '.join(self.internet.hosts)}"
            for host, number in Counter(self.internet.refused).items()
        ]
        errors = self.guard.errors
        alike = Counter(f"{type(error).__name__}: {error}" for error in errors)
        where = {f"{type(error).__name__}: {error}": place(error) for error in reversed(errors)}
        said += [
            f"the integration raised {told} {where[told]} ({several(number, 'time')})" for told, number in alike.items()
        ]
        return said

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Have foreign code find this world in place of the machine's; what it is about at the end, it leaves.

        What it prints goes to standard error, as standard output is for data.
        """
        with redirect_stdout(sys.stderr), self.guard.guarded():
            try:
                yield
            finally:
                self.guard.end()
