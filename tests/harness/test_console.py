"""Progress says that it lives: what was done last, and when nothing has been for long."""

import time

import pytest

from harness import console


@pytest.fixture
def silences(monkeypatch):
    """What is said of silence, where 20 ms are long."""
    monkeypatch.setattr(console, "SILENCE_S", 0.02)
    return []


def until(there):
    for _ in range(500):
        if there():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")


def test_a_silence_is_told_of_when_it_begins_to_be_one_and_each_time_that_it_is_twice_as_long(silences):
    with console.stirring(silences.append):
        until(lambda: len(silences) == 3)

    assert silences == [0.02, 0.04, 0.08]


def test_who_stirs_is_silent_anew(silences):
    with console.stirring(silences.append) as stir:
        until(lambda: len(silences) >= 2)
        stir()
        until(lambda: silences.count(0.02) == 2)


def test_nothing_is_said_after_the_end(silences):
    with console.stirring(silences.append):
        pass
    time.sleep(0.05)

    assert silences == []


def test_progress_that_comes_to_a_standstill_says_so_where_nobody_watches(silences, capsys):
    said = ""

    def standstill():
        nonlocal said
        said += capsys.readouterr().err
        return "two-contracts: still at 50% after" in said

    with console.progress("two-contracts", 2, quiet=False) as told:
        told(1, "of the quarter")
        until(standstill)

    assert said.startswith("two-contracts: 50% of the quarter\n")
