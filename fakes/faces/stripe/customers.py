"""Customers: a Stripe customer is billing's customer of an account, which `metadata[account]` names."""

from collections.abc import Iterable, Sequence

from fakes.billing import CreateCustomer, FindCustomers
from fakes.customers import UpdateCustomer
from fakes.desk import GetCustomer, IsIndexed, ListCustomers, ListSubscriptions
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe import wallets
from fakes.faces.stripe.account import Account, Object, changed_fields
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import StripeError, missing
from fakes.faces.stripe.ids import identifier, number_of
from fakes.faces.stripe.paging import Numbered, page, within
from fakes.faces.stripe.search import indexed, matching, search_page
from fakes.records import Customer, Subscription

_DEFAULT = "invoice_settings[default_payment_method]"
_TEXTS = ("name", "email", "description", "phone", "business_name", "individual_name")
_SHOWN: Object = {
    "address": None, "balance": 0, "currency": None, "default_source": None, "delinquent": False, "description": None,
    "discount": None, "email": None, "invoice_prefix": None, "invoice_settings": {
        "custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None,
    }, "livemode": False, "name": None, "next_invoice_sequence": 1, "phone": None, "preferred_locales": [],
    "shipping": None, "tax_exempt": "none", "test_clock": None,
}  # fmt: skip
_SETTINGS: p.Spec = {
    "default_payment_method": p.text_or_unset, "custom_fields": p.CUSTOM_FIELDS, "footer": p.text_or_unset,
    "rendering_options": p.unset_or(p.mapping),
}  # fmt: skip
_WRITTEN: p.Spec = {
    **dict.fromkeys(_TEXTS, p.text_or_unset), "tax_exempt": p.unset_or(p.choice("exempt", "none", "reverse")),
    "address": p.ADDRESS, "shipping": p.SHIPPING, "preferred_locales": p.many(p.text),
    "default_source": p.SOURCES, "source": p.SOURCES, "invoice_settings": p.fields(_SETTINGS), "balance": p.whole,
    "invoice_prefix": p.text, "metadata": p.metadata, "next_invoice_sequence": p.whole,
    **p.taken("cash_balance", "tax", "validate"),
}  # fmt: skip
_CREATED: p.Spec = {**_WRITTEN, "payment_method": p.text, "test_clock": p.text, **p.taken("tax_id_data")}


def core_id(account: Account, id_: str, param: str | None = None) -> str:
    """Billing's id of a customer. Raises StripeError if there is none, or none any more."""
    number = number_of("cus", id_)
    core = f"cus-{number:06}" if number else ""
    if not number or number > len(account.ask(ListCustomers())) or (account.read("customer", id_) or {}).get("deleted"):
        raise missing("customer", id_, param)
    return core


def stripe_id(core: str) -> str:
    """The id of one of billing's customers."""
    return identifier("cus", int(core[4:]))


def customer_object(account: Account, customer: Customer) -> Object:
    """A customer as Stripe shows it."""
    id_ = stripe_id(customer.id)
    beside = account.read("customer", id_) or {}
    if beside.get("deleted"):
        return {"id": id_, "object": "customer", "deleted": True}
    shown = {**p.over(_SHOWN, beside), "id": id_, "object": "customer", "created": account.seconds(customer.created_us)}
    shown["invoice_prefix"] = beside.get("invoice_prefix") or id_[-8:].upper()
    shown["name"] = customer.name or None
    shown.setdefault("metadata", {"account": customer.account})
    return shown


def retrieved(account: Account, id_: str) -> Object:
    """The customer of an id, also if it was deleted."""
    number = number_of("cus", id_)
    if not number or number > len(account.ask(ListCustomers())):
        raise missing("customer", id_)
    return customer_object(account, account.ask(GetCustomer(f"cus-{number:06}")))


def _create(account: Account, asked: Asked) -> Object:
    given = asked.given
    metadata = p.merged({}, given.pop("metadata", {}))
    id_ = identifier("cus", len(account.ask(ListCustomers())) + 1)
    method, settings = given.pop("payment_method", None), given.get("invoice_settings", {})
    if method is not None:
        wallets.check_free(account, method, id_, "payment_method")
    if settings.get("default_payment_method") not in {None, method}:
        wallets.owned(account, settings["default_payment_method"], id_, _DEFAULT)
    customer = account.ask(
        CreateCustomer(
            metadata.get("account", id_), given.pop("name", None) or "", metadata.get("parent", ""),
            metadata.get("party", ""), _version(metadata, 1),
        )
    )  # fmt: skip
    account.write("customer", id_, {**_fields(given), "metadata": metadata})
    if method is not None:
        own = wallets.attached(account, method, id_)["id"]
        if settings.get("default_payment_method"):
            account.write("customer", id_, {"invoice_settings": {**settings, "default_payment_method": own}})
    told = customer_object(account, customer)
    account.tell("customer.created", told)
    return told


