import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.books.charges import due_lines, periods
from scenarios import workload
from scenarios.calendar import fiscal
from scenarios.profiles import PROFILES, day_weights, quarter
from scenarios.schema import Scenario
from scenarios.workload import generate
from sim.durations import DAY, MINUTE

NO_AMENDMENTS = {"per_contract_year": 0}


def truth_of(seed=1, calendar=None, **business):
    """A truth, and the calendar it was made by."""
    scenario = Scenario(name="some", calendar=calendar or {}, business={"contracts": 300, **business})
    made_by = fiscal(scenario.calendar)
    return generate(scenario, made_by, seed), made_by


def first_versions(truth, letter):
    """The contracts whose keys begin with `letter` as signed, by key."""
    signed = [*truth.opening, *(act.contract for act in truth.acts if act.contract)]
    return {state.key: state for state in signed if state.version == 1 and state.key.startswith(letter)}


def instants(truth, letter="C"):
    """When each contract was signed, by key."""
    acts = [act for act in truth.acts if act.contract and act.contract.version == 1]
    return {act.contract.key: act.at_us for act in acts if act.contract.key.startswith(letter)}


def chi_square(counts, expected):
    return sum((count - mean) ** 2 / mean for count, mean in zip(counts, expected, strict=True))


def chi_square_limit(freedom, z=3.09):
    """What chi-square exceeds once in a thousand times (Wilson-Hilferty)."""
    return freedom * (1 - 2 / (9 * freedom) + z * sqrt(2 / (9 * freedom))) ** 3


# --- how many, and when ------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
def test_exactly_as_many_contracts_are_signed_in_the_quarter_as_asked(profile):
    truth, calendar = truth_of(profile=profile)
    signed = instants(truth)

    assert sorted(signed) == [f"C-{number:06}" for number in range(1, 301)]
    assert all(calendar.quarter_start_us <= at_us < calendar.quarter_end_us for at_us in signed.values())


def test_the_lead_in_has_its_days_share_and_opening_contracts_come_on_top():
    truth, calendar = truth_of(contracts=610)

    # 9 of the lead-in's days are business days, and 61 of the quarter's.
    assert len(instants(truth, "L")) == 90
    assert all(0 <= at_us < calendar.quarter_start_us for at_us in instants(truth, "L").values())
    assert len(truth.opening) == 305
    assert len(instants(truth_of(calendar={"lead_in": "0 d"})[0], "L")) == 0


def test_everyone_signs_in_business_hours():
    truth, calendar = truth_of(calendar={"business_hours": "09:00-17:30", "timezone": "Europe/Berlin"})

    for at_us in [*instants(truth).values(), *instants(truth, "L").values()]:
        local = calendar.local(at_us)
        assert calendar.is_business_day(local.toordinal())
        assert 9 * 60 <= 60 * local.hour + local.minute < 17 * 60 + 30


def test_signings_per_day_follow_the_profile_and_no_other():
    truth, calendar = truth_of(contracts=10_000, active_share=0, amendments=NO_AMENDMENTS)
    days = Counter(calendar.day_of(at_us) for at_us in instants(truth).values())

    def misfit(profile):
        weights = list(day_weights(PROFILES[profile], calendar))
        total = sum(weight for _, weight in weights)
        return chi_square([days[day] for day, _ in weights], [10_000 * weight / total for _, weight in weights])

    assert misfit("moderate") < chi_square_limit(60)
    assert all(misfit(profile) > 2 * chi_square_limit(60) for profile in ("flat", "steep", "extreme"))


def test_on_the_clock_of_the_intensity_signings_are_uniform():
    count = 10_000
    truth, calendar = truth_of(contracts=count, profile="steep", active_share=0, amendments=NO_AMENDMENTS)
    intensity = quarter(PROFILES["steep"], calendar)
    shares = sorted(intensity.position(at_us) / intensity.total for at_us in instants(truth).values())
    kolmogorov = max(max((n + 1) / count - share, share - n / count) for n, share in enumerate(shares))
    gaps = [count * (b - a) for a, b in pairwise(shares)]

    assert kolmogorov < 1.95 / sqrt(count)  # exceeded once in a thousand times
    for beyond in (0.5, 1.0, 2.0):  # rescaled gaps are exponential with mean 1
        probability = 2.718281828459045**-beyond
        spread = sqrt(probability * (1 - probability) / count)
        assert sum(gap > beyond for gap in gaps) / count == pytest.approx(probability, abs=4 * spread)


# --- the same contracts ------------------------------------------------------------------------------


