"""Worker processes: they leave Ctrl-C to their parent, and end with it, however it ends."""

import os
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import connection, get_context, parent_process
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

from harness.endings import Surroundings

INTERRUPTS = (signal.SIGINT, signal.SIGTERM)

PATIENCE_S = 5.0
"""How long what is being ended may take before it is left to the interpreter's own end."""

Task = TypeVar("Task")
Result = TypeVar("Result")
Results = Generator[Result, None, None]


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def each_result(work: Callable[[Task], Result], tasks: Sequence[Task], jobs: int) -> Results[Result]:
    """What `work` makes of each task, as soon as it is done: on `jobs` processes, or in this one if `jobs` is 1.

    Raises what `work` raises, and Surroundings if a worker is ended from outside.
    """
    jobs = min(jobs, len(tasks))
    if jobs <= 1:
        yield from map(work, tasks)
        return
    done: SimpleQueue[Future[Result]] = SimpleQueue()  # `wait` locks all futures: interrupted in it, we would hang
    with _workers(jobs) as executor:
        with interrupts_held_back():
            for task in tasks:
                executor.submit(work, task).add_done_callback(done.put)
        for _ in tasks:
            yield _of_worker(done.get())


@contextmanager
def in_order(work: Callable[[Task], Result], jobs: int) -> Iterator[Callable[[Sequence[Task]], Results[Result]]]:
    """What is called with tasks, as often as one likes, and makes `work` of them: on `jobs` processes, or in this one.

    Results come in the order of the tasks, each as soon as it and those before it are done. Whoever has enough closes
    them, and takes the rest to be needless; so is all that is still being worked on when the block ends. Raises as
    `each_result`.
    """
    if jobs <= 1:
        yield lambda tasks: (work(task) for task in tasks)
        return
    with _workers(jobs) as executor:

        def results(tasks: Sequence[Task]) -> Results[Result]:
            with interrupts_held_back():
                futures = [executor.submit(work, task) for task in tasks]
            return _awaited(futures)

        try:
            yield results
        finally:
            _end_at_once(executor)


def _awaited(futures: Sequence["Future[Result]"]) -> Results[Result]:
    done: SimpleQueue[Future[Result]] = SimpleQueue()
    for future in futures:
        future.add_done_callback(done.put)
    try:
        for future in futures:
            while not future.done():
                done.get()
            yield _of_worker(future)
    finally:
        for future in futures:
            future.cancel()


def _of_worker(future: "Future[Result]") -> Result:
    try:
        return future.result()
    except BrokenProcessPool:
        raise Surroundings(
            "a worker process was ended from outside, perhaps for want of memory: "
            "free some, or run fewer at once with --jobs"
        ) from None


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Keep Ctrl-C until the block has ended. Processes begun in it never get one: they inherit the mask."""
    arrived: list[int] = []
    # The mask alone will not do for us: a signal may come to a thread of numpy's, which has none, and is then ours.
    kept = {number: signal.signal(number, lambda number, _: arrived.append(number)) for number in INTERRUPTS}
    mask = getattr(signal, "pthread_sigmask", None)
    before = mask(signal.SIG_BLOCK, {signal.SIGINT}) if mask else set()
    try:
        yield
    finally:
        if mask:
            mask(signal.SIG_SETMASK, before)
        for number, handler in kept.items():
            signal.signal(number, handler)
        if arrived:
            raise KeyboardInterrupt


@contextmanager
def impatience_ignored() -> Iterator[None]:
    """Let a further Ctrl-C pass without effect: it must not cost what the first one has left to keep."""
    with suppress(KeyboardInterrupt), interrupts_held_back():
        yield


@contextmanager
def _workers(count: int) -> Iterator[ProcessPoolExecutor]:
    executor = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_begin)
    try:
        yield executor
    except BaseException:
        _end_at_once(executor)
        raise
    else:
        executor.shutdown()


def _end_at_once(executor: ProcessPoolExecutor) -> None:
    """End the workers, whatever they are about; again, nothing is left to do."""
    workers, results = list((executor._processes or {}).values()), executor._result_queue
    manager: Thread | None = executor._executor_manager_thread  # type: ignore[assignment]  # as it really is
    executor.shutdown(wait=False, cancel_futures=True)
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join()
    # One may have been half way through sending its result: without an end to it, we would read on for ever.
    if results is not None:
        results._writer.close()  # type: ignore[attr-defined]  # what the standard library has, and gives no name to
    if manager is not None:
        manager.join(PATIENCE_S)  # or the interpreter's end might wake it as it closes its pipe, and complain


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where there is no mask to inherit
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """An idle worker would wait for ever for a parent that was killed."""
    parent = parent_process()
    assert parent is not None, "a worker process has a parent"
    connection.wait([parent.sentinel])
    os._exit(1)
