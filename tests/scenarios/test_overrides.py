"""`--set dotted.key=value`: as if the file had said so, and blamed on the command line if it is wrong."""

import pytest

from scenarios.errors import ScenarioError
from scenarios.load import loads
from scenarios.schema import Scenario

FILE = """\
name: s
business:
  contracts: 300
faults:
  - {kind: lost_response, system: erp, share: 0.01}
"""


def loaded(*overrides):
    return loads(FILE, "s.yaml", overrides)


def messages(*overrides):
    with pytest.raises(ScenarioError) as caught:
        loaded(*overrides)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_field_of_the_file_is_replaced():
    assert loaded("business.contracts=20").business.contracts == 20


def test_a_field_that_the_file_leaves_out_is_added():
    assert loaded("seed=7", "title=Two words").title == "Two words"


def test_only_the_named_field_changes():
    erp = loaded("systems.erp.service.median=3 s", "systems.erp.limits.per_second=5").systems.erp

    assert (erp.service.median_us, erp.service.sigma_milli) == (3_000_000, 600)
    assert (erp.limits.concurrent, erp.limits.per_second) == (60, 5)
    assert erp.capacity == 15


def test_an_item_of_a_list_is_reached_by_its_position():
    assert loaded("faults.0.share=0.5").faults[0].share_ppm == 500_000
    assert loaded("faults.0.name=leak").faults[0].name == "leak"


def test_a_value_may_be_a_list_or_a_mapping():
    scenario = loaded("faults=[]", 'expect.duplicates=["== 0"]', "business.terms={24: 1}")

    assert scenario.faults == ()
    assert scenario.expect == {"duplicates": ("== 0",)}
    assert scenario.business.term_weights == ((24, 1),)


def test_later_overrides_win():
    assert loaded("seed=1", "seed=2").seed == 2


def test_a_part_that_is_empty_in_the_file_can_be_filled():
    assert loads("name: s\nbusiness:\n", "s.yaml", ["business.contracts=5"]).business.contracts == 5


def test_an_override_can_mend_the_file():
    assert loads("name: s\nseed: -1\n", "s.yaml", ["seed=1"]).seed == 1


@pytest.mark.parametrize(("override", "expected"), [
    (
        "business.contracts=-1",
        "--set business.contracts: found -1, expected a whole number from 1 to 1000000; write 1 or more",
    ),
    (
        "busines.contracts=5",
        "--set busines.contracts: busines: found an unknown field, expected one of "
        f'{", ".join(Scenario.model_fields)}; did you mean "business"?',
    ),
    (
        "business.contract=5",
        "--set business.contract: found an unknown field, expected one of contracts, active_share, profile, "
        "contracts_per_account, acv_median, acv_sigma, billing, terms, first_of_month_share, amendments, waves, "
        "ramp, setup, usage, renewals, services, entities, customer_data, acquisition, rates, prices, "
        'revenue_policies, payments, exceptions, only; did you mean "contracts"?',
    ),
    (
        "business.contracts=",
        "--set business.contracts: found nothing, expected a whole number from 1 to 1000000; "
        "write it in digits, such as 1",
    ),
    (
        "business.contracts",
        "--set business.contracts: found no key and value, expected dotted.key=value; "
        "write for example --set business.contracts=500",
    ),
    (
        "business..contracts=5",
        "--set business..contracts=5: found no key and value, expected dotted.key=value; "
        "write for example --set business.contracts=500",
    ),
    (
        "faults.1.share=0.5",
        '--set faults.1.share: found "1", expected a position in faults, which has 1 items counted from 0; '
        "or set faults as a whole",
    ),
    (
        "faults.first.share=0.5",
        '--set faults.first.share: found "first", expected a position in faults, which has 1 items counted from 0; '
        "or set faults as a whole",
    ),
    (
        "business.contracts.most=5",
        "--set business.contracts.most: found 300 at business.contracts, expected fields below business.contracts; "
        "write --set business.contracts=VALUE",
    ),
    (
        "title=[",
        "--set title: found something else (expected the node content, but found '<stream end>', while parsing a flow "
        "node), expected YAML; check indentation, colons and quotes at this place",
    ),
])  # fmt: skip
def test_a_wrong_override_is_named(override, expected):
    assert messages(override) == [expected]


def test_mistakes_of_the_file_come_first_and_all_overrides_are_heard():
    with pytest.raises(ScenarioError) as caught:
        loads("name: s\ntitel: x\n", "s.yaml", ["seed=-1", "nothing", "title=[", "business.contracts=0"])

    assert [mistake.where for mistake in caught.value.mistakes] == [
        "s.yaml:2:1", "--set business.contracts", "--set seed", "--set nothing", "--set title",
    ]  # fmt: skip


def test_a_window_that_an_override_pushes_out_of_the_run_is_told():
    text = "name: s\nfaults: [{kind: outage, system: erp, from: 2026-03-31, for: 2 h}]\n"

    with pytest.raises(ScenarioError) as caught:
        loads(text, "s.yaml", ["calendar.months=1"])

    assert str(caught.value) == (
        's.yaml:2:44: faults.0.from: found "2026-03-31", expected an instant of the run, which lasts from '
        "2025-12-18 00:00 to 2026-02-09 18:00; move it"
    )
