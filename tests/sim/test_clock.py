"""One time line for plain calls, SimPy processes and coroutines, in integers, first come first served."""

import doctest
from contextvars import ContextVar

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

import sim.clock
from sim.clock import Clock, Task
from sim.errors import UnfinishedWork

WHO = ContextVar("who", default="nobody")


class WrongBooks(Exception):
    """An error that SimPy could not rebuild from its `args`."""

    def __init__(self, account, *, off_minor):
        super().__init__(account)
        self.off_minor = off_minor


@pytest.fixture
def clock():
    return Clock()


# --- order -------------------------------------------------------------------------------------------


def test_calls_of_one_instant_come_in_the_order_of_asking(clock):
    seen = []
    for name in ("first", "second", "third"):
        clock.at(5, seen.append, name)
    clock.run_until(5)
    assert seen == ["first", "second", "third"]


def test_a_call_asked_for_at_this_instant_comes_after_all_that_are_due(clock):
    seen = []
    clock.at(5, lambda _: clock.at(5, seen.append, "asked for at 5"))
    clock.at(5, seen.append, "due at 5")
    clock.run_until(5)
    assert seen == ["due at 5", "asked for at 5"]


def test_processes_tasks_and_calls_share_one_time_line_and_tie_first_come_first_served(clock):
    seen = []

    def process(name, span):
        yield clock.timeout(span)
        seen.append((clock.now, name))

    async def task(name, span):
        await clock.sleep(span)
        seen.append((clock.now, name))

    clock.at(5, lambda name: seen.append((clock.now, name)), "call")
    clock.spawn(task("task", 5))
    clock.process(process("process", 5))
    clock.spawn(task("early task", 2))
    clock.process(process("early process", 3))
    clock.run_until(10)

    # The call was queued at once. SimPy starts processes before what else is due, so theirs is the second timeout.
    assert seen == [(2, "early task"), (3, "early process"), (5, "call"), (5, "process"), (5, "task")]


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["call", "timeout"])), max_size=40))
def test_everything_comes_by_instant_and_then_by_the_order_of_asking(asked):
    clock, seen = Clock(), []
    for number, (span, kind) in enumerate(asked):
        if kind == "call":
            clock.at(span, seen.append, number)
        else:
            clock.timeout(span, number).callbacks.append(lambda event: seen.append(event.value))
    clock.run_until(9)
    assert seen == sorted(range(len(asked)), key=lambda number: (asked[number][0], number))


# --- running -----------------------------------------------------------------------------------------


def test_what_is_due_at_the_last_instant_is_done_with_all_that_follows_from_it_then(clock):
    """SimPy's own `run(until=t)` stops short of t: a period's last instant would belong to no period."""
    seen = []

    async def close():
        await clock.sleep(10)
        seen.append("closed")
        await clock.sleep(0)
        seen.append("told")

    clock.spawn(close())
    clock.at(11, seen.append, "too late")
    clock.run_until(10)
    assert (clock.now, seen) == (10, ["closed", "told"])


def test_simpys_own_run_still_works_and_stops_short_of_its_instant(clock):
    seen = []
    for instant in (3, 9, 10):
        clock.at(instant, seen.append, instant)
    clock.run(until=10)
    assert (clock.now, seen) == (10, [3, 9])


def test_simpys_own_run_returns_the_value_of_the_event_it_waits_for(clock):
    assert clock.run(until=clock.timeout(4, "value")) == "value"
    assert clock.now == 4


def test_simpys_own_run_ends_when_nothing_is_left(clock):
    clock.at(4, lambda _: None)
    clock.run()
    assert clock.now == 4


def test_running_on_continues_where_the_clock_stands(clock):
    seen = []
    for instant in (5, 6, 20):
        clock.at(instant, seen.append, instant)
    clock.run_until(5)
    clock.run_until(6)
    assert (clock.now, seen) == (6, [5, 6])
    clock.run_until(30)
    assert (clock.now, seen) == (30, [5, 6, 20])


