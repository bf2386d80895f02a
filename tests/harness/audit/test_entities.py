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


def test_a_break_says_whose_books_it_is_in():
    expected, books = grouped(lambda key: "emea" if key == "C-1" else "")
    first = books.invoices[0]
    missing = replace(books, orders=[], journal=books.journal[1:], open_items=books.open_items[1:])
    found = audit(expected, missing).breaks

    assert {(one.record, one.contract, one.entity) for one in found} == {
        ("order", "C-1", "emea"), ("order", "C-2", ""), ("open_item", first.contract, "emea"),
    }  # fmt: skip
    assert found[0].document()["entity"] == "emea"


def test_a_break_of_what_is_in_anothers_books_says_in_whose():
    expected, books = grouped(lambda key: "")
    again = replace(books.orders[0], id="SO-x")
    twice = replace(books, orders=[*books.orders, again], entities={**books.entities, "SO-x": "apac"})
    found = audit(expected, twice).breaks

    assert {one.entity for one in found if one.kind == "wrong_entity" and one.key != "SO-x"} == {""}
    assert [one.entity for one in found if one.kind == "duplicate"] == ["apac"]


def test_a_manual_entry_is_in_the_books_that_it_was_keyed_in():
    expected, books = grouped(lambda key: "emea" if key == "C-1" else "")
    manual = replace(books.journal[-1], id="JE-x", source="manual", contract="")
    keyed = replace(books, journal=[*books.journal, manual], entities={**books.entities, "JE-x": "emea"})

    assert [(one.kind, one.entity) for one in audit(expected, keyed).breaks] == [("gl_only_entry", "emea")]
