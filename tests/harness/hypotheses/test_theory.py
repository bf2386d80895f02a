"""The closed forms give the numbers of the reference."""

import math

import pytest

from harness.hypotheses import theory
from harness.hypotheses.batch import BatchLag, watermark_loss
from harness.hypotheses.clocks import SkewedClocks
from harness.hypotheses.extra_commits import extra_commits
from harness.hypotheses.facade import BreakerInOutage, stale_reads
from harness.hypotheses.outages import RetryWindows
from harness.hypotheses.queues import MarkovQueue
from harness.hypotheses.retries import BlindRetries, Restart, Timeouts
from harness.hypotheses.threads import ThreadsHeld

ERLANG = {
    (2, 1.6): (None, 0.711111, 1.777778),
    (5, 4): (0.199067, 0.554113, 0.554113),
    (5, 4.5): (None, 0.762493, 1.524986),
    (15, 12): (0.0857, 0.319190, 0.106397),
    (15, 13.5): (None, 0.602629, 0.401753),
    (25, 20): (0.050222, 0.209103, 0.041821),
    (5, 3): (0.1101, None, None),
    (15, 10): (0.0365, None, None),
}


@pytest.mark.parametrize(("servers", "load"), ERLANG)
def test_erlangs_formulas(servers, load):
    lost, waits, wait = ERLANG[servers, load]
    for known, found in (
        (lost, theory.erlang_b(servers, load)),
        (waits, theory.erlang_c(servers, load)),
        (wait, theory.mean_wait(servers, load)),
    ):
        assert known is None or found == pytest.approx(known, abs=6e-5 if known in {0.1101, 0.0365, 0.0857} else 1e-6)


@pytest.mark.parametrize(("load", "variance"), [(0.5, 24), (0.8, 1_800), (0.9, 34_200)])
def test_the_standard_errors_are_those_of_the_reference(load, variance):
    """§4.4: 2ρ(1+ρ)/(1−ρ)⁴ for the number inside M/M/1."""
    assert theory.asymptotic_variance(1, load, lambda inside: inside) == pytest.approx(variance, rel=1e-6)


QUEUES = {
    theory.pollaczek_khinchine(0.8, 0): 2.0,
    theory.pollaczek_khinchine(0.9, 0): 4.5,
    theory.pollaczek_khinchine(0.8, 0.25): 2.5,
    theory.pollaczek_khinchine(0.8, math.expm1(0.25)): 2.5681,
    theory.pollaczek_khinchine(0.8, math.expm1(1)): 5.4366,
    theory.pollaczek_khinchine(0.8, 4): 10,
    theory.batch_wait(0.8, 10): 26.5,
    theory.batch_wait(0.8, 1): 4,
    theory.full_share(10, 0.8): 0.023493,
    theory.full_share(10, 0.95): 0.069427,
    theory.full_share(10, 1.2): 0.192586,
    theory.retried_refusals(5, 3): 0.161,
    theory.retried_refusals(15, 10): 0.0468,
    theory.retried_refusals(15, 12): 0.1535,
    theory.breakdown_stay(0.5, 0.01, 10, 200): 4.4646,
    theory.breakdown_stay(0.5, 0.01, 10, 100): 3.4545,
    theory.breakdown_stay(0.7, 0.001, 60, 7_200): 17.27,
    theory.age(0.5): 3.5,
    theory.age(0.8): 5.45,
    theory.poisson_tail(12, 20): 0.011598,
}


@pytest.mark.parametrize(("found", "known"), QUEUES.items())
def test_the_other_queues(found, known):
    digits = len(f"{known}".partition(".")[2])
    assert found == pytest.approx(known, abs=0.5001 * 10**-digits)


def predicted(case):
    return list(case.predict().values())


def test_percentiles_of_stays_and_waits():
    stays = predicted(MarkovQueue(servers=1, load=0.8, tails=(0.95, 0.99)))[-2:]
    assert stays == pytest.approx([14.979, 23.026], abs=1e-3)
    assert predicted(MarkovQueue(servers=5, load=4, tails=(0.95,)))[-1] == pytest.approx(2.4053, abs=1e-4)


