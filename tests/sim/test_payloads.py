"""A body in a newer schema says what its record says, under the names that its source now uses."""

import copy
import pickle
from dataclasses import dataclass

import pytest

from sim.payloads import Extended, Renamed, plain_body, views


@dataclass(frozen=True)
class Invoice:
    id: str
    total_minor: int

    @property
    def kind(self):
        return "invoice" if self.total_minor >= 0 else "credit_memo"


INVOICE = Invoice("INV-1", 100)
RENAMED, EXTENDED = Renamed(INVOICE, "total_minor", "amount_minor"), Extended(INVOICE, "tax_region")


def test_a_renamed_field_has_its_new_name_and_no_longer_its_old_one():
    assert RENAMED.amount_minor == 100
    assert (RENAMED.id, RENAMED.kind) == ("INV-1", "invoice")
    assert not hasattr(RENAMED, "total_minor")
    with pytest.raises(AttributeError, match="Invoice has no field 'total_minor' in schema 2"):
        RENAMED.total_minor  # noqa: B018  # it is the asking that fails


def test_a_field_that_is_added_is_empty_and_takes_nothing_away():
    assert (EXTENDED.tax_region, EXTENDED.total_minor, EXTENDED.id) == (None, 100, "INV-1")


@pytest.mark.parametrize("body", [RENAMED, EXTENDED])
def test_what_no_schema_has_is_not_there(body):
    assert not hasattr(body, "colour") and not hasattr(body, "_secret")


@pytest.mark.parametrize("body", [RENAMED, EXTENDED])
def test_who_knows_of_the_change_has_the_record_back(body):
    assert body.restored() is INVOICE


def test_what_has_changed_is_said():
    assert (RENAMED.names, EXTENDED.names) == (("total_minor", "amount_minor"), (None, "tax_region"))


@pytest.mark.parametrize("body", [RENAMED, EXTENDED, Renamed(EXTENDED, "id", "number")])
def test_a_body_can_be_copied_and_kept(body):
    assert copy.deepcopy(body) == body == pickle.loads(pickle.dumps(body))


def test_changes_add_up():
    both = Renamed(RENAMED, "id", "number")
    assert (both.number, both.amount_minor, both.restored()) == ("INV-1", 100, RENAMED)
    assert not hasattr(both, "id") and not hasattr(both, "total_minor")


def test_a_plain_body_is_what_is_behind_all_views():
    both = Renamed(RENAMED, "id", "number")

    assert list(views(both)) == [both, RENAMED] and list(views(INVOICE)) == []
    assert plain_body(both) is plain_body(INVOICE) is INVOICE
    assert plain_body(None) is None