def test_time_does_not_go_back(clock):
    clock.run_until(10)
    with pytest.raises(AssertionError, match="stands at 10 and does not go back to 9"):
        clock.run_until(9)
    clock.run_until(10)
    assert clock.now == 10


def test_a_sleep_of_less_than_nothing_is_refused_where_it_is_asked_for(clock):
    refusals = []

    async def sleeper():
        try:
            await clock.sleep(-1)
        except ValueError as error:
            refusals.append(str(error))
        await clock.sleep(3)

    clock.spawn(sleeper())
    clock.run_until(5)
    assert refusals == ["a sleep of -1 µs: time does not go back, so sleep for 0 or more"]


def test_an_error_leaves_the_rest_of_the_plan_as_it_was(clock):
    """The run that ended in it must not stop a later one where it would have stopped itself."""
    seen = []

    def fail(_):
        raise ValueError("wrong books")

    clock.at(3, fail)
    for instant in (3, 10, 11, 20):
        clock.at(instant, seen.append, instant)
    with pytest.raises(ValueError, match="wrong books"):
        clock.run_until(10)
    assert (clock.now, clock.events, seen) == (3, 1, [])
    clock.run_until(20)
    assert (clock.now, clock.events, seen) == (20, 5, [3, 10, 11, 20])


def test_time_stays_an_integer(clock):
    async def nap():
        for _ in range(3):
            await clock.sleep(100_000)
        await clock.wait(clock.timeout(100_000))
        return clock.now

    task = clock.spawn(nap())
    clock.run_until(1_000_000)
    assert task.result == 400_000
    assert type(task.result) is int


def test_events_counts_what_the_kernel_processed_and_nothing_else(clock):
    async def nap():
        await clock.sleep(1)
        await clock.sleep(1)

    clock.spawn(nap())  # starts, wakes, wakes
    for instant in (1, 2, 3, 50):
        clock.at(instant, lambda _: None)
    clock.run_until(0)
    assert clock.events == 1
    clock.run_until(10)
    assert clock.events == 6
    clock.run()
    assert clock.events == 7


def test_a_thousand_runs_of_a_microsecond_count_as_one_of_a_thousand():
    counts = []
    for stops in (range(1, 1_001), [1_000]):
        clock = Clock()
        for instant in range(1, 1_001):
            clock.at(instant, lambda _: None)
        for stop in stops:
            clock.run_until(stop)
        counts.append(clock.events)
    assert counts == [1_000, 1_000]


# --- tasks -------------------------------------------------------------------------------------------


def test_a_task_gives_its_result_to_all_who_await_it(clock):
    async def work():
        await clock.sleep(7)
        return "done"

    async def ask(task):
        return await task, clock.now

    task = clock.spawn(work())
    askers = [clock.spawn(ask(task)) for _ in range(2)]
    clock.run_until(20)
    late = clock.spawn(ask(task))
    clock.run_until(30)
    assert [asker.result for asker in askers] == [("done", 7), ("done", 7)]
    assert late.result == ("done", 20)


def test_a_task_without_a_sleep_starts_at_its_instant_and_not_before(clock):
    seen = []

    async def work():
        seen.append(clock.now)

    def start(_):
        clock.spawn(work())

    clock.at(5, start)
    clock.run_until(4)
    assert seen == []
    clock.run_until(5)
    assert seen == [5]


def test_who_asked_to_be_told_hears_in_the_moment_a_task_returns(clock):
    seen = []

    async def work():
        await clock.sleep(7)
        return "done"

    task = Task(clock, work(), ended=lambda result: seen.append((result, clock.now)))
    clock.at(7, seen.append, "due before")
    clock.at(0, task.step)
    clock.at(0, lambda _: clock.at(7, seen.append, "due after"))
    clock.run_until(10)
    assert seen == ["due before", ("done", 7), "due after"]


