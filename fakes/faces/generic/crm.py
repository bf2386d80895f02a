"""The CRM in the generic API."""

from fakes import crm
from fakes.faces.generic.agreements import Account, Contract
from fakes.faces.generic.endpoint import Endpoint

ENDPOINTS = (
    Endpoint(
        method="GET", path="/accounts/{account}", request=crm.GetAccount, answer=Account, about="account",
    ),
    Endpoint(
        method="GET", path="/contracts/{contract}", request=crm.GetContract, answer=Contract, about="contract",
    ),
)  # fmt: skip
