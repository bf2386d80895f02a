"""The company whose account it is."""

from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Asked, Operation


def _retrieve(account: Account, asked: Asked) -> Object:
    """The account that the key is of."""
    return {
        "id": "acct_tieout", "object": "account", "business_type": "company", "charges_enabled": True, "country": "US",
        "default_currency": "usd", "details_submitted": True, "email": None, "metadata": {}, "payouts_enabled": True,
        "settings": {"dashboard": {"timezone": account.calendar.timezone}}, "type": "standard",
    }  # fmt: skip


OPERATIONS = (Operation("GET", "/v1/account", "retrieve_account", _retrieve),)
