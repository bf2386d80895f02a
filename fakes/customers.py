"""A system's customer master: unique only by an external id, and found through an index that lags."""

from collections.abc import Callable, Iterable

from fakes.records import Customer
from fakes.service import Refused
from sim.record import Record

IndexLag = Callable[[str], int]
"""How long after its creation a record appears in searches, in microseconds, by record id."""


BEFORE_US = -1
"""An instant before the run."""

Hides = Callable[[str, int, int], bool]
"""Whether a search for an account does not show, now, what is in the index from an instant on: it stands still."""


class UpdateCustomer(Record):
    """Bring a customer up to date with a version of an account of its; a further account is taken note of."""

    customer: str
    account: str
    name: str
    parent: str = ""
    version: int = 1


class CustomerMaster:
    """Customers of one system. An external id, where one is given, is unique; the account key is not.

    Searches show a customer once `index_lag` has passed, unless the index `hides` it; of before the run, at once.
    """

    def __init__(self, prefix: str, index_lag: IndexLag, hides: Hides | None = None) -> None:
        self.all: dict[str, Customer] = {}
        self._prefix = prefix
        self._index_lag = index_lag
        self._hides = hides
        self._by_account: dict[str, list[Customer]] = {}
        self._by_external_id: dict[str, Customer] = {}
        self._of_before: dict[str, None] = {}

    def index(self, records: Iterable[str]) -> None:
        """Have searches show records of this system from the first: they were there before the run."""
        self._of_before.update(dict.fromkeys(records))

    def create(
        self,
        account: str,
        name: str,
        external_id: str | None,
        now_us: int,
        parent: str = "",
        party: str = "",
        version: int = 1,
    ) -> Customer:
        """A new customer; or the one that already bears `external_id`, brought up to date.

        `version` is the account's, of which name and parent are.
        """
        known = self._by_external_id.get(external_id) if external_id is not None else None
        if known is not None:
            return self._bring_up_to_date(known, account, name, parent, version, now_us)
        customer = Customer(f"{self._prefix}-{len(self.all) + 1:06}", account, name, now_us, parent)
        if version > 1:
            customer.applied[account, version] = now_us
        self.all[customer.id] = customer
        self._by_account.setdefault(account, []).append(customer)
        if party:
            self._by_account.setdefault(party, []).append(customer)
        if external_id is not None:
            self._by_external_id[external_id] = customer
        return customer

    def update(self, request: UpdateCustomer, now_us: int) -> Customer:
        """A customer, brought up to date with a version of one of its accounts. Refused with 404 if it is not there."""
        customer = self.all.get(request.customer)
        if customer is None:
            raise Refused(404, "customer_not_found")
        return self._bring_up_to_date(customer, request.account, request.name, request.parent, request.version, now_us)

    def _bring_up_to_date(
        self, customer: Customer, account: str, name: str, parent: str, version: int, now_us: int
    ) -> Customer:
        """Name and parent are those of the customer's first account; a further account is taken note of."""
        customer.applied.setdefault((account, version), now_us)
        if account == customer.account:
            customer.name, customer.parent = name, parent
        elif account not in customer.also:
            customer.also += (account,)
            self._by_account.setdefault(account, []).append(customer)
        return customer

    def find(self, account: str, now_us: int) -> list[Customer]:
        """The customers of an account or a party that the search index shows at this instant, oldest first."""
        found = self._by_account.get(account, ())
        return [one for one in found if self.shows(one.id, account, one.created_us, now_us)]

    def with_external_id(self, external_id: str) -> Customer | None:
        """The customer that bears an external id."""
        return self._by_external_id.get(external_id)

    def shows(self, record: str, word: str, created_us: int, now_us: int) -> bool:
        """Whether a search for `word` shows a record of this system, created at an instant, now."""
        visible_us = BEFORE_US if record in self._of_before else created_us + self._index_lag(record)
        return visible_us <= now_us and (self._hides is None or not self._hides(word, visible_us, now_us))

    def first(self, account: str) -> Customer | None:
        """The account's oldest customer, read from the record itself and not from the index."""
        found = self._by_account.get(account)
        return found[0] if found else None
