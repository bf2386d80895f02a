"""The internet of a run: host names that somebody plays. No other can be reached."""

import socket
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

from sim.clock import Clock
from sim.foreign.refusal import call_site
from sim.http import HttpRequest, HttpResponse

Answer: TypeAlias = Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse | None]]
"""Whoever plays a host: the answer to a request, in its time; None if none will ever come."""


PORTS = {"http": 80, "https": 443}


class UnknownHost(socket.gaierror):
    """Code asked for a host that nobody plays. `args` are the number that name servers give, and what is to be read."""

    @classmethod
    def named(cls, host: str, known: str) -> "UnknownHost":
        """The error for a host, at the line that asks for it."""
        told = f"{host} is nobody's in this run (asked for at {call_site()}): it can reach {known}"
        return cls(socket.EAI_NONAME, told)


class Internet:
    """Who plays which host. `*.example.com` stands for all names below that one. `refused` are the others asked for."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.refused: list[str] = []
        self._players: dict[str, Answer] = {}
        self._addresses: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def host(self, name: str, answer: Answer) -> None:
        """Have `answer` play a host."""
        self._players[name.lower()] = answer

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that somebody plays."""
        return tuple(self._players)

    def player(self, host: str) -> Answer:
        """Who plays a host, by its name or address. Raises UnknownHost."""
        name = self._names.get(host, host).lower()
        known = self._players.get(name)
        while known is None and "." in name:
            name = name.partition(".")[2]
            known = self._players.get(f"*.{name}")
        if known is None:
            self.refused.append(host)
            raise UnknownHost.named(host, ", ".join(self._players) or "none")
        return known

    def address(self, host: str) -> str:
        """The address of a host, of a network that is kept free for tests (RFC 2544). Raises UnknownHost."""
        if host in self._names:
            return host
        self.player(host)
        address = self._addresses.get(host)
        if address is None:
            number = len(self._addresses) + 1
            address = self._addresses[host] = f"198.18.{number >> 8}.{number & 255}"
            self._names[address] = host
        return address

    def name(self, address: str) -> str:
        """The host of an address, or what was given if it is none."""
        return self._names.get(address, address)

    def addresses(self, host: str | bytes | None, port: str | int | None) -> list[tuple[Any, ...]]:
        """What `getaddrinfo` says of a host. Raises UnknownHost."""
        name = host.decode() if isinstance(host, bytes) else host or "localhost"
        number = PORTS.get(port) if isinstance(port, str) else port
        known = self.address(name), int(port or 0) if number is None else number
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", known)]
