"""Particulars are given back as they were written."""

from fakes.particulars import DropParticulars, ParticularsDesk, ViewParticulars, WriteParticulars
from tests.fakes.samples import ask, refusal


def test_what_is_written_is_read_and_keeps_what_was_there():
    desk = ParticularsDesk()
    ask(desk, WriteParticulars("draft", "d-1", {"a": 1, "b": 2}), 5)
    ask(desk, WriteParticulars("draft", "d-1", {"b": 3}), 9)
    known = ask(desk, ViewParticulars()).thing("draft", "d-1")
    assert (known.number, known.created_us, known.fields) == (1, 5, {"a": 1, "b": 3})
    assert ask(desk, ViewParticulars()).thing("note", "d-1") is None


def test_what_is_dropped_is_gone_and_its_number_is_not_used_again():
    desk = ParticularsDesk()
    for key in ("d-1", "d-2"):
        ask(desk, WriteParticulars("draft", key, {}))
    ask(desk, DropParticulars("draft", "d-1"))
    assert ask(desk, ViewParticulars()).thing("draft", "d-1") is None
    assert refusal(desk, DropParticulars("draft", "d-1")) == (404, "draft_not_found")
    assert refusal(desk, WriteParticulars("draft", "d-1", {})) == (404, "draft_not_found")
    assert ask(desk, WriteParticulars("draft", "d-3", {})).number == 3
    assert [one.key for one in ask(desk, ViewParticulars()).things("draft")] == ["d-1", "d-2", "d-3"]
