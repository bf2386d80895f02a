"""Customers that are deleted: what they have subscribed to is cancelled at once."""

from fakes.desk import GetCustomer
from fakes.faces.stripe import customers
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.amending import ended_now
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.ids import identifier
from fakes.faces.stripe.showing import ended


def _delete(account: Account, asked: Asked) -> Object:
    core = customers.core_id(account, asked.id)
    told = customers.customer_object(account, account.ask(GetCustomer(core)))
    for subscription in customers.subscriptions_of(account, core):
        id_ = identifier("sub", int(subscription.id[4:]))
        if account.read("drafted", subscription.id) is None and not ended(account, id_, subscription):
            ended_now(account, id_)
    account.write("customer", asked.id, {"deleted": True})
    account.tell("customer.deleted", told)
    return {"id": asked.id, "object": "customer", "deleted": True}


OPERATIONS = (Operation("DELETE", "/v1/customers/*", "delete_customer", _delete),)
