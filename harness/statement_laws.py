"""Laws of the statements: contracts are taken over as they stood, and two books differ by what the breaks put off.

Those of the effective-date book by itself are the oracle's own. Broken, the program is at fault.
"""

from collections.abc import Iterable

from fakes.books.ledger import CONTRACT_LIABILITY
from fakes.records import JournalEntry
from harness.audit.statements import Statements
from harness.oracle.ledger import OPENING
from harness.oracle.months import month_name
from harness.oracle.movements import Movements
from sim.errors import InvariantBroken


def taken_over(due: Movements, journal: Iterable[JournalEntry]) -> None:
    """Raise InvariantBroken if a contract's opening entry in the ledger is not where it stood by the truth.

    Those of before the run are at instant 0, those of a company that was bought later.
    """
    stood = due.opening.net + due.acquired.net.sum(axis=0)
    opening = dict(zip(due.contracts, stood.tolist(), strict=True))
    for entry in journal:
        if entry.source == OPENING:
            for account, contract, minor in entry.postings:
                if account == CONTRACT_LIABILITY:
                    opening[contract] = opening.get(contract, 0) + minor
    for contract, off_minor in opening.items():
        if off_minor and due.months:
            raise InvariantBroken("contracts are taken over as they stand", f"{contract} is off by {-off_minor}")


def explained(statements: Statements) -> None:
    """Raise InvariantBroken if a line differs by anything but the effects of listed breaks (DOMAIN.md P8)."""
    for (line, subject, at), minor in statements.unexplained.items():
        month = month_name(statements.expected.moved.months[at])
        raise InvariantBroken(
            "statements differ by what the breaks have put off", f"{line} of {subject} in {month} by another {minor}"
        )
