"""A saga that is undone when a step gets no answer, and begins anew an hour later; and how undoing goes wrong."""

from dataclasses import replace

from harness.blocks.carrying import NOT_FOUND, ROUNDS, VOID, Carrier
from harness.blocks.identity import CONTRACT_KINDS, look_up
from harness.blocks.retry import Caller, CallFailed
from harness.patterns.process_orchestration import ProcessOrchestration
from tests.mutants.parts import Parts

ATTEMPTS = 2


class Impatient(ProcessOrchestration):
    """No mutant: process orchestration that undoes a saga also where two tries of a step had no answer."""

    NAME = "impatient"
    OPTIONS = ProcessOrchestration.OPTIONS | {
        "attempts": replace(ProcessOrchestration.OPTIONS["attempts"], default=str(ATTEMPTS))
    }

    def __init__(self, surroundings, options, carrier=Carrier):
        super().__init__(surroundings, options, Parts(surroundings, options, caller=PatientInUndoing, carrier=carrier))

    def _fails(self, event, target, response):
        makes = self._compensates and self._journal.makes(event, target)
        return super()._fails(event, target, response) or (makes and response.transient)


class PatientInUndoing(Caller):
    """Tries to void something for as long as it takes."""

    def _wait_us(self, response, attempt, system, request, key):
        if isinstance(request, tuple(VOID.values())):
            attempt = min(attempt, ATTEMPTS - 1)
        return super()._wait_us(response, attempt, system, request, key)


class UndoesTwice(Impatient):
    """A saga that is taken up again is undone once more, to be sure; and to find nothing there is a failure of that.
    So a copy that is void is believed to have stayed, and is not made again.
    """

    NAME = "undoes-twice"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, FindsAndVoids)
        self._undone = {}

    async def _undo(self, event, earlier=None):
        self._undone[event.id] = self._sagas.of(event).to_undo
        await super()._undo(event, earlier)

    async def _work_off(self, event, targets):
        for target in self._undone.pop(event.id, ()):
            try:
                await self._appliers[target].undo(event, "to be sure")
            except CallFailed:
                await self._store.write(("steps", (event.id, target), "made"))
        await super()._work_off(event, targets)


class FindsAndVoids(Carrier):
    """Voids what it finds, and insists on finding something."""

    async def undo(self, event, reason):
        found = await look_up(self._caller, self.target, CONTRACT_KINDS[self.target], event.key)
        if found is None:
            raise CallFailed(NOT_FOUND)
        await self._caller.write(self.target, VOID[self.target](found.id, reason), event.key)
        return self._next_round(event.key, in_doubt=False)


class RedoesUnderOldKeys(Impatient):
    """A saga that begins anew does its steps under the keys of the first time.
    So what it had made and voided is answered again, or refused, and not made.
    """

    NAME = "redoes-under-old-keys"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, OneRound)


class OneRound(Carrier):
    """Forgets the copy, and stays with its keys."""

    def _next_round(self, contract, *, in_doubt):
        return tuple(change for change in super()._next_round(contract, in_doubt=in_doubt) if change[0] != ROUNDS)


class RemembersTheVoid(Impatient):
    """The id of a copy is remembered across its voiding.
    A saga that begins anew finds its step done already, by the copy that is void.
    """

    NAME = "remembers-the-void"

    def __init__(self, surroundings, options):
        super().__init__(surroundings, options, Remembering)


class Remembering(Carrier):
    """Opens a new round, and forgets nothing."""

    def _next_round(self, contract, *, in_doubt):
        return tuple(change for change in super()._next_round(contract, in_doubt=in_doubt) if change[0] == ROUNDS)