def test_asking_for_a_result_too_early_is_refused_with_the_remedy(clock):
    async def work():
        await clock.sleep(7)

    task = clock.spawn(work())
    clock.run_until(6)
    assert not task.done
    with pytest.raises(UnfinishedWork, match="run the clock further"):
        _ = task.result
    clock.run_until(7)
    assert (task.done, task.result) == (True, None)


def test_each_task_has_its_own_copy_of_the_context(clock):
    seen = []

    async def work(name):
        WHO.set(name)
        for _ in range(2):
            await clock.sleep(1)
            seen.append((name, WHO.get()))

    clock.spawn(work("a"))
    clock.spawn(work("b"))
    clock.run_until(5)
    assert seen == [("a", "a"), ("b", "b"), ("a", "a"), ("b", "b")]
    assert WHO.get() == "nobody"


def test_a_task_inherits_the_context_of_who_spawned_it(clock):
    async def child():
        return WHO.get()

    async def parent():
        WHO.set("parent")
        task = clock.spawn(child())
        WHO.set("another")
        return await task

    task = clock.spawn(parent())
    clock.run_until(1)
    assert task.result == "parent"


def test_an_error_in_a_task_ends_the_run_as_it_is(clock):
    async def work():
        await clock.sleep(3)
        raise WrongBooks("1100", off_minor=5)

    clock.spawn(work())
    with pytest.raises(WrongBooks) as error:
        clock.run_until(10)
    assert (error.value.off_minor, clock.now) == (5, 3)


def test_an_error_in_a_process_ends_the_run_as_it_is(clock):
    """SimPy itself would rebuild it from its `args`, and lose what else it carries."""

    def process():
        yield clock.timeout(3)
        error = KeyError("1100")
        error.off_minor = 5
        raise error

    clock.process(process())
    with pytest.raises(KeyError) as error:
        clock.run_until(10)
    assert error.value.off_minor == 5


# --- SimPy -------------------------------------------------------------------------------------------


def test_a_task_waits_for_a_simpy_process_and_gets_its_value(clock):
    def process():
        yield clock.timeout(3)
        return "shipped"

    async def work():
        return await clock.wait(clock.process(process())), clock.now

    task = clock.spawn(work())
    clock.run_until(10)
    assert task.result == ("shipped", 3)


def test_a_task_may_start_a_simpy_process_and_sleep_on(clock):
    """SimPy starts a process before all else that is due at the instant, so also before the task is put to sleep."""
    seen = []

    def process():
        seen.append(("process starts", clock.now))
        yield clock.timeout(3)
        seen.append(("process", clock.now))

    async def work():
        clock.process(process())
        await clock.sleep(5)
        seen.append(("task", clock.now))

    clock.spawn(work())
    clock.at(0, seen.append, "due with the task")
    clock.run_until(10)
    assert seen == [("process starts", 0), "due with the task", ("process", 3), ("task", 5)]
    assert clock.events == 6  # the task's start and end, the process's start, timeout and end, and the call


def test_what_an_error_had_begun_goes_on_when_the_clock_does(clock):
    seen = []

    def process():
        seen.append(clock.now)
        yield clock.timeout(3)
        seen.append(clock.now)

    def begin_and_fail(_):
        clock.process(process())
        raise ValueError("wrong books")

    clock.at(2, begin_and_fail)
    clock.at(9, seen.append, "later")
    with pytest.raises(ValueError, match="wrong books"):
        clock.run_until(10)
    assert (clock.now, clock.events, seen) == (2, 1, [])
    clock.run_until(10)
    assert (clock.events, seen) == (5, [2, 5, "later"])


def test_an_event_already_processed_gives_its_value_at_once(clock):
    async def work():
        event = clock.timeout(3, "value")
        await clock.sleep(5)
        return await clock.wait(event), clock.now

    task = clock.spawn(work())
    clock.run_until(10)
    assert task.result == ("value", 5)