def test_restart_and_resumption():
    assert predicted(Restart(steps=5, p=0.99)) == pytest.approx([5.154, 0.102, 5.051, 0], abs=6e-4)
    assert predicted(Restart(steps=5, p=0.9)) == pytest.approx([6.935, 1.24, 5.556, 0], abs=2e-3)
    assert predicted(Restart(steps=8, p=0.9)) == pytest.approx([13.23, 3.91, 8.89, 0], abs=5e-3)


def test_blind_retries():
    extra, tries, lost, false_failures = predicted(BlindRetries(a=0.3, b=0.05, tries=5))
    assert (extra, lost, false_failures) == pytest.approx((0.073697, 0.00243, 0.00282), abs=5e-6)
    assert tries == pytest.approx((1 - 0.35**5) / 0.65)
    assert predicted(BlindRetries(a=0.01, b=0.001, tries=3))[0] == pytest.approx(0.001011, abs=1e-6)


@pytest.mark.parametrize(
    ("a", "b", "n"), [(0.01, 0.001, 3), (0.01, 0.005, 5), (0.3, 0.05, 5), (0, 0.1, 2), (0.2, 0.08, 3)]
)
def test_the_law_of_extra_commits_is_that_of_the_reference(a, b, n):
    f = a + b
    assert extra_commits(a, b, n)[0] == pytest.approx((1 - a) * (1 - f**n) / (1 - f) - (1 - a**n), rel=1e-9)
    assert extra_commits(a, b, None)[0] == pytest.approx(b / (1 - f), rel=1e-9)


@pytest.mark.parametrize(
    ("theta_s", "slow", "duplicates"),
    [(3, 1, 0.0140), (5, 1, 0.00113), (10, 1, 0.000013), (5, 10, 3.6), (10, 10, 0.55), (30, 10, 0.014)],
)
def test_timeouts(theta_s, slow, duplicates):
    assert predicted(Timeouts(theta_s=theta_s, slow=slow))[0] == pytest.approx(duplicates, rel=0.03)


def test_retry_windows():
    tailed = predicted(RetryWindows(tailed=True, windows_h=(1, 2, 4, 8, 24, 48, 72)))
    assert tailed == pytest.approx([0.722, 0.563, 0.385, 0.223, 0.0630, 0.0213, 0.0102], abs=6e-4)
    assert predicted(RetryWindows(tailed=False, windows_h=(1, 4))) == pytest.approx([0.696, 0.234], abs=6e-4)


def test_threads_of_a_chain():
    mean, median, tail, far = predicted(ThreadsHeld(rate_per_s=1, tails=(0.5, 0.95, 0.99)))
    assert (mean, median, tail, far) == pytest.approx((3.831, 3.57, 6.50, 8.56), abs=0.006)


@pytest.mark.parametrize(("kept_s", "share"), [(60, 0.00030), (300, 0.00168), (3_600, 0.0205)])
def test_stale_reads(kept_s, share):
    """H18: read every 10 s, changed once a day."""
    assert stale_reads(0.1, kept_s, 1 / 86_400) == pytest.approx(share, abs=5e-6 if kept_s < 3_600 else 5e-5)


def test_a_breaker_in_an_outage():
    assert predicted(BreakerInOutage()) == [226, 30]


def test_skewed_clocks():
    assert predicted(SkewedClocks(off_ms=50, apart_ms=100))[0] == pytest.approx(0.0786, abs=1e-4)


def test_batches():
    lags = [predicted(BatchLag(every=every, load_s=load))[0] / 60 for every, load in (("15min", 120), ("1h", 300))]
    assert lags == [9.5, 35]
    lost = [watermark_loss(*each) for each in ((2, 900, 0), (2, 900, 5), (30, 3_600, 60))]
    assert lost == pytest.approx([0.002222, 0.000182, 0.00113], rel=0.005)
