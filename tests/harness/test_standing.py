"""What stands at an instant is counted, priced and aged as by its definition, spell by spell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.lags import NOT_YET_US
from harness.standing import Spell, Standing

SPELLS = st.lists(
    st.tuples(st.integers(0, 40), st.none() | st.integers(0, 20), st.integers(0, 9)).map(
        lambda drawn: Spell(drawn[0], NOT_YET_US if drawn[1] is None else drawn[0] + drawn[1], drawn[2])
    ),
    max_size=12,
)


def present(spells, instant):
    return [spell for spell in spells if spell.begun_us <= instant < spell.ended_us]


def test_three_spells_by_hand():
    standing = Standing.of([Spell(0, 10, 5), Spell(4, NOT_YET_US, 7), Spell(6, 6, 100)])
    at = np.array([0, 3, 4, 9, 10, 30])
    assert standing.at(at).tolist() == [1, 1, 2, 2, 1, 1]
    assert standing.minor_at(at).tolist() == [5, 5, 12, 12, 7, 7]
    assert standing.oldest_at(at).tolist() == [0, 3, 4, 9, 6, 26]
    assert (len(standing), standing.peak(0), standing.peak_minor(0), standing.peak(10)) == (2, 2, 12, 1)
    assert standing.mean(0, 20) == pytest.approx((10 + 16) / 20)
    assert standing.longest_us(0, 20) == 16
    assert standing.older(8).at(at).tolist() == [0, 0, 0, 1, 0, 1]


def test_nothing_is_nothing():
    standing = Standing.of([])
    at = np.array([0, 5])
    assert standing.at(at).tolist() == standing.minor_at(at).tolist() == standing.oldest_at(at).tolist() == [0, 0]
    assert (standing.peak(0), standing.peak_minor(0), standing.mean(0, 9), standing.longest_us(0, 9)) == (0, 0, 0, 0)


@given(SPELLS, st.integers(0, 70))
def test_an_instant_is_as_defined(spells, instant):
    standing, at = Standing.of(spells), np.array([instant])
    there = present(spells, instant)
    assert standing.at(at).tolist() == [len(there)]
    assert standing.minor_at(at).tolist() == [sum(spell.minor for spell in there)]
    assert standing.oldest_at(at).tolist() == [max((instant - spell.begun_us for spell in there), default=0)]


@given(SPELLS, st.integers(0, 30), st.integers(1, 40))
def test_peaks_and_means_are_as_defined(spells, from_us, width):
    standing, until_us = Standing.of(spells), from_us + width
    instants = [present(spells, instant) for instant in range(from_us, until_us + 1)]
    assert standing.peak(from_us, until_us) == max(map(len, instants))
    assert standing.peak_minor(from_us, until_us) == max(sum(spell.minor for spell in there) for there in instants)
    assert standing.mean(from_us, until_us) == pytest.approx(sum(map(len, instants[:-1])) / width)


@given(SPELLS, st.integers(0, 20), st.integers(0, 70))
def test_the_older_are_those_that_are_at_least_so_old(spells, than_us, instant):
    older = Standing.of(spells).older(than_us)
    there = [spell for spell in present(spells, instant) if instant - spell.begun_us >= than_us]
    assert older.at(np.array([instant])).tolist() == [len(there)]
