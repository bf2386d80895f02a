"""An ERP with a customer, and documents posted to it."""

from datetime import date

from benchmarks.faces.measuring import CALENDAR
from fakes.erp import Erp, PostDocument, UpsertCustomer
from fakes.erp_desk import ErpDesk
from fakes.names import KEY_LIFETIME_US
from fakes.particulars import ParticularsDesk
from fakes.service import Service

DAY = "2026-01-20"


def books(documents: int) -> Service:
    """The service of an ERP that has posted so many documents."""
    core = Erp(CALENDAR, lambda record: 0)
    service = Service(core.operations, KEY_LIFETIME_US["erp"])
    service.offer({**ErpDesk(core).operations, **ParticularsDesk().operations})
    service.serve(UpsertCustomer("A-1", "Northwind", "A-1"), None, 0)
    day = date.fromisoformat(DAY).toordinal()
    for number in range(documents):
        document = PostDocument(f"OLD-{number}", "A-1", "C-1", "USD", 1_000, day, day, f"OLD-{number}")
        assert service.serve(document, None, 0).ok
    return service