def test_another_profile_moves_the_same_contracts():
    moderate, _ = truth_of(profile="moderate")
    extreme, _ = truth_of(profile="extreme")
    one, other = first_versions(moderate, "C"), first_versions(extreme, "C")

    def lasting(contract):
        months = round((contract.end_day - contract.start_day) / 30.4)
        terms = contract.billing_months, contract.unit_price_minor, contract.obligations
        return contract.account, months, terms, contract.quantity, contract.versions[0].price_change_minor

    assert {key: lasting(state) for key, state in one.items()} == {key: lasting(state) for key, state in other.items()}
    assert sum(instants(moderate)[key] != instants(extreme)[key] for key in one) > 290
    assert first_versions(moderate, "L") == first_versions(extreme, "L")
    assert moderate.opening == extreme.opening


def test_contracts_keep_their_order_under_another_profile():
    flat, extreme = (instants(truth_of(profile=profile)[0]) for profile in ("flat", "extreme"))

    assert sorted(flat, key=flat.get) == sorted(extreme, key=extreme.get)


def test_more_contracts_come_on_top_of_those_there_were():
    few, many = truth_of(contracts=300)[0], truth_of(contracts=600)[0]

    assert first_versions(few, "C").items() <= first_versions(many, "C").items()
    assert set(few.opening) <= set(many.opening)


def test_the_lead_in_changes_no_contract_of_the_quarter():
    one, other = truth_of(calendar={"lead_in": "14 d"})[0], truth_of(calendar={"lead_in": "28 d"})[0]

    assert first_versions(one, "C") == first_versions(other, "C")


def test_another_seed_is_another_business():
    one, other = first_versions(truth_of(seed=1)[0], "C"), first_versions(truth_of(seed=2)[0], "C")

    assert sum(one[key] == other[key] for key in one) == 0


# --- what contracts say ------------------------------------------------------------------------------


def test_sizes_billing_and_terms_follow_their_distributions():
    truth, _ = truth_of(contracts=10_000, active_share=0, amendments=NO_AMENDMENTS)
    signed = list(first_versions(truth, "C").values())
    acv = sorted(state.quantity * state.unit_price_minor * 12 for state in signed)
    billing = Counter(state.billing_months for state in signed)
    terms = Counter(round((state.end_day - state.start_day) / 30.4) for state in signed)

    assert acv[5000] == pytest.approx(2_600_000, rel=0.06)
    assert acv[8413] / acv[5000] == pytest.approx(3.32, rel=0.1)  # exp(1.2), one sigma up
    assert [billing[months] / 10_000 for months in (1, 3, 12)] == pytest.approx([0.3, 0.2, 0.5], abs=0.02)
    assert [terms[months] / 10_000 for months in (12, 24, 36)] == pytest.approx([0.7, 0.2, 0.1], abs=0.02)


def test_bundles_cost_no_more_than_their_products_apart():
    signed = first_versions(truth_of(contracts=1000)[0], "C").values()

    assert {len(state.obligations) for state in signed} == {1, 2, 3}
    for state in signed:
        apart_minor = sum(obligation.ssp_minor for obligation in state.obligations)
        assert state.unit_price_minor <= apart_minor
        assert (state.unit_price_minor < apart_minor) == (len(state.obligations) > 1)


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_contracts_start_on_signing_or_on_the_next_first_of_a_month(share):
    truth, calendar = truth_of(contracts=2000, first_of_month_share=share, active_share=0)
    later = 0
    for state in first_versions(truth, "C").values():
        signed_day = state.versions[0].signed_day
        next_first = calendar.end_day(calendar.month_of_day(signed_day))
        assert state.start_day in (signed_day, next_first)
        later += state.start_day == next_first

    assert later / 2000 == pytest.approx(share, abs=0.04)


