"""The store of records: what it declines it leaves undone, and what is undone leaves no trace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.object_types import (
    Attribute,
    DeclareTypes,
    MarkObjects,
    ObjectType,
    Problem,
    ReleaseObjects,
    Write,
    WriteObjects,
)
from fakes.objects import Objects
from tests.fakes.samples import ask

CUSTOMER = ObjectType(
    "customer", lambda n: f"cu-{n}",
    (Attribute("name", 5, required=True), Attribute("key", unique=True), Attribute("old", indexed=True)),
)  # fmt: skip
ORDER = ObjectType(
    "order", lambda n: f"or-{n}",
    (Attribute("customer", refers_to=("customer",), on_delete="cascade"), Attribute("payer", refers_to=("customer",))),
    (("customer", "number"),),
)  # fmt: skip
INVOICE = ObjectType("invoice", lambda n: f"in-{n}", (Attribute("order", refers_to=("order",), on_delete="restrict"),))


@pytest.fixture
def store():
    made = Objects()
    ask(made, DeclareTypes((CUSTOMER, ORDER, INVOICE)))
    return made


def do(store, *writes, all_or_none=False, now_us=1):
    return ask(store, WriteObjects(writes, all_or_none), now_us)


def insert(type_, **values):
    return Write("insert", type_, values=values)


def state(store):
    """Everything that can be read of a store."""
    records = {id_: (dict(one.values), one.modified_us, one.deleted, one.kept) for id_, one in store.records.items()}
    found = {
        (type_, name, value): [one.id for one in store.find(type_, name, value)]
        for type_, name in (("customer", "key"), ("customer", "old"), ("order", "customer"), ("order", "payer"))
        for value in ("a", "b", "c", *records)
    }
    changed = {type_: [one.id for one in store.changed_since(type_, 0)] for type_ in store.types}
    return records, found, changed


def problem(store, write):
    (outcome,) = do(store, write)
    return outcome.problem


def test_each_kind_of_fault_is_told_with_what_it_concerns(store):
    do(store, insert("customer", name="One", key="a", old="x"), insert("customer", name="Two", key="b", old="X"))
    do(store, insert("order", customer="cu-1", number=1))
    before = state(store)
    assert problem(store, insert("customer")) == Problem("required", ("name",))
    assert problem(store, insert("customer", name="Longer")) == Problem("too_long", ("name",), 5)
    assert problem(store, insert("customer", name="x", key="A")) == Problem("duplicate", ("key",), "cu-1")
    assert problem(store, insert("order", customer="or-1")) == Problem("no_such_reference", ("customer",), "or-1")
    assert problem(store, insert("order", customer="cu-1", number=1)) == Problem(
        "duplicate", ("customer", "number"), "or-1"
    )
    assert problem(store, Write("update", "customer", "cu-1", {"name": None})) == Problem("required", ("name",))
    assert problem(store, Write("update", "order", "cu-1", {})) == Problem("not_found")
    assert problem(store, Write("undelete", "customer", "cu-1")) == Problem("not_deleted")
    by_old = Write("upsert", "customer", values={"name": "x"}, by="old", key="x")
    assert problem(store, by_old) == Problem("ambiguous", ("old",), ("cu-1", "cu-2"))
    assert state(store) == before


def test_what_refers_to_a_deleted_record_goes_with_it_or_is_cleared_or_keeps_it(store):
    do(store, insert("customer", name="One"), insert("customer", name="Two"))
    do(store, insert("order", customer="cu-1", payer="cu-2"), insert("invoice", order="or-1"))
    assert problem(store, Write("delete", "customer", "cu-1")) == Problem("restricted", ("invoice",), "in-1")
    assert problem(store, Write("delete", "customer", "cu-2")) is None
    assert store.records["or-1"].values == {"customer": "cu-1"}
    do(store, Write("delete", "invoice", "in-1"))
    do(store, Write("delete", "customer", "cu-1"))
    assert [one.id for one in store.records.values() if not one.deleted] == []
    assert problem(store, insert("order", customer="cu-1")) == Problem("deleted_reference", ("customer",), "cu-1")
    assert problem(store, Write("update", "customer", "cu-1", {"name": "x"})) == Problem("deleted")
    assert problem(store, Write("undelete", "customer", "cu-1")) is None


def test_an_upsert_is_of_the_record_with_that_key(store):
    write = Write("upsert", "customer", values={"name": "One"}, by="key", key="a")
    assert [one.created for one in do(store, write, write)] == [True, False]
    assert [one.id for one in store.find("customer", "key", "A")] == ["cu-1"]


def test_what_its_source_says_of_a_record_is_written_by_nobody_else(store):
    do(store, Write("insert", "customer", values={"name": "One", "old": None}, source_us=0))
    assert problem(store, Write("update", "customer", "cu-1", {"name": "Two"})) == Problem("read_only", ("name",))
    assert problem(store, Write("update", "customer", "cu-1", {"old": "x"})) == Problem("read_only", ("old",))
    assert problem(store, Write("update", "customer", "cu-1", {"name": "One", "key": "k"})) is None
    assert problem(store, Write("delete", "customer", "cu-1")) == Problem("read_only")
    assert problem(store, Write("update", "customer", "cu-1", {"name": "Two"}, source_us=5)) is None
    assert store.records["cu-1"].modified_us == 5


def test_marks_within_marks_are_unwound_apart(store):
    outer = ask(store, MarkObjects())
    do(store, insert("customer", name="One"))
    inner = ask(store, MarkObjects())
    do(store, insert("customer", name="Two"))
    ask(store, ReleaseObjects(inner, unwind=True))
    assert list(store.records) == ["cu-1"]
    ask(store, ReleaseObjects(outer, unwind=True))
    assert not store.records


def test_changes_are_told_newest_first_and_once(store):
    do(store, insert("customer", name="One"), insert("customer", name="Two"), now_us=1)
    do(store, Write("update", "customer", "cu-1", {"old": "x"}), now_us=2)
    assert [one.id for one in store.changed_since("customer", 1)] == ["cu-1", "cu-2"]
    assert [one.id for one in store.changed_since("customer", 2)] == ["cu-1"]
    for at_us in range(3, 3_000):
        do(store, Write("update", "customer", "cu-2", {"old": str(at_us)}), now_us=at_us)
    assert [one.id for one in store.changed_since("customer", 1)] == ["cu-2", "cu-1"]
    assert len(store._changes["customer"]) < 1_100, "changes that others have followed are let go"


KEYS = st.sampled_from([None, "a", "b", "c"])
WRITES = st.one_of(
    st.builds(lambda key, old: insert("customer", name="x", key=key, old=old), KEYS, KEYS),
    st.builds(lambda n: insert("order", customer=f"cu-{n}"), st.integers(1, 4)),
    st.builds(lambda n, m: insert("order", customer=f"cu-{n}", payer=f"cu-{m}"), st.integers(1, 4), st.integers(1, 4)),
    st.builds(lambda n, key: Write("update", "customer", f"cu-{n}", {"key": key, "old": key}), st.integers(1, 4), KEYS),
    st.builds(lambda n: Write("delete", "customer", f"cu-{n}"), st.integers(1, 4)),
    st.builds(lambda n: Write("undelete", "customer", f"cu-{n}"), st.integers(1, 4)),
    st.just(insert("customer")),
)


@given(st.lists(WRITES, max_size=8), st.lists(WRITES, max_size=8))
def test_a_group_that_is_all_or_none_is_all_or_none(first, second):
    made = Objects()
    ask(made, DeclareTypes((CUSTOMER, ORDER, INVOICE)))
    do(made, *first, now_us=1)
    before = state(made)
    outcomes = do(made, *second, insert("customer"), all_or_none=True, now_us=2)
    assert outcomes[-1].problem == Problem("required", ("name",))
    assert state(made) == before


def test_what_is_taken_back_stands_where_it_stood():
    made = Objects()
    ask(made, DeclareTypes((CUSTOMER, ORDER, INVOICE)))
    do(made, insert("customer", name="A"), insert("customer", name="B"), now_us=1)
    first, second = list(made.records)
    do(made, insert("order", customer=first), insert("order", customer=first), now_us=2)
    before = state(made)
    order = next(id_ for id_, one in made.records.items() if one.type == "order")
    moved = Write("update", "order", order, {"customer": second})
    do(made, moved, insert("customer"), all_or_none=True, now_us=3)

    assert state(made) == before