def test_any_number_of_events_may_have_been_processed_before_the_first_is_awaited(clock):
    async def work():
        events = [clock.timeout(1, number) for number in range(5_000)]
        await clock.sleep(5)
        return [await clock.wait(event) for event in events]

    task = clock.spawn(work())
    clock.run_until(10)
    assert task.result == list(range(5_000))


def fail_at(instant, event):
    def fail(_):
        event.fail(WrongBooks("1100", off_minor=5))

    event.env.at(instant, fail)


@pytest.mark.parametrize("patience", [0, 5], ids=["before it fails", "after it failed"])
def test_a_failing_event_raises_in_the_task_that_waits_for_it(clock, patience):
    """The very error, with all it carries; caught there, it is over."""

    async def work():
        event = clock.event()
        fail_at(3, event)
        if patience:
            event.defused = True  # who comes late has to say that it will come
            await clock.sleep(patience)
        try:
            await clock.wait(event)
        except WrongBooks as error:
            return error.off_minor, clock.now

    task = clock.spawn(work())
    clock.run_until(10)
    assert task.result == (5, max(3, patience))


def test_a_failing_process_raises_in_the_task_that_waits_for_it(clock):
    def process():
        yield clock.timeout(3)
        raise KeyError("1100")

    async def work():
        try:
            return await clock.wait(clock.process(process()))
        except KeyError as error:
            return error.args, clock.now

    task = clock.spawn(work())
    clock.run_until(10)
    assert task.result == (("1100",), 3)


def test_a_failing_event_that_its_task_does_not_catch_ends_the_run_as_it_is(clock):
    async def work():
        event = clock.event()
        fail_at(3, event)
        await clock.wait(event)

    clock.spawn(work())
    with pytest.raises(WrongBooks) as error:
        clock.run_until(10)
    assert (error.value.off_minor, clock.now) == (5, 3)


def test_a_failing_event_that_nobody_waits_for_ends_the_run(clock):
    clock.event().fail(WrongBooks("1100", off_minor=5))
    with pytest.raises(WrongBooks):
        clock.run_until(10)


def test_a_task_waits_for_the_first_of_two_events(clock):
    async def work():
        slow, fast = clock.timeout(9, "slow"), clock.timeout(2, "fast")
        first = await clock.wait(slow | fast)
        return list(first.values()), clock.now

    task = clock.spawn(work())
    clock.run_until(10)
    assert task.result == (["fast"], 2)


def test_a_simpy_resource_serves_processes_on_this_clock(clock):
    desk, seen = simpy.Resource(clock, capacity=1), []

    def customer(name):
        with desk.request() as turn:
            yield turn
            yield clock.timeout(5)
            seen.append((name, clock.now))

    for name in "abc":
        clock.process(customer(name))
    clock.run_until(100)
    assert seen == [("a", 5), ("b", 10), ("c", 15)]


def test_a_simpy_process_can_be_interrupted_on_this_clock(clock):
    seen = []

    def sleeper():
        try:
            yield clock.timeout(50)
        except simpy.Interrupt as interrupt:
            seen.append((interrupt.cause, clock.now))

    process = clock.process(sleeper())
    clock.at(7, process.interrupt)
    clock.run_until(10)
    assert seen == [(None, 7)]


def test_the_example_in_the_module_says_the_truth():
    results = doctest.testmod(sim.clock)
    assert results.attempted
    assert not results.failed


def test_what_has_not_begun_when_a_run_fails_is_not_taken_for_forgotten():
    clock = Clock()

    async def failing():
        await clock.sleep(1)
        raise ValueError

    async def late():
        raise AssertionError("begun all the same")

    def begin(_):
        clock.spawn(late())

    clock.at(1, begin)
    clock.spawn(failing())
    with pytest.raises(ValueError):
        clock.run_until(5)
