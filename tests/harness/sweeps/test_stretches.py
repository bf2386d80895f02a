"""Of long stretches of reading the ends are tried, and of all else everything."""

import pytest

from harness.sweeps.stretches import ENDS, reads, worth_trying


def places(text):
    """What is worth trying of `text`, in which r is a reading."""
    return worth_trying([letter == "r" for letter in text])


def test_whatever_changes_something_is_tried():
    assert places("wwrwrrww") == list(range(8))
    assert places("") == []


def test_of_a_long_stretch_of_reading_both_ends_are_tried():
    stretch = "r" * 100

    assert places(f"w{stretch}w") == [0, *range(1, 1 + ENDS), *range(101 - ENDS, 101), 101]
    assert places(stretch) == [*range(ENDS), *range(100 - ENDS, 100)]
    assert places("r" * 2 * ENDS) == list(range(2 * ENDS))


@pytest.mark.parametrize("operation", ["erp.find_orders", "crm.list_changes", "call of billing.get_invoice"])
def test_these_read(operation):
    assert reads(operation)


@pytest.mark.parametrize("operation", ["erp.post_document", "commit of erp.bulk_load", "write", "acknowledgement"])
def test_these_do_not(operation):
    assert not reads(operation)