def _update(account: Account, asked: Asked) -> Object:
    given = asked.given
    customer = account.ask(GetCustomer(core_id(account, asked.id)))
    before = customer_object(account, customer)
    metadata = p.merged(before["metadata"], given.pop("metadata", {}))
    if given.get("invoice_settings", {}).get("default_payment_method"):
        wallets.owned(account, given["invoice_settings"]["default_payment_method"], asked.id, _DEFAULT)
    named = given.pop("name", customer.name) or ""
    of_account = metadata.get("account", customer.account)
    newest = max((version for known, version in customer.applied if known == of_account), default=1)
    parent = metadata.get("parent", customer.parent)
    renamed = (named, parent) != (customer.name, customer.parent) or of_account not in customer.accounts
    version = _version(metadata, newest + renamed * (of_account in customer.accounts))
    if renamed or version > newest:
        account.ask(UpdateCustomer(customer.id, of_account, named, parent, version))
    written = p.over(before, given)
    account.write("customer", asked.id, {**_fields({name: written[name] for name in given}), "metadata": metadata})
    wallets.arrange(account, customer.id)
    told = customer_object(account, customer)
    account.tell("customer.updated", told, changed_fields(before, told))
    return told


def _retrieve(account: Account, asked: Asked) -> Object:
    return retrieved(account, asked.id)


def _list(account: Account, asked: Asked) -> Object:
    count = len(account.ask(ListCustomers()))
    customers: Sequence[Customer] = Numbered(count, lambda number: account.ask(GetCustomer(f"cus-{number:06}")))
    email, bounds = asked.get("email"), asked.get("created")

    def shape(customer: Customer) -> Object | None:
        told = customer_object(account, customer)
        wanted = "deleted" not in told and (email is None or told["email"] == email)
        return told if wanted and within(told["created"], bounds) else None

    def place(id_: str) -> int | None:
        number = number_of("cus", id_)
        return number - 1 if number and number <= count else None

    if email is not None:
        ids = sorted(account.having("customer", "email", email), key=lambda id_: place(id_) or 0)
        customers = [account.ask(GetCustomer(f"cus-{number_of('cus', id_):06}")) for id_ in ids]
        places = {id_: number for number, id_ in enumerate(ids)}
        return page(asked, customers, places.get, shape, "customer")

    return page(asked, customers, place, shape, "customer")


def _search(account: Account, asked: Asked) -> Object:
    wanted = matching(asked)
    found = [
        told for told in (customer_object(account, one) for one in _candidates(account, asked))
        if "deleted" not in told and wanted(told)
    ]  # fmt: skip
    return search_page(asked, found)


def _candidates(account: Account, asked: Asked) -> Iterable[Customer]:
    """The customers that the index shows and that may be asked for, newest first."""
    pair = indexed(asked)
    if pair is not None and pair[0] in {"metadata.account", "metadata.party"}:
        return list(reversed(account.ask(FindCustomers(pair[1]))))
    known: Iterable[Customer] = account.ask(ListCustomers())
    if pair is not None:
        numbers = sorted(number_of("cus", id_) or 0 for id_ in account.having("customer", *pair))
        known = [account.ask(GetCustomer(f"cus-{number:06}")) for number in numbers]
    return [one for one in reversed(list(known)) if account.ask(IsIndexed(one.id, one.account, one.created_us))]


def _fields(given: Object) -> Object:
    """The fields to keep of a customer."""
    return {name: value for name, value in given.items() if name in _SHOWN}


def _version(metadata: dict[str, str], otherwise: int) -> int:
    written = metadata.get("version", "")
    return int(written) if written.isdigit() else otherwise


def _gone(account: Account, asked: Asked) -> Object:
    raise StripeError(404, f"No such discount on customer: '{asked.id}'", "resource_missing", "id")


def account_of(account: Account, core: str) -> str:
    """The key of the account that one of billing's customers is of."""
    customer: Customer = account.ask(GetCustomer(core))
    return customer.account


def subscriptions_of(account: Account, core: str) -> Iterable[Subscription]:
    """The subscriptions of one of billing's customers, oldest first."""
    of_customer: Iterable[Subscription] = account.ask(ListSubscriptions(core))
    return of_customer


OPERATIONS = (
    Operation("POST", "/v1/customers", "create_customer", _create, _CREATED),
    Operation("GET", "/v1/customers", "list_customers", _list, {**p.PAGING, "email": p.text, "test_clock": p.text}),
    Operation("GET", "/v1/customers/search", "search_customers", _search, p.SEARCHING, ("query",)),
    Operation("GET", "/v1/customers/*", "retrieve_customer", _retrieve),
    Operation("POST", "/v1/customers/*", "update_customer", _update, _WRITTEN),
    Operation("DELETE", "/v1/customers/*/discount", "delete_discount", _gone),
)
