"""Replacing a layer in mid-run by another: both are told for a while, then the old one is told no more.

The new layer begins with an inventory of what the systems hold at that instant, and with empty tables. What the old
one has in hand it goes on with. In the overlap both carry the same events: whether that doubles anything depends
on what each of them does about it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fakes.company import Company
from fakes.records import Copy
from harness.connecting import Relayed, connect
from harness.host import Host
from harness.layer import Opening, Selection, Surroundings
from harness.layers import LayerChoice
from harness.store import Store
from sim.delivery import Event
from sim.faults import Crash


@dataclass(frozen=True, slots=True)
class Cutover:
    """The layer that takes over, from when on it is told, and for how long after that the old one still is."""

    choice: LayerChoice
    at_us: int
    overlap_us: int


class Deployment:
    """The hosts of one run: of the layer it begins with and, after a cutover, of the layer that took over."""

    def __init__(
        self,
        company: Company,
        choice: LayerChoice,
        surroundings: Surroundings,
        crashes: Sequence[Crash],
        cutover: Cutover | None = None,
        relayed: Relayed | None = None,
    ) -> None:
        self._company = company
        self._surroundings = surroundings
        self._crashes = crashes
        self._cutover = cutover
        self._relayed = relayed
        self.hosts = [Host(choice, surroundings, crashes)]
        self._subscribe(self.hosts[0])

    def start(self) -> None:
        """Begin the layer's work, and plan its replacement."""
        self.hosts[0].start()
        if self._cutover:
            clock = self._company.wire.clock
            clock.at(self._cutover.at_us, self._take_over, self._cutover)
            clock.at(self._cutover.at_us + self._cutover.overlap_us, self._retire, self.hosts[0])

    def held(self) -> list[tuple[Event, str]]:
        """The events in the hands of any of the layers, each with its target."""
        return [each for host in self.hosts for each in host.layer.held()]

    def parked(self) -> list[tuple[Event, str]]:
        """Those of them that their target refused."""
        return [each for host in self.hosts for each in host.layer.parked()]

    def replay(self, selection: Selection) -> None:
        """Have what was set aside carried again, by whichever layer has it."""
        for host in self.hosts:
            host.replay(selection)

    def served(self) -> dict[str, frozenset[str]]:
        """The targets that each subscription serves, by its name."""
        return {name: endpoint.targets for host in self.hosts for name, endpoint in host.subscribed.items()}

    @property
    def writes(self) -> int:
        """How often the layers have written durably."""
        return sum(host.surroundings.store.writes for host in self.hosts)

    def _subscribe(self, host: Host) -> None:
        taken = {name for other in self.hosts if other is not host for name in other.subscribed}
        for endpoint in host.endpoints:
            if endpoint.source not in self._company.systems:
                continue  # not every company has every system, and not every layer asks
            name = f"{endpoint.name} after cutover" if endpoint.name in taken else endpoint.name
            host.subscribed[name] = endpoint
            connect(self._company.systems[endpoint.source], name, endpoint, host, self._relayed)

    def _take_over(self, cutover: Cutover) -> None:
        wire = self._company.wire
        wire.struck.append((wire.clock.now, "cutover", "cutover", "layer.cutover", ""))
        new = replace(self._surroundings, opening=inventory(self._company), store=Store(), readings={})
        host = Host(cutover.choice, new, self._crashes)
        self._subscribe(host)
        self.hosts.append(host)
        host.start()

    def _retire(self, host: Host) -> None:
        for name, endpoint in host.subscribed.items():
            self._company.systems[endpoint.source].publisher.retire(name)


def inventory(company: Company) -> Opening:
    """What the systems hold at this instant: the oldest record for each key, and the version that all of them bear."""
    orders = company.of_erps(lambda erp: erp.orders.values())
    copies: Sequence[Iterable[Copy]] = (
        company.billing.subscriptions.values(), orders, company.revenue.contracts.values(),
    )  # fmt: skip
    seen: dict[str, list[int]] = {}
    for of_system in copies:
        for copy in of_system:
            seen.setdefault(copy.state.key, []).append(copy.state.version)
    versions = {key: min(borne) for key, borne in seen.items() if len(borne) >= len(copies)}
    return Opening(company.cross_reference(), versions)