def test_opening_contracts_have_begun_before_the_run_and_outlast_it():
    truth, calendar = truth_of(contracts=1000, terms={"1": 20, "6": 30, "12": 50}, billing={"monthly": 1})
    first_day, last_day = calendar.day_of(0), calendar.day_of(calendar.end_us)
    signed_days = [state.versions[0].signed_day for state in truth.opening]

    assert all(state.version == 1 for state in truth.opening)
    assert all(state.start_day < first_day and state.end_day > last_day for state in truth.opening)
    assert all(first_day - 365 <= day < first_day and calendar.is_business_day(day) for day in signed_days)
    by_quarter = Counter((first_day - 1 - day) * 4 // 365 for day in signed_days)
    assert chi_square([by_quarter[n] for n in range(4)], [125] * 4) < chi_square_limit(3)


# --- customers ---------------------------------------------------------------------------------------


def test_every_customer_has_one_account_opened_a_day_or_more_before_it_signs():
    truth, calendar = truth_of(contracts=1000, profile="steep")
    opened = {act.account.key: act.at_us for act in truth.acts if act.account}
    known = [account.key for account in truth.opening_accounts]
    signed = {**instants(truth, "C"), **instants(truth, "L")}

    assert sum(1 for act in truth.acts if act.account) == len(opened)
    assert len(set(known)) == len(known)
    assert not set(known) & set(opened)
    for key, state in {**first_versions(truth, "C"), **first_versions(truth, "L")}.items():
        assert state.account in known or opened[state.account] <= signed[key] - DAY
    for at_us in opened.values():
        local = calendar.local(at_us)
        assert at_us >= 0
        assert calendar.is_business_day(local.toordinal())
        assert 7 <= local.hour < 20
    assert {state.account for state in truth.opening} <= set(known)


def test_an_account_is_opened_at_most_a_month_and_a_long_weekend_before_its_first_contract():
    truth, _ = truth_of(contracts=1000, contracts_per_account=1)
    signed = {f"A-{key.replace('-', '')}": at_us for key, at_us in instants(truth).items()}
    ahead = [signed[act.account.key] - act.at_us for act in truth.acts if act.account and act.account.key in signed]

    assert min(ahead) >= DAY
    assert max(ahead) < 36 * DAY
    assert sum(ahead) / len(ahead) == pytest.approx(16.5 * DAY, abs=2 * DAY)


@pytest.mark.parametrize("per_account", [1, 1.3, 3])
def test_customers_have_as_many_contracts_on_average_as_asked(per_account):
    truth, _ = truth_of(contracts=5000, contracts_per_account=per_account, active_share=0)
    accounts = {state.account for state in first_versions(truth, "C").values()}

    assert 5000 / len(accounts) == pytest.approx(per_account, rel=0.06)


def test_later_contracts_are_spread_over_the_customers_there_are():
    truth, _ = truth_of(contracts=5000, contracts_per_account=2, active_share=0)
    held = Counter(state.account for state in first_versions(truth, "C").values())

    assert {1, 2, 3, 4, 5} <= set(held.values())
    assert max(held.values()) < 250


def test_names_come_from_a_pool_and_change_nothing_else(monkeypatch):
    named, _ = truth_of()
    monkeypatch.setattr(workload, "company", lambda word: "Nameless")
    nameless, _ = truth_of()

    def blank(act):
        return act._replace(account=replace(act.account, name="Nameless")) if act.account else act

    names = Counter(account.name for account in named.opening_accounts)
    assert len(names) > 100
    assert names.most_common(1)[0][1] < 5
    assert tuple(map(blank, named.acts)) == nameless.acts
    assert named.opening == nameless.opening


# --- amendments --------------------------------------------------------------------------------------

SHARE = st.sampled_from([0, 0.1, 0.5])


@settings(max_examples=25)
@given(
    seed=st.integers(0, 1000),
    rate=st.sampled_from([0.6, 6, 40]),
    decrease=SHARE,
    cancel=SHARE,
    burst=st.sampled_from([0, 0.15, 1]),
    gap=st.sampled_from(["1 s", "10 min", "5 d"]),
    term=st.sampled_from([1, 3, 12]),
    profile=st.sampled_from(list(PROFILES)),
)
def test_versions_follow_each_other(seed, rate, decrease, cancel, burst, gap, term, profile):
    amendments = {
        "per_contract_year": rate, "decrease_share": decrease, "cancel_share": cancel, "burst_share": burst,
        "gap_min": gap,
    }  # fmt: skip
    scenario = Scenario(
        name="some",
        business={
            "contracts": 20, "profile": profile, "terms": {str(term): 1}, "billing": {"monthly": 1}, "acv_median": 1000,
            "amendments": amendments,
        },
    )  # fmt: skip
    calendar = fiscal(scenario.calendar)
    truth = generate(scenario, calendar, seed)
    state = {contract.key: contract for contract in truth.opening}
    signed_us = {}

    assert [act.at_us for act in truth.acts] == sorted(act.at_us for act in truth.acts)
    for act in truth.acts:
        if act.contract is None:
            continue
        contract, before = act.contract, state.get(act.contract.key)
        newest = contract.versions[-1]
        assert contract.versions[:-1] == (before.versions if before else ())
        assert newest.number == len(contract.versions)
        assert newest.signed_day == calendar.day_of(act.at_us) <= newest.effective_day < contract.end_day
        assert act.at_us < calendar.quarter_end_us
        if before:
            last = before.versions[-1]
            assert replace(contract, versions=before.versions) == before
            assert last.quantity > 0, "nothing follows a cancellation"
            assert newest.quantity != last.quantity
            assert newest.effective_day >= last.effective_day
            assert newest.kind == ("amended" if newest.quantity else "cancelled")
            if contract.key in signed_us:
                assert act.at_us - signed_us[contract.key] >= scenario.business.amendments.gap_min_us
        else:
            assert newest.kind == "signed"
            assert newest.effective_day == contract.start_day
        state[contract.key], signed_us[contract.key] = contract, act.at_us
    assert truth.contracts() == state


def test_a_price_change_is_what_billing_will_charge_for_it():
    truth, _ = truth_of(amendments={"per_contract_year": 4})
    amended = [state for state in truth.contracts().values() if state.version > 1]

    assert len(amended) > 200
    for state in truth.contracts().values():
        charged = Counter()
        for period in range(len(periods(state))):
            for line in due_lines(state, period):
                charged[line.version] += line.minor
        assert {v.number: v.price_change_minor for v in state.versions if v.price_change_minor} == {
            version: minor for version, minor in charged.items() if minor
        }


def test_contracts_are_amended_as_often_as_asked():
    quiet = {"burst_share": 0, "cancel_share": 0, "per_contract_year": 2}
    truth, calendar = truth_of(contracts=2000, active_share=1, amendments=quiet)
    amended = sum(1 for act in truth.acts if act.contract and act.contract.key.startswith("O"))
    expected = 2000 * 2 * calendar.quarter_end_us / (365.25 * DAY)

    assert amended == pytest.approx(expected, abs=4 * sqrt(expected))


def test_amendments_are_of_each_kind_as_often_as_asked():
    truth, _ = truth_of(contracts=4000, amendments={"burst_share": 0})
    changes = Counter()
    for state in truth.contracts().values():
        for before, after in pairwise(state.versions):
            changes["cancel" if not after.quantity else "up" if after.quantity > before.quantity else "down"] += 1
    total = changes.total()

    assert total > 500
    assert changes["cancel"] / total == pytest.approx(0.1, abs=0.05)
    assert changes["down"] / total == pytest.approx(0.2, abs=0.06)


def test_a_single_unit_is_only_ever_raised():
    lower = {"per_contract_year": 3, "decrease_share": 1, "cancel_share": 0}
    truth, _ = truth_of(acv_median=1, acv_sigma=0, amendments=lower)
    quantities = {tuple(version.quantity for version in state.versions) for state in truth.contracts().values()}

    assert {(1,), (1, 2), (1, 2, 1), (1, 2, 1, 2)} <= quantities
    assert min(map(min, quantities)) == 1


def test_nothing_is_signed_after_the_quarter_not_even_a_correction():
    slow = {"per_contract_year": 6, "burst_share": 1, "gap_min": "5 d"}
    truth, calendar = truth_of(contracts=1000, amendments=slow)
    last_us = truth.acts[-1].at_us

    assert calendar.quarter_end_us - DAY < last_us < calendar.quarter_end_us


def test_no_amendments_when_none_are_asked_for():
    truth, _ = truth_of(amendments=NO_AMENDMENTS)

    assert all(state.version == 1 for state in truth.contracts().values())


def test_corrections_follow_within_minutes_from_the_same_day_on():
    terms = {"burst_share": 1, "cancel_share": 0, "burst_gap": "5 min", "gap_min": "2 min", "per_contract_year": 0.6}
    truth, _ = truth_of(contracts=2000, amendments=terms)
    signed = {(act.contract.key, act.contract.version): act.at_us for act in truth.acts if act.contract}
    gaps, same_day = [], 0
    corrected = [state for state in truth.contracts().values() if state.version >= 3 and state.key.startswith("O")]
    for state in corrected:
        gaps.append(signed[state.key, 3] - signed[state.key, 2])
        same_day += state.versions[1].effective_day == state.versions[2].effective_day

    assert len(corrected) > 100
    assert min(gaps) >= 2 * MINUTE
    assert sum(gaps) / len(gaps) == pytest.approx(7 * MINUTE, abs=4 * 5 * MINUTE / sqrt(len(gaps)))
    assert same_day == len(corrected)


# --- determinism -------------------------------------------------------------------------------------

DIGEST = """
from hashlib import sha256
from scenarios.calendar import fiscal
from scenarios.schema import Scenario
from scenarios.workload import generate
scenario = Scenario(name="some", business={"contracts": 200, "amendments": {"per_contract_year": 3}})
print(sha256(repr(generate(scenario, fiscal(scenario.calendar), 7)).encode()).hexdigest())
"""


def test_a_truth_is_the_same_under_every_hash_seed():
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hash_seed in ("0", "1", "random")
    }

    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


def test_a_truth_is_the_same_on_every_machine_and_python():
    truth, _ = truth_of(seed=0, calendar={"holidays": "none", "timezone": "UTC"}, amendments={"per_contract_year": 3})
    agreed = repr([truth.opening, [(act.at_us, act.account and act.account.key, act.contract) for act in truth.acts]])
    agreed = agreed.replace(", period_price_minor=0", "")  # on which no workload agrees

    # A change of what the workload means changes this on purpose; nothing else may. Names are Faker's.
    assert sha256(agreed.encode()).hexdigest()[:16] == "b4e169b310fac238"
