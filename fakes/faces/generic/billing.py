"""Billing in the generic API."""

from fakes import billing
from fakes.customers import UpdateCustomer
from fakes.faces.generic.agreements import Fulfilment
from fakes.faces.generic.copies import (
    DELIVERED,
    STATE,
    VOIDING,
    Delivered,
    OfContract,
    OfFulfilment,
    StateForCustomer,
    StateUpdate,
    Voiding,
)
from fakes.faces.generic.customers import NEW_CUSTOMER, CustomerUpdate, NewCustomer, OfAccount
from fakes.faces.generic.endpoint import Endpoint
from fakes.faces.generic.records import Customer, Invoice, Payment, Receipt, Rendered
from fakes.fulfilments import FindFulfilments, RecordFulfilment


class SubscriptionVoiding(Voiding):
    """Why a subscription is voided; with `credit`, what was billed of it is credited."""

    credit: bool = False


ENDPOINTS = (
    Endpoint(
        method="POST", path="/customers", request=billing.CreateCustomer, body=NewCustomer, answer=Customer,
        about="account", status=201, example=NEW_CUSTOMER,
    ),
    Endpoint(
        method="GET", path="/customers", request=billing.FindCustomers, query=OfAccount, answer=Customer, many=True,
        about="account",
    ),
    Endpoint(
        method="PUT", path="/customers/{customer}", request=UpdateCustomer, body=CustomerUpdate, answer=Customer,
        about="account", example=NEW_CUSTOMER,
    ),
    Endpoint(
        method="POST", path="/subscriptions", request=billing.CreateSubscription, body=StateForCustomer, answer=Receipt,
        about="state.key", status=201, example={"customer": "cus-000001", **STATE},
    ),
    Endpoint(
        method="GET", path="/subscriptions", request=billing.FindSubscriptions, query=OfContract, answer=Receipt,
        many=True, about="contract",
    ),
    Endpoint(
        method="PUT", path="/subscriptions/{subscription}", request=billing.UpdateSubscription, body=StateUpdate,
        answer=Receipt, about="state.key", example=STATE,
    ),
    Endpoint(
        method="POST", path="/subscriptions/{subscription}/void", request=billing.VoidSubscription,
        body=SubscriptionVoiding, answer=Receipt, about="subscription", example={**VOIDING, "credit": True},
    ),
    Endpoint(
        method="POST", path="/fulfilments", request=RecordFulfilment, body=Delivered, answer=Rendered,
        about="fulfilment.key", status=201, example=DELIVERED,
    ),
    Endpoint(
        method="GET", path="/fulfilments", request=FindFulfilments, query=OfFulfilment, answer=Rendered, many=True,
        about="fulfilment",
    ),
    Endpoint(
        method="GET", path="/usage/{usage}", request=billing.GetUsage, answer=Fulfilment, about="usage",
    ),
    Endpoint(
        method="GET", path="/invoices/{invoice}", request=billing.GetInvoice, answer=Invoice, about="invoice",
    ),
    Endpoint(
        method="GET", path="/payments/{payment}", request=billing.GetPayment, answer=Payment, about="payment",
    ),
)  # fmt: skip
