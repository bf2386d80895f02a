"""The payment methods of customers: attached, detached, and listed."""

from fakes.faces.stripe import customers, wallets
from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import invalid, missing
from fakes.faces.stripe.paging import kept, page_of_things
from fakes.faces.stripe.payment_methods import payment_method, shown


def _attach(account: Account, asked: Asked) -> Object:
    customers.core_id(account, asked.given["customer"], "customer")
    return wallets.attached(account, asked.id, asked.given["customer"])


def _detach(account: Account, asked: Asked) -> Object:
    customer = payment_method(account, asked.id)["customer"]
    if customer is None:
        raise invalid("The payment method you provided is not attached to a customer.", "payment_method")
    told = shown(account.write("payment_method", asked.id, {"customer": None}))
    known = account.read("customer", customer) or {}
    settings = known.get("invoice_settings") or {}
    if settings.get("default_payment_method") == asked.id:
        account.write("customer", customer, {"invoice_settings": {**settings, "default_payment_method": None}})
        wallets.arrange(account, customers.core_id(account, customer))
    account.tell("payment_method.detached", told)
    return told


def _list(account: Account, asked: Asked) -> Object:
    def shape(method: Object) -> Object | None:
        return shown(method) if kept(asked, method, ("customer", "type")) else None

    if "customer" in asked.given:
        customers.core_id(account, asked.given["customer"], "customer")
    return page_of_things(account, asked, "payment_method", shape, "PaymentMethod")


def _list_of_customer(account: Account, asked: Asked) -> Object:
    customers.core_id(account, asked.id)
    asked.given["customer"] = asked.id
    return _list(account, asked)


def _retrieve_of_customer(account: Account, asked: Asked) -> Object:
    customer, id_ = asked.ids
    customers.core_id(account, customer)
    found = payment_method(account, id_)
    if found["customer"] != customer:
        raise missing("PaymentMethod", id_)
    return found


_LIST: p.Spec = {**p.PAGING, "type": p.text}
_PATH, _OF_CUSTOMER = "/v1/payment_methods", "/v1/customers/*/payment_methods"
OPERATIONS = (
    Operation("GET", _PATH, "list_payment_methods", _list, {**_LIST, "customer": p.text}),
    Operation("POST", f"{_PATH}/*/attach", "attach_payment_method", _attach, {"customer": p.text}, ("customer",)),
    Operation("POST", f"{_PATH}/*/detach", "detach_payment_method", _detach),
    Operation("GET", _OF_CUSTOMER, "list_methods_of_customer", _list_of_customer, _LIST),
    Operation("GET", f"{_OF_CUSTOMER}/*", "retrieve_method_of_customer", _retrieve_of_customer),
)
