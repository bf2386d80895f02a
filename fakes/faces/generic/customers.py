"""Customers in billing and ERP, as clients of the generic API enter and find them."""

from fakes.faces.generic.wire import Key, Number, Text, TextOrNone, Wire


class NewCustomer(Wire):
    """A customer for an account, in the state of the account's `version`."""

    account: Key
    name: Text
    parent: TextOrNone = ""
    party: TextOrNone = ""
    version: Number = 1


class CustomerUpdate(Wire):
    """A version of an account of a customer's."""

    account: Key
    name: Text
    parent: TextOrNone = ""
    version: Number = 1


class OfAccount(Wire):
    """Which account."""

    account: Key


NEW_CUSTOMER = {"account": "A-1", "name": "Northwind"}
"""A customer without a parent."""
