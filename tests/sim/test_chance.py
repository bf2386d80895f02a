"""A draw belongs to its key and to nothing else; the draws are uniform; the tables are their distributions."""

import math
from itertools import pairwise
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.chance import (
    CELL_BITS,
    CELL_SHIFT,
    EIGHT,
    SIX,
    Stream,
    constant,
    exponential,
    happens,
    lognormal,
    lognormal_largest,
    uniform,
)

SECOND = 1_000_000
WORDS = [Stream(5, "uniformity").word(number) for number in range(40_000)]


# --- keys --------------------------------------------------------------------------------------------


def test_a_draw_depends_on_its_key_alone_and_not_on_earlier_draws():
    fresh, used = Stream(7, "amounts"), Stream(7, "amounts")
    for number in range(100):
        used.word("C-000001", number)
    assert fresh.word("C-000042") == used.word("C-000042")


def test_a_draw_is_the_same_in_every_version_of_the_program():
    """Golden: a change here changes every published fingerprint."""
    draws = Stream(20260331, "golden")
    assert draws.word("C-000001", 1) == 0xC0B60733726D7CA5
    assert draws.six("C-000001", 1) == (974402259, 3345485205, 4133352356, 544700064, 1243652008, 2003524324)


@pytest.mark.parametrize(
    "other",
    [Stream(8, "amounts").word("C-1", 2), Stream(7, "arrivals").word("C-1", 2), Stream(7, "amounts").word("C-1", 3),
     Stream(7, "amounts").word("C-2", 2), Stream(7, "amounts").word("C-1")],
)  # fmt: skip
def test_another_seed_purpose_entity_or_occurrence_is_another_draw(other):
    assert Stream(7, "amounts").word("C-1", 2) != other


def test_nearby_seeds_share_no_draws():
    """`seed XOR id` would: seed 1 at key 2 is seed 2 at key 1."""
    words = {Stream(seed, "arrivals").word(key) for seed in range(50) for key in range(50)}
    assert len(words) == 2_500


def test_a_key_is_its_text_so_that_1_and_the_word_1_are_one():
    assert Stream(7, "amounts").word(1) == Stream(7, "amounts").word("1")


@pytest.mark.parametrize(
    ("count", "unpack", "words"),
    [
        (6, SIX, (3408191992, 2279643848, 552320491, 81344505, 2789292105, 4111289569)),
        (8, EIGHT, (724081572, 2361641570, 1914906362, 2207049837, 100206824, 3949942743, 821767852, 3780991534)),
    ],
)  # fmt: skip
def test_hot_code_draws_the_same_words_in_every_version_of_the_program(count, unpack, words):
    """Golden: a change here changes every published fingerprint."""
    draws = Stream(20260331, "golden").hasher("erp.post_document", count)
    draws.update(b"C-000001|2")
    assert unpack(draws.digest()) == words


@pytest.mark.parametrize(
    ("seed", "purpose", "what", "key"),
    [(8, "calls", "erp.post", "C-1"), (7, "index", "erp.post", "C-1"), (7, "calls", "erp.find", "C-1"),
     (7, "calls", "erp.post", "C-2")],
)  # fmt: skip
def test_another_seed_purpose_operation_or_key_is_other_draws_for_hot_code_too(seed, purpose, what, key):
    def drawn(seed, purpose, what, key):
        draws = Stream(seed, purpose).hasher(what)
        draws.update(key.encode())
        return set(SIX(draws.digest()))

    assert not drawn(seed, purpose, what, key) & drawn(7, "calls", "erp.post", "C-1")


# --- uniformity --------------------------------------------------------------------------------------


def test_words_fill_a_hundred_equal_cells_evenly():
    """Chi square with 99 degrees of freedom is below 148.2 in 999 of 1000 cases."""
    counts = [0] * 100
    for word in WORDS:
        counts[word * 100 >> 64] += 1
    expected = len(WORDS) / 100
    assert sum((count - expected) ** 2 / expected for count in counts) < 148.2


def test_each_of_the_64_bits_is_set_in_half_of_the_words():
    bound = 4.5 * math.sqrt(len(WORDS)) / 2
    assert all(abs(sum(word >> bit & 1 for word in WORDS) - len(WORDS) / 2) < bound for bit in range(64))


def test_words_of_neighbouring_keys_are_uncorrelated():
    centred = [word / 2**64 - 0.5 for word in WORDS]
    covariance = math.fsum(one * other for one, other in pairwise(centred)) / len(WORDS)
    assert abs(covariance * 12) < 4 / math.sqrt(len(WORDS))


def six(number):
    return Stream(5, "six").six(number)


def eight(number):
    draws = Stream(5, "eight").hasher("layer", 8)
    draws.update(str(number).encode())
    return EIGHT(draws.digest())


def hot_six(number):
    draws = Stream(5, "six").hasher("erp.post")
    draws.update(str(number).encode())
    return SIX(draws.digest())


