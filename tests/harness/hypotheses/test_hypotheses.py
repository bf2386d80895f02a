"""Every hypothesis holds on the simulator, or says why it cannot be tested: in one case of each, or in all of them."""

import pytest

from harness.hypotheses import HYPOTHESES, SEED, Untested, asked_for, findings

CASES = [(hypothesis, case) for hypothesis in HYPOTHESES for case in hypothesis.cases]


def spelled(case):
    hypothesis, what = case
    return f"{hypothesis.id}-{next(iter(what.predict()))}"


def pytest_generate_tests(metafunc):
    """Its last case alone, or with `--exhaustive` all cases of each hypothesis."""
    if "case" in metafunc.fixturenames:
        last = [(hypothesis, hypothesis.cases[-1]) for hypothesis in HYPOTHESES]
        metafunc.parametrize("case", CASES if metafunc.config.getoption("--exhaustive") else last, ids=spelled)


def test_what_theory_predicts_is_measured(case):
    for finding in findings(*case, SEED):
        if isinstance(case[1], Untested):
            assert finding.held is None and finding.remark
        else:
            seen = finding.measured
            assert finding.held, f"{finding.claim}: {finding.predicted}, but {seen.value} [{seen.low}, {seen.high}]"


def test_every_number_of_the_reference_is_there_once():
    wanted = [f"{letter}{number}" for letter, last in (("F", 8), ("H", 30), ("Q", 20)) for number in range(1, last + 1)]
    assert sorted(name for one in HYPOTHESES for name in (one.id, *one.also)) == sorted(wanted)


def test_a_claim_is_told_once():
    claims = [claim for _, case in CASES for claim in case.predict()]
    assert len(claims) == len(set(claims))


def test_hypotheses_are_asked_for_by_either_number_in_any_case():
    assert [one.id for one in asked_for(["q20", "F3", "H3"])] == ["H3", "H28"]
    assert asked_for([]) == list(HYPOTHESES)
    with pytest.raises(KeyError, match="H31"):
        asked_for(["H31"])
