"""What customers pay with, and what follows from it: from a card that pays, billing collects by itself."""

from fakes.desk import CollectAutomatically, CollectPayment, DocumentsOf, ListSubscriptions, PaymentOf
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.errors import invalid
from fakes.faces.stripe.ids import identifier
from fakes.faces.stripe.payment_methods import FOR_TESTS, copied, declines, payment_method, shown
from fakes.records import Subscription


def check_free(account: Account, id_: str, customer: str, param: str | None = None) -> None:
    """Raises StripeError if a payment method cannot be a customer's."""
    if payment_method(account, id_, param)["customer"] not in {None, customer}:
        raise invalid("The payment method you provided has already been attached to a customer.", "payment_method")


def attached(account: Account, id_: str, customer: str) -> Object:
    """A payment method, now a customer's; of one of Stripe's own for tests, a new one of its kind."""
    check_free(account, id_, customer)
    own = copied(account, id_) if id_.startswith(FOR_TESTS) else id_
    told = shown(account.write("payment_method", own, {"customer": customer}))
    account.tell("payment_method.attached", told)
    return told


def owned(account: Account, id_: str, customer: str, param: str) -> str:
    """The id of a payment method that a customer has. Raises StripeError if it is none of its."""
    if (account.read("payment_method", id_) or {}).get("customer") != customer:
        raise invalid(
            f"The customer does not have a payment method with the ID {id_}. The payment method must be attached to "
            "the customer.", param, "resource_missing",
        )  # fmt: skip
    return id_


def default_method(account: Account, customer: str, terms: Object) -> str | None:
    """The id of the payment method that a customer is charged by on these terms; None if there is none."""
    settings = (account.read("customer", customer) or {}).get("invoice_settings") or {}
    method: str | None = terms.get("default_payment_method") or settings.get("default_payment_method")
    return method


def arrange(account: Account, core_customer: str) -> None:
    """Arrange how each of a customer's subscriptions is collected."""
    for one in account.ask(ListSubscriptions(core_customer)):
        arrange_one(account, one)


def arrange_one(account: Account, subscription: Subscription) -> None:
    """Have billing collect by itself what a subscription is invoiced, if that is to be charged to a card.

    Only what is invoiced from now on.
    """
    account.ask(CollectAutomatically(subscription.id, _charged(account, subscription)))


def settle(account: Account, subscription: Subscription) -> None:
    """Collect what a new subscription was invoiced already, if that is to be charged to a card."""
    for invoice in account.ask(DocumentsOf(subscription.id)) if _charged(account, subscription) else ():
        if account.ask(PaymentOf(invoice.id)) is None:
            account.ask(CollectPayment(invoice.id))


def _charged(account: Account, subscription: Subscription) -> bool:
    """Whether what a subscription is invoiced is charged to a card, and that pays."""
    terms = account.read("subscription", identifier("sub", int(subscription.id[4:]))) or {}
    method = default_method(account, identifier("cus", int(subscription.customer[4:])), terms)
    charged = terms.get("collection_method", "charge_automatically") == "charge_automatically"
    return charged and method is not None and not declines(account, method)
