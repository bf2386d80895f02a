"""What people and products ask of an ERP beyond what integrations do: to see all its records, and to close a period.

No built-in layer asks for any of this: it is how a product's own screens and its API see the same books.
"""

from types import MappingProxyType

from fakes.erp import Erp
from fakes.service import Operation, Operations
from sim.record import Record


class ViewBooks(Record):
    """Get the ERP's records, to be read and not to be written."""


class ClosePeriod(Record):
    """Close an accounting period, by its month, for good; the instant at which it was closed comes back."""

    period: int


class ErpDesk:
    """The desk of one ERP instance."""

    def __init__(self, erp: Erp) -> None:
        self._erp = erp

    @property
    def operations(self) -> Operations:
        """What can be asked for."""
        return MappingProxyType({
            ViewBooks: Operation("view_books", lambda request, now_us: self._erp),
            ClosePeriod: Operation("close_period", self._close),
        })  # fmt: skip

    def _close(self, request: ClosePeriod, now_us: int) -> int:
        self._erp.close_period(request.period, now_us)
        return self._erp.ledger.locked_us[request.period]
