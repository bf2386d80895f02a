"""NetSuite as a face."""

from fakes.faces.answering import Answering
from fakes.faces.door import Door
from fakes.faces.face import Credentials, Face
from fakes.faces.netsuite import HOSTS, SYSTEM
from fakes.faces.netsuite.access import Access
from fakes.faces.netsuite.app import Paths
from fakes.faces.netsuite.catalogue import ITEMS, OF_SEGMENTS
from fakes.faces.netsuite.customers import Customers
from fakes.faces.netsuite.documents import credit_memos, invoices
from fakes.faces.netsuite.errors import refusal
from fakes.faces.netsuite.fixed import Accounts, Currencies, Periods, Subsidiaries
from fakes.faces.netsuite.journals import JournalEntries
from fakes.faces.netsuite.kept import AllItems, Items, Kept
from fakes.faces.netsuite.naming import named
from fakes.faces.netsuite.office import Office
from fakes.faces.netsuite.orders import SalesOrders
from fakes.faces.netsuite.payments import customer_payments, customer_refunds
from fakes.faces.netsuite.suiteql.tables import Tables


def make(door: Door, credentials: Credentials) -> Face:
    """NetSuite's face of an ERP.

    Clients sign with `client_id` and `client_secret` as the consumer, `api_key` as the token's id and `client_secret`
    again as its secret, in the realm of the `account`; or ask for a bearer token with client id and secret.
    """
    office = Office(door)
    customers, accounts, items = Customers(office), Accounts(office), AllItems(office)
    orders = SalesOrders(office, customers, items, accounts)
    billed, credited = invoices(orders), credit_memos(orders)
    office.keep(
        customers, orders, billed, credited, customer_payments(billed), customer_refunds(credited),
        JournalEntries(office, customers, items, accounts), *(Items(office, one) for one in ITEMS), accounts,
        Periods(office), Subsidiaries(office), Currencies(office), *(Kept(office, one) for one in OF_SEGMENTS),
    )  # fmt: skip
    office.together("item", items)
    office.together("transaction", orders, billed, credited)
    access = Access(door, credentials)
    paths = Paths(office, items, Tables(office, accounts), access, credentials.account)
    return Face(
        name="netsuite",
        system=SYSTEM,
        hosts=HOSTS,
        app=Answering(paths.answer),
        named=named,
        refusal=refusal,
    )
