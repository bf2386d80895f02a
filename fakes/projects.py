"""The project core: projects of contracts for services, the time worked, what customers accept, and change orders.

People enter what happens to a project. Until a contract's project is there they keep it on paper, and enter it then,
in the order in which it happened.
"""

from collections.abc import Sequence

from fakes.agreements import Contract, Fulfilment
from fakes.news import News
from fakes.records import Project, Void, oldest_live, receipt, receipts
from fakes.service import Operation, Operations, Refused
from fakes.validation import valid_contract
from sim.record import Record


class CreateProject(Record):
    """Set up the project of a contract in its present state."""

    state: Contract


class FindProjects(Record):
    """List a contract's live projects, oldest first; lists are consistent."""

    contract: str


class VoidProject(Record):
    """Void a project, for good. One that is void already stays so."""

    project: str
    reason: str
    by: str = "integration"


class GetProject(Record):
    """Read the newest state of a contract, as its project has it."""

    contract: str


class GetFulfilment(Record):
    """Read time that was approved or what was accepted, by its key."""

    fulfilment: str


class Projects:
    """Projects by id. Time is handed in; `news` is what it has to tell."""

    def __init__(self) -> None:
        self.projects: dict[str, Project] = {}
        self.fulfilments: dict[str, Fulfilment] = {}
        self.news: list[News] = []
        self._by_contract: dict[str, list[Project]] = {}
        self._on_paper: dict[str, list[Fulfilment | Contract]] = {}
        self._changed: dict[str, Contract] = {}

    @property
    def operations(self) -> Operations:
        """What integrations can ask of the project system."""
        return {
            CreateProject: Operation("create_project", self._create_project, receipt),
            FindProjects: Operation("find_projects", self._find_projects, receipts),
            VoidProject: Operation("void_project", self._void_project, receipt),
            GetProject: Operation("get_project", self._get_project),
            GetFulfilment: Operation("get_fulfilment", self._get_fulfilment),
        }

    def preload(self, contract: Contract, rendered: Sequence[Fulfilment] = ()) -> None:
        """Take over a contract's project from before the run, with what was delivered."""
        self._add(contract, 0)
        self.fulfilments.update((one.key, one) for one in rendered)

    def enter(self, happened: Fulfilment | Contract, now_us: int) -> None:
        """People enter what was delivered, or a contract's next version by a change order."""
        key = happened.contract if isinstance(happened, Fulfilment) else happened.key
        project = self._of(key)
        if project is None:
            self._on_paper.setdefault(key, []).append(happened)
        else:
            self._enter(project, happened, now_us)

    def _enter(self, project: Project, happened: Fulfilment | Contract, now_us: int) -> None:
        if isinstance(happened, Fulfilment):
            self.fulfilments[happened.key] = happened
            word = "milestone_accepted" if happened.accepted else "time_approved"
            self.news.append(News(word, happened.key, 1, happened))
            return
        self._changed[happened.key] = happened
        self._bring_up(project, now_us)
        self.news.append(News("change_order_approved", happened.key, happened.version, happened))

    def _bring_up(self, project: Project, now_us: int) -> None:
        """Have a project at the newest change order: people go on in another where theirs was voided."""
        newest = self._changed.get(project.state.key)
        if newest is not None and newest.version > project.state.version:
            project.state = newest
            project.revision += 1
            project.applied.setdefault(newest.version, now_us)

    def _create_project(self, request: CreateProject, now_us: int) -> Project:
        state = valid_contract(request.state)
        project = self._add(state, now_us)
        if self._of(state.key) is project:
            self._bring_up(project, now_us)
        for happened in self._on_paper.pop(state.key, ()):
            self._enter(project, happened, now_us)
        return project

    def _find_projects(self, request: FindProjects, now_us: int) -> list[Project]:
        return list(self._by_contract.get(request.contract, ()))

    def _void_project(self, request: VoidProject, now_us: int) -> Project:
        project = self.projects.get(request.project)
        if project is None:
            raise Refused(404, "project_not_found")
        if project.void is None:
            project.void = Void(now_us, request.by, request.reason)
            heir = self._of(project.state.key)
            if heir is not None:
                self._bring_up(heir, now_us)
        return project

    def _get_project(self, request: GetProject, now_us: int) -> Contract:
        project = self._of(request.contract)
        if project is None:
            raise Refused(404, "project_not_found")
        return project.state

    def _get_fulfilment(self, request: GetFulfilment, now_us: int) -> Fulfilment:
        fulfilment = self.fulfilments.get(request.fulfilment)
        if fulfilment is None:
            raise Refused(404, "fulfilment_not_found")
        return fulfilment

    def _of(self, contract: str) -> Project | None:
        """A contract's oldest live project: people work in that one."""
        return oldest_live(self._by_contract.get(contract, ()))

    def _add(self, state: Contract, now_us: int) -> Project:
        applied = {version.number: now_us for version in state.versions}
        project = Project(f"PRJ-{len(self.projects) + 1:06}", state, now_us, applied)
        self.projects[project.id] = project
        self._by_contract.setdefault(state.key, []).append(project)
        return project