@pytest.mark.parametrize(("words", "count"), [(six, 6), (hot_six, 6), (eight, 8)])
def test_the_words_of_one_key_are_uncorrelated(words, count):
    rows = [[word / 2**32 - 0.5 for word in words(number)] for number in range(10_000)]
    assert {len(row) for row in rows} == {count}
    for one in range(count):
        for other in range(one):
            covariance = math.fsum(row[one] * row[other] for row in rows) / len(rows)
            assert abs(covariance * 12) < 4 / math.sqrt(len(rows))


@given(st.integers(0, 2**62), st.text(max_size=8), st.integers(1, 1000))
def test_uniform_is_below_one_and_below_is_below_its_limit(seed, key, limit):
    draws = Stream(seed, "bounds")
    assert 0 <= draws.uniform(key) < 1
    assert 0 <= draws.below(limit, key) < limit


def test_every_value_below_a_limit_comes_up():
    draws = Stream(5, "below")
    assert {draws.below(7, number) for number in range(200)} == set(range(7))


# --- choices -----------------------------------------------------------------------------------------


def test_a_pick_comes_from_the_choices_and_every_choice_is_picked():
    draws = Stream(5, "pick")
    assert {draws.pick("abc", number) for number in range(100)} == set("abc")


@pytest.mark.parametrize("word", [0, 1, 2**31, 2**32 - 1])
def test_nothing_happens_at_0_and_everything_at_1_000_000_ppm(word):
    assert not happens(word, 0)
    assert happens(word, 1_000_000)


def test_a_chance_ends_at_its_exact_word():
    """A quarter of the 32-bit words are below 2**30."""
    assert happens(2**30 - 1, 250_000)
    assert not happens(2**30, 250_000)


def test_raising_a_probability_only_adds_hits():
    """So a sweep over loss rates keeps every loss it had."""
    words = [word >> 32 for word in WORDS[:5_000]]
    rare = {word for word in words if happens(word, 10_000)}
    assert rare < {word for word in words if happens(word, 30_000)}


# --- distributions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spans", "mean_us"),
    [
        (exponential(2 * SECOND), 2 * SECOND),
        (lognormal(2 * SECOND, 600), 2 * SECOND * math.exp(0.6**2 / 2)),
        (uniform(SECOND, 3 * SECOND), 2 * SECOND),
        (constant(2 * SECOND), 2 * SECOND),
    ],
)
def test_a_table_has_the_mean_of_its_distribution(spans, mean_us):
    assert spans.mean_us == pytest.approx(mean_us, rel=2e-4)


def test_a_table_is_the_same_on_every_machine():
    """Golden: logarithms may differ in their last digit between machines, microseconds must not."""
    assert sum(lognormal(1_500_000, 600).values) == 29_421_887_734
    assert sum(exponential(1_500_000).values) == 24_575_480_142


@pytest.mark.parametrize("share", [0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999])
def test_a_table_has_the_quantiles_of_its_distribution(share):
    word = int(share * 2**32)
    assert exponential(SECOND).draw(word) == pytest.approx(-SECOND * math.log(1 - share), rel=0.04)
    normal = NormalDist().inv_cdf(share)
    assert lognormal(SECOND, 1_200).draw(word) == pytest.approx(SECOND * math.exp(1.2 * normal), rel=0.02)
    assert uniform(100, 1_100).draw(word) == pytest.approx(100 + 1_000 * share, abs=1)


def test_a_lognormal_table_ends_where_the_module_says():
    """At its 1/32768 quantiles: exp(± 4.01 sigma) times the median."""
    values = lognormal(SECOND, 500).values
    assert values[-1] == pytest.approx(SECOND * math.exp(4.01 * 0.5), rel=1e-3)
    assert values[0] * values[-1] == pytest.approx(SECOND**2, rel=1e-3)


@pytest.mark.parametrize("sigma_milli", [0, 600, 4_000])
def test_the_largest_lognormal_is_the_last_of_the_table(sigma_milli):
    assert lognormal_largest(SECOND, sigma_milli) == lognormal(SECOND, sigma_milli).values[-1]


@pytest.mark.parametrize("spans", [exponential(SECOND), lognormal(SECOND, 1_500), uniform(0, 9), constant(4)])
def test_a_table_rises_and_holds_microseconds(spans):
    assert len(spans.values) == 1 << CELL_BITS
    assert list(spans.values) == sorted(spans.values)
    assert all(type(value) is int and value >= 0 for value in spans.values)


def test_the_whole_range_of_words_finds_a_cell():
    spans = uniform(0, 1_000)
    assert spans.draw(0) == spans.values[0]
    assert spans.draw(2**32 - 1) == spans.values[(2**32 - 1) >> CELL_SHIFT] == spans.values[-1]


def test_a_longer_delay_keeps_the_order_of_its_draws():
    """Common random numbers: what was slow in the fast world is slow in the slow one."""
    words = [word >> 32 for word in WORDS[:1_000]]
    fast, slow = lognormal(SECOND, 600), lognormal(3 * SECOND, 600)
    assert sorted(words, key=fast.draw) == sorted(words, key=slow.draw)
