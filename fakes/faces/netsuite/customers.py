"""Customers: the core's customer master. `custentity_account_key` is the account's key, the same in all systems.

Without it the external id is taken for the key, else the entity id. `custentity_account_version` is the account's
version, `custentity_parent_account` its parent's key where that is no customer yet, `custentity_party` its party.
"""

from collections.abc import Iterable

from fakes.customers import UpdateCustomer
from fakes.erp import UpsertCustomer
from fakes.faces.netsuite.catalogue import CUSTOMER
from fakes.faces.netsuite.errors import Fault, missing, nonexistent, user_error
from fakes.faces.netsuite.fields import Link, Reference
from fakes.faces.netsuite.fixed import Currencies
from fakes.faces.netsuite.office import Body, Office, core_id, number_of, stamps
from fakes.records import Customer

_OWN = ("companyName", "parent", "custentity_account_key", "custentity_parent_account")
"""What is the core's, or follows from it."""


class Customers:
    """All customers."""

    type = CUSTOMER

    def __init__(self, office: Office) -> None:
        self._office = office

    def ids(self) -> Iterable[int]:
        return range(1, len(self._office.books.customers.all) + 1)

    def has(self, id_: int) -> bool:
        return 0 < id_ <= len(self._office.books.customers.all)

    def find(self, reference: Reference) -> int | None:
        if reference.id is not None:
            return reference.id if self.has(reference.id) else None
        if reference.external_id is not None:
            key = self._office.named("customer", f"eid:{reference.external_id}")
            known = self._office.books.customers.with_external_id(reference.external_id)
            return number_of(key) if key else None if known is None else number_of(known.id)
        word = (reference.name or "").lower()
        key = self._office.named("customer", f"name:{word}")
        if key:
            return number_of(key)
        customers = self._office.books.customers.all
        named = (one for one in customers.values() if word in {one.name.lower(), one.id.lower(), one.account.lower()})
        return next((number_of(one.id) for one in named), None)

    def customer(self, id_: int) -> Customer:
        """The core's customer. Raises Fault: 404."""
        books = self._office.books
        found = books.customers.all.get(core_id("CUST", books.entity, id_, 6))
        if found is None:
            raise nonexistent(self.type.name)
        return found

    def of_account(self, account: str) -> Link | None:
        """The customer that an account's documents are posted to."""
        found = self._office.books.customers.first(account)
        return None if found is None else self.link(found)

    def link(self, customer: Customer) -> Link:
        """A customer, as others refer to it."""
        return Link(self.type.name, number_of(customer.id), f"{self.entity_id(customer)} {customer.name}")

    def entity_id(self, customer: Customer) -> str:
        """The name that a customer has among all entities."""
        return str(self._office.noted("customer", customer.id).get("entityId") or customer.id)

    def show(self, id_: int) -> Body:
        customer = self.customer(id_)
        parent = self.of_account(customer.parent) if customer.parent else None
        noted = self._office.noted("customer", customer.id)
        return {
            "isInactive": False, "isPerson": False, "subsidiary": Link("subsidiary", 1, "Parent Company"),
            "currency": Currencies.link("USD"), **noted,
            "id": id_, "entityId": self.entity_id(customer), "companyName": customer.name, "altName": customer.name,
            "parent": parent, "balance": self._office.books.receivables.get(customer.account, 0),
            "custentity_account_key": customer.account, "custentity_parent_account": customer.parent or None,
            "custentity_account_version": noted.get("custentity_account_version", 1),
            **stamps(customer.created_us, noted, customer.applied.values()),
        }  # fmt: skip

    def create(self, body: Body) -> int:
        name = _name(body)
        if not name:
            raise missing("companyName")
        self._alone(body, None)
        external_id = body.get("externalId")
        number = len(self._office.books.customers.all) + 1
        account = body.get("custentity_account_key") or external_id or body.get("entityId") or f"customer-{number}"
        customer: Customer = self._office.door.ask(
            UpsertCustomer(
                account, name, external_id, self._parent(body, ""), body.get("custentity_party") or "",
                body.get("custentity_account_version") or 1,
            )
        )  # fmt: skip
        self._note(customer, body)
        return number_of(customer.id)

    def update(self, id_: int, body: Body, replaced: frozenset[str]) -> None:
        customer = self.customer(id_)
        self._alone(body, customer)
        account = body.get("custentity_account_key") or customer.account
        version = body.get("custentity_account_version")
        if version is None:
            version = self._office.noted("customer", customer.id).get("custentity_account_version", 1)
        name, parent = _name(body) or customer.name, self._parent(body, customer.parent)
        if version < 1:
            raise user_error("A version is 1 or more.", "custentity_account_version")
        if (account, name, parent) != (
            customer.account,
            customer.name,
            customer.parent,
        ) or "custentity_account_version" in body:
            self._office.door.ask(UpdateCustomer(customer.id, account, name, parent, version))
        self._note(customer, body)

    def delete(self, id_: int) -> None:
        self.customer(id_)
        raise user_error("This record cannot be deleted because it has dependent records. Make it inactive instead.")

    def _note(self, customer: Customer, body: Body) -> None:
        said = {name: value for name, value in body.items() if name not in _OWN}
        for name, value in said.items():
            if isinstance(value, Reference):
                to = self.type.fields[name].to
                said[name] = Link(to, self._office.resolve(to, value, name), str(value))
        self._office.note("customer", customer.id, self._office.stamped(said))
        if said.get("externalId"):
            self._office.name("customer", f"eid:{said['externalId']}", customer.id)
        if said.get("entityId"):
            self._office.name("customer", f"name:{said['entityId'].lower()}", customer.id)

    def _parent(self, body: Body, known: str) -> str:
        """The account of a customer's parent."""
        if isinstance(body.get("parent"), Reference):
            return self.customer(self._office.resolve("customer", body["parent"], "parent")).account
        return str(body.get("custentity_parent_account", known) or "")

    def _alone(self, body: Body, customer: Customer | None) -> None:
        """Raises Fault if a reference leads nowhere, or another customer has this external id or entity id."""
        for name in ("subsidiary", "currency"):
            if isinstance(body.get(name), Reference):
                self._office.resolve(name, body[name], name)
        if body.get("externalId"):
            known = self.find(Reference(external_id=body["externalId"]))
            if known is not None and (customer is None or known != number_of(customer.id)):
                raise Fault(
                    400, "DUP_ENTITY", "Error while accessing a resource. This entity already exists.", "externalId"
                )
        if body.get("entityId"):
            key = self._office.named("customer", f"name:{body['entityId'].lower()}")
            if key is not None and (customer is None or key != customer.id):
                raise Fault(
                    400, "UNIQUE_CUST_ID_REQD", "Error while accessing a resource. A customer record with this ID "
                    "already exists. You must enter a unique customer ID for each record you create.", "entityId",
                )  # fmt: skip


def _name(body: Body) -> str:
    person = " ".join(filter(None, (body.get("firstName"), body.get("lastName"))))
    return str(body.get("companyName") or person)
