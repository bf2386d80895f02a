"""Durable tables count what is written to them; memory keeps nothing durable, and counts nothing."""

from harness.store import Memory, Store
from sim.clock import Clock


def written(store, *, until_us):
    """How many writes there have been once three were asked for, one after the other."""
    clock = Clock()
    store.table("table")

    async def write():
        for number in range(3):
            await store.write(("table", number, True), ("table", -number, True))

    clock.spawn(write())
    clock.run_until(until_us)
    return store.writes


def test_a_write_of_several_rows_is_one_write():
    assert written(Store(), until_us=60_000) == 3


def test_a_write_counts_once_it_is_kept():
    assert written(Store(), until_us=9_000) == 1


def test_what_is_appended_is_written_too():
    clock, store = Clock(), Store()

    async def write():
        return [await store.append("log", "a"), await store.append("log", "b")]

    task = clock.spawn(write())
    clock.run_until(60_000)
    assert (task.result, store.writes) == ([1, 2], 2)


def test_what_was_there_before_the_run_is_no_write():
    store = Store()
    store.table("table")
    store.put(("table", 1, True))
    assert store.writes == 0


def test_memory_writes_nothing_durable():
    assert written(Memory(), until_us=60_000) == 0
