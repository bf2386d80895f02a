"""The scenarios that come with the program."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harness.expectations import threshold_of
from scenarios import library
from scenarios.compile import calendar_of, faults_of, policies_of
from scenarios.load import load
from sim.durations import DAY, HOUR

NAMES = (
    "acquisition-mid-quarter", "billing-out-of-sequence", "billing-outage", "calm-month", "customer-master-data",
    "cutover", "duplicate-webhooks", "erp-degraded", "erp-throttled-at-close", "finance-exceptions", "lost-responses",
    "middleware-crash", "out-of-order-events", "poison-message", "quarter-end-spike", "renewal-wave", "retry-storm",
    "rule-change-mid-period", "schema-change", "services-company-quarter", "subscription-company-quarter",
    "token-expiry-weekend", "two-contracts", "usage-surge", "usage-surge-batch",
)  # fmt: skip


def test_the_library_has_these_scenarios():
    assert library.names() == NAMES


def test_the_library_is_found_in_whatever_it_was_installed_as(tmp_path):
    package = Path(library.__file__).parents[1]
    with zipfile.ZipFile(tmp_path / "installed.zip", "w") as archive:
        for path in [package / "__init__.py", *sorted((package / "library").glob("*.*"))]:
            archive.write(path, path.relative_to(package.parent))
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from scenarios import library;"
        "print(library.__file__, len(library.names()), library.text('calm-month').count('name: calm-month'))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "installed.zip")],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip

    assert done.stdout.split() == [str(tmp_path / "installed.zip/scenarios/library/__init__.py"), str(len(NAMES)), "1"]


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_bears_the_name_of_its_file(name):
    assert load(name).name == name


@pytest.mark.parametrize("name", NAMES)
def test_a_file_opens_with_its_story_and_its_question(name):
    first, *others = library.text(name).splitlines()
    comments = others[: next(position for position, line in enumerate(others) if not line.startswith("#"))]

    assert first == "# yaml-language-server: $schema=../scenario.schema.json"
    assert 3 <= len(comments) <= 7
    assert re.fullmatch(r"# Question: [a-z].*\?", comments[-1])
    assert all(len(line) <= 120 for line in library.text(name).splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_has_a_title_expectations_and_layers_to_compare(name):
    scenario = load(name)

    assert scenario.title
    assert scenario.expect.keys() >= {"duplicates", "missing", "breaks"}
    assert len(scenario.compare.layers) >= 2
    assert scenario.compare.seeds >= 5


@pytest.mark.parametrize("name", NAMES)
def test_the_expectations_can_be_read(name):
    for metric, thresholds in load(name).expect.items():
        for threshold in thresholds:
            assert threshold_of(metric, threshold).metric == metric.partition(".")[0]


CALM = (
    "acquisition-mid-quarter",
    "calm-month",
    "rule-change-mid-period",
    "services-company-quarter",
    "subscription-company-quarter",
)
"""What is there to show that the books of all of a business tie out."""


@pytest.mark.parametrize("name", CALM)
def test_nothing_goes_wrong_in_the_calm_ones(name):
    assert load(name).faults == ()


@pytest.mark.parametrize("name", sorted({*NAMES} - {*CALM, "two-contracts"}))
def test_something_goes_wrong_in_every_other(name):
    scenario = load(name)

    assert scenario.faults or scenario.cutover or scenario.business.exceptions.any


def test_the_finance_team_has_every_kind_of_exception_to_see_to():
    scenario = load("finance-exceptions")

    assert all(scenario.business.exceptions.model_dump().values())
    assert scenario.finance_team.persons == 3
    assert scenario.tie_seed == 1


def test_the_spike_is_a_quarter_of_two_thousand_contracts():
    scenario = load("quarter-end-spike")

    assert (scenario.business.contracts, scenario.business.profile, scenario.calendar.months) == (2000, "moderate", 3)


def test_the_spike_meets_its_faults_on_the_last_day_and_in_the_close():
    scenario = load("quarter-end-spike")
    calendar = calendar_of(scenario)
    kinds = {fault.kind: fault for fault in faults_of(scenario)}

    assert kinds.keys() == {
        "lost_response", "duplicate_delivery", "late_delivery", "outage", "brownout", "throttling",
    }  # fmt: skip
    assert calendar.quarter_end_us - DAY < kinds["outage"].start_us < kinds["outage"].end_us < calendar.quarter_end_us
    for kind in ("brownout", "throttling"):
        assert calendar.quarter_end_us < kinds[kind].start_us < kinds[kind].end_us < calendar.end_us


@pytest.mark.parametrize("name", sorted({*NAMES} - {"quarter-end-spike", "two-contracts"}))
def test_the_others_run_in_seconds(name):
    scenario = load(name)

    services = scenario.business.services
    assert 150 <= scenario.business.contracts + (services.projects if services else 0) <= 600


@pytest.mark.parametrize(("name", "kinds"), [
    ("billing-outage", {"outage"}),
    ("lost-responses", {"lost_response"}),
    ("out-of-order-events", {"out_of_order"}),
    ("duplicate-webhooks", {"duplicate_delivery"}),
    ("erp-throttled-at-close", {"throttling"}),
    ("erp-degraded", {"brownout"}),
    ("billing-out-of-sequence", {"out_of_order"}),
    ("middleware-crash", {"crash", "lost_response"}),
    ("poison-message", {"poison"}),
    ("schema-change", {"schema_change"}),
    ("token-expiry-weekend", {"expired_token"}),
    ("retry-storm", {"throttling", "brownout", "lost_response"}),
    ("usage-surge", {"throttling", "brownout"}),
])  # fmt: skip
def test_a_scenario_has_the_faults_that_its_name_says(name, kinds):
    assert {fault.kind for fault in load(name).faults} == kinds


def test_the_rule_changes_in_the_middle_of_the_quarter_for_what_is_signed_from_then_on():
    scenario = load("rule-change-mid-period")
    calendar = calendar_of(scenario)
    before, after = policies_of(scenario)

    assert calendar.day_of(calendar.quarter_start_us) < after.from_day < calendar.day_of(calendar.quarter_end_us)
    assert (before.setup_distinct, after.setup_distinct) == (True, False)


def test_the_surge_meets_its_faults_in_the_night_of_the_reports():
    scenario = load("usage-surge")
    calendar = calendar_of(scenario)

    for fault in faults_of(scenario):
        assert fault.start_us == calendar.quarter_end_us
        assert fault.end_us > calendar.quarter_end_us + 6 * HOUR  # when the bill run is
