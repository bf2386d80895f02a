"""A served world: a company, its business and its faults, and no integration but whoever calls its faces.

It knows no wall clock, and nobody calls it but in plain calls: with the plan, the inputs decide all that happens. The
order in which the same inputs come at the same instants into a fresh world is all that it takes to have it again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from fakes.company import Company
from fakes.faces.wearing import Wearing
from fakes.names import kind_of, legal_entity_of
from harness.agreed import Agreed
from harness.cutover import Deployment
from harness.foreign.lineage import Lineage
from harness.foreign.registry import GENERIC
from harness.layer import LayerCounts
from harness.serving.inputs import Input, request_of
from harness.serving.outside import CHOICE, Post, Webhook
from harness.serving.plan import Plan, make_of
from harness.serving.switching import Switches
from harness.serving.unbroken import unbroken
from harness.simulation import Simulation, founded, sales
from scenarios.compile import faults_of, habits_of, policies_of, setups_of
from sim.chance import Stream
from sim.clock import Clock
from sim.delivery import Event
from sim.http import HttpRequest, HttpResponse
from sim.network import Wire
from sim.trace import Trace

Answered: TypeAlias = Callable[[HttpResponse | None], None]
"""Told the answer to a request, in its time; None if none will ever come."""


@dataclass(slots=True)
class Requests:
    """How the requests to a face have ended, by what their clients were told. `open` are still under way."""

    open: int = 0
    ok: int = 0
    refused: int = 0
    throttled: int = 0
    failed: int = 0
    unanswered: int = 0

    def count(self, answer: HttpResponse | None) -> None:
        """Take note of an answer."""
        self.open -= 1
        if answer is None:
            self.unanswered += 1
        elif answer.status == 429:
            self.throttled += 1
        elif answer.status >= 500:
            self.failed += 1
        elif answer.status >= 400:
            self.refused += 1
        else:
            self.ok += 1


@dataclass(slots=True)
class Dressed:
    """A system with its face on, and what has become of the requests to it."""

    system: str
    product: str
    worn: Wearing
    requests: Requests = field(default_factory=Requests)


class World:
    """One world, from its first instant on. Webhooks leave it by `send`."""

    def __init__(self, plan: Plan, agreed: Agreed, send: Callable[[Webhook], None]) -> None:
        scenario, seed, truth = plan.scenario, plan.seed, agreed.truth
        self.plan, self.agreed = plan, agreed
        faults = faults_of(scenario, seed)
        ties = None if scenario.tie_seed is None else Stream(scenario.tie_seed, "ties")
        wire = Wire(Clock(ties), Trace())
        self.clock = wire.clock
        patient = {
            name: replace(
                setup,
                delivery=replace(setup.delivery, ack_timeout_us=setup.delivery.ack_timeout_us * plan.patience),
            )
            for name, setup in setups_of(scenario).items()
        }
        self.company, surroundings = founded(
            wire, agreed.calendar, truth, patient, faults, seed,
            policies=policies_of(scenario), habits=habits_of(scenario),
        )  # fmt: skip
        self.faces = _dressed(self.company, plan)
        self._face_of = {face.system: face for face in self.faces.values()}
        self.post = Post(self.clock, send, self._tells, self._beside, to_anybody=plan.told)
        surroundings.outside = self.post
        deployment = Deployment(self.company, CHOICE, surroundings, crashes=[])
        self.simulation = Simulation(
            agreed.calendar, truth, faults, wire, self.company, deployment, surroundings, LayerCounts()
        )
        self.switches = Switches(self.simulation)
        self.company.start()
        deployment.start()
        self.clock.spawn(sales(self.company, truth))

    @property
    def open_requests(self) -> int:
        """How many requests have come in and have no answer yet."""
        return sum(face.requests.open for face in self.faces.values())

    def apply(self, said: Input, answered: Answered | None = None) -> None:
        """Let time pass up to an input's instant, and the input be true. Raises Unswitchable for a fault."""
        self.clock.pass_to(said.at_us)
        match said.kind:
            case "ask":
                self._ask(self.faces[said.what["face"]], request_of(said), answered)
            case "heard":
                self.post.heard(said.what["number"], said.what["accepted"])
            case "fault":
                self.switches.turn(said.what)
            case "clock":
                pass
        self.clock.pass_to(said.at_us)
        self.simulation.trace.put_aside()

    def face_of(self, system: str) -> Dressed:
        """The face of a system, by the system's name."""
        return self._face_of[system]

    def _ask(self, face: Dressed, request: HttpRequest, answered: Answered | None) -> None:
        async def asked() -> None:
            answer = await face.worn.answer(request)
            face.requests.count(answer)
            if answered is not None:
                answered(answer)

        face.requests.open += 1
        self.clock.spawn(asked())

    def _beside(self, source: str) -> frozenset[str]:
        return self._face_of[source].worn.face.tells

    def _tells(self, source: str, event: Event) -> bool:
        return self._face_of[source].worn.face.webhook(event, self.clock.now) is not None


def _dressed(company: Company, plan: Plan) -> dict[str, Dressed]:
    """Every system of a company in its face, by the name that is told of it: the product's, or the system's own."""
    lineage = Lineage(system.publisher for system in company.systems.values())
    faces: dict[str, Dressed] = {}
    for name, system in company.systems.items():
        product = plan.products[kind_of(name)]
        worn = Wearing(
            system,
            unbroken(make_of(product, name)),
            company.wire.clock,
            company.calendar,
            plan.credentials,
            lineage.cause,
            shared_clock=False,
        )
        entity = legal_entity_of(name)
        called = name if product == GENERIC else worn.face.name + (f"-{entity}" if entity else "")
        faces[called] = Dressed(name, product, worn)
    return faces
