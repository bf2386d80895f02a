"""A group's books: what is in those of the wrong legal entity is found, though the group's sums are right."""

from dataclasses import replace

from harness.audit import audit
from tests.harness.audit.ideal import books_of
from tests.harness.oracle.agreed import contract, truth

STORY = truth(replace(contract(key="C-1"), entity="emea"), contract(key="C-2", account="A-2"))


def grouped(entity_of):
    expected, books = books_of(STORY)
    records = [(order.id, order.contract) for order in books.orders]
    records += [(entry.id, entry.contract) for entry in books.journal]
    return expected, replace(books, entities={id_: entity_of(key) for id_, key in records})


def test_books_in_which_each_entity_has_its_own_are_right():
    assert audit(*grouped(lambda key: "emea" if key == "C-1" else "")).breaks == ()


def test_records_in_another_entitys_books_are_told_one_by_one():
    expected, books = grouped(lambda key: "")
    found = audit(expected, books)
    misplaced = [order.id for order in books.orders if order.contract == "C-1"]
    misplaced += [entry.id for entry in books.journal if entry.contract == "C-1"]

    assert found.unexplained == {}
    assert [(one.kind, one.key) for one in found.breaks] == [("wrong_entity", id_) for id_ in misplaced]
    assert {(one.expected, one.actual) for one in found.breaks} == {("emea", "the first entity")}
    assert all(one.amount_minor > 0 for one in found.breaks if one.record == "journal_entry")
