"""A system's customer master: unique only by an external id, and found through an index that lags."""

from collections.abc import Callable

from fakes.records import Customer

IndexLag = Callable[[str], int]
"""How long after its creation a record appears in searches, in microseconds, by record id."""


Hides = Callable[[str, int, int], bool]
"""Whether a search for an account does not show, now, what is in the index from an instant on: it stands still."""


class CustomerMaster:
    """Customers of one system. An external id, where one is given, is unique; the account key is not.

    Searches show a customer once `index_lag` has passed, unless the index `hides` it.
    """

    def __init__(self, prefix: str, index_lag: IndexLag, hides: Hides | None = None) -> None:
        self.all: dict[str, Customer] = {}
        self._prefix = prefix
        self._index_lag = index_lag
        self._hides = hides
        self._by_account: dict[str, list[Customer]] = {}
        self._by_external_id: dict[str, Customer] = {}

    def create(self, account: str, name: str, external_id: str | None, now_us: int) -> Customer:
        """A new customer; or the one that already bears `external_id`, brought up to date."""
        known = self._by_external_id.get(external_id) if external_id is not None else None
        if known is not None:
            known.name = name
            return known
        customer = Customer(f"{self._prefix}-{len(self.all) + 1:06}", account, name, now_us)
        self.all[customer.id] = customer
        self._by_account.setdefault(account, []).append(customer)
        if external_id is not None:
            self._by_external_id[external_id] = customer
        return customer

    def find(self, account: str, now_us: int) -> list[Customer]:
        """The account's customers that the search index shows at this instant, oldest first."""
        found, lag, hides = self._by_account.get(account, ()), self._index_lag, self._hides
        shown = [customer for customer in found if customer.created_us + lag(customer.id) <= now_us]
        if hides is None:
            return shown
        return [one for one in shown if not hides(account, one.created_us + lag(one.id), now_us)]

    def first(self, account: str) -> Customer | None:
        """The account's oldest customer, read from the record itself and not from the index."""
        found = self._by_account.get(account)
        return found[0] if found else None
