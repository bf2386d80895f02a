"""What a scenario may say, in which units it is held, and what is refused whichever way it is said."""

import doctest
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import scenarios.schema
from scenarios import library
from scenarios.distributions import Exponential, Fixed, Lognormal, Uniform
from scenarios.event_faults import ClockSkew
from scenarios.faults import Outage
from scenarios.load import loads
from scenarios.marked import compose, plain
from scenarios.schema import Amendments, Business, Calendar, CompareSpec, Limits, Scenario, Systems
from scenarios.schema_json import EXAMPLE
from scenarios.schema_json import schema as json_schema
from scenarios.schema_json import text as json_schema_text
from scenarios.values import show_span
from sim.durations import DAY, MINUTE, parse_us

SCHEMA = Path(__file__).parents[2] / "scenarios" / "scenario.schema.json"


def refused(model, **fields):
    """The places and expectations of all that is refused."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(fields)
    return {
        ".".join(map(str, (*error["loc"], *error.get("ctx", {}).get("at", ())))): error.get("ctx", {}).get("expected")
        for error in caught.value.errors()
    }


def test_the_example_in_the_modules_first_words_holds():
    results = doctest.testmod(scenarios.schema)

    assert (results.attempted, results.failed) == (2, 0)


# --- units -------------------------------------------------------------------------------------------


def test_a_name_is_all_that_a_scenario_needs():
    scenario = Scenario(name="shortest")

    assert (scenario.business.contracts, scenario.business.profile, scenario.seed) == (2000, "moderate", 0)
    assert scenario.faults == ()


def test_shares_are_held_in_parts_per_million():
    business = Business(active_share=Decimal("0.3"), first_of_month_share=1, contracts_per_account=1.25)

    assert business.active_share_ppm == 300_000
    assert business.first_of_month_share_ppm == 1_000_000
    assert business.contracts_per_account_ppm == 1_250_000


def test_amounts_are_held_in_minor_units_and_sigmas_in_thousandths():
    business = Business(acv_median=Decimal("26000.50"), acv_sigma=1.2)

    assert (business.acv_median_minor, business.acv_sigma_milli) == (2_600_050, 1_200)


def test_spans_are_held_in_microseconds_and_lead_ins_in_days():
    outage = Outage.model_validate({"system": "erp", "from": "2026-01-05 13:30", "for": "1 h 30 min"})

    assert outage.lasts_us == 90 * MINUTE
    assert outage.starts == datetime(2026, 1, 5, 13, 30)
    assert Calendar(lead_in="2 w").lead_in_days == 14


def test_business_hours_are_held_in_minutes_of_the_day():
    hours = Calendar(business_hours="8:30-24:00").business_hours

    assert (hours.opens_minute, hours.closes_minute) == (510, 1440)


def test_billing_and_terms_are_weights_by_months():
    business = Business(billing={"quarterly": 1, "annually": 3}, terms={"12": 2, "36": 1})

    assert business.billing_weights == ((3, 1), (12, 3))
    assert business.term_weights == ((12, 2), (36, 1))


def test_systems_differ_in_speed_and_limits():
    systems = Systems()

    assert [s.service.median_us for s in (systems.crm, systems.billing, systems.erp, systems.revenue)] == [
        300_000, 800_000, 1_500_000, 600_000,
    ]  # fmt: skip
    assert [s.capacity for s in (systems.crm, systems.billing, systems.erp, systems.revenue)] == [40, 30, 15, 20]
    assert (systems.billing.limits.per_second, systems.billing.limits.burst) == (100, 100)
    assert systems.erp.limits.concurrent == 60
    assert systems.crm.limits == systems.revenue.limits == Limits()


def test_limits_that_a_scenario_gives_replace_the_usual_ones():
    systems = Systems.model_validate({"erp": {"limits": {"per_second": 5}}, "billing": {"limits": {}}})

    assert (systems.erp.limits.concurrent, systems.erp.limits.per_second) == (None, 5)
    assert systems.billing.limits.per_second is None


@pytest.mark.parametrize(("said", "meant"), [
    ({"median": "1.5 s", "sigma": 0.6}, Lognormal(median="1.5 s", sigma=0.6)),
    ({"mean": "5 s"}, Exponential(mean="5 s")),
    ({"low": "0 s", "high": "2 s"}, Uniform(low="0 s", high="2 s")),
    ({"fixed": "0 s"}, Fixed(fixed="0 s")),
])  # fmt: skip
def test_a_distribution_is_known_by_its_fields(said, meant):
    assert Systems.model_validate({"crm": {"latency": said}}).crm.latency == meant


@given(st.integers(min_value=0, max_value=3_660 * DAY))
def test_a_span_is_shown_exactly(span_us):
    assert parse_us(show_span(span_us)) == span_us


@pytest.mark.parametrize(("written", "held_us", "shown"), [
    ("2 s", 2_000_000, "2 s"), ("-90 s", -90_000_000, "-90 s"), (" - 1.5 h ", -5_400_000_000, "-90 min"),
])  # fmt: skip
def test_a_clock_may_be_off_either_way(written, held_us, shown):
    skew = ClockSkew.model_validate({"system": "crm", "by": written})

    assert skew.by_us == held_us
    assert skew.model_dump(mode="json", by_alias=True)["by"] == shown
    assert ClockSkew.model_validate({"system": "crm", "by": shown}) == skew


# --- faults ------------------------------------------------------------------------------------------


def test_nameless_faults_are_named_after_their_kind_and_system_and_numbered():
    lost = {"kind": "lost_response", "system": "erp", "share": 0.1}

    scenario = Scenario(name="s", faults=[lost, {**lost, "name": "lost response of erp 2"}, lost, lost])

    assert [fault.name for fault in scenario.faults] == [
        "lost response of erp", "lost response of erp 2", "lost response of erp 3", "lost response of erp 4",
    ]  # fmt: skip


def test_two_faults_cannot_have_one_name():
    lost = {"kind": "lost_response", "system": "erp", "share": 0.1, "name": "leak"}

    assert refused(Scenario, name="s", faults=[lost, lost]) == {"faults.1.name": "a name that no other fault has"}


def test_an_outage_says_when_and_how_long():
    assert refused(Outage, system="erp") == {"from": None, "for": None}


@pytest.mark.parametrize(("window", "field"), [
    ({"from": "2025-12-17 23:59", "for": "1 h"}, "from"),
    ({"from": "2026-04-08 18:00", "for": "1 h"}, "from"),
    ({"from": "2027-01-01", "for": "1 h"}, "from"),
    ({"from": "2026-04-08 17:00", "for": "61 min"}, "for"),
])  # fmt: skip
def test_a_window_lies_within_the_run(window, field):
    outage = {"kind": "outage", "system": "erp", **window}

    assert list(refused(Scenario, name="s", faults=[outage])) == [f"faults.0.{field}"]


def test_a_window_may_fill_the_run_from_its_first_instant_to_its_last():
    outage = {"kind": "outage", "system": "erp", "from": "2025-12-18", "for": "1 h"}
    last = {"kind": "outage", "system": "erp", "from": "2026-04-08 17:00", "for": "60 min"}

    assert len(Scenario(name="s", faults=[outage, last]).faults) == 2


# --- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("fields", "places"), [
    ({"quarter_start": "2026-02-30"}, {"quarter_start": "a date"}),
    ({"quarter_start": "2026-02-02"}, {"quarter_start": "the first day of a month"}),
    ({"quarter_start": "1.2.2026"}, {"quarter_start": "a date"}),
    ({"months": 0}, {"months": "a whole number from 1 to 3"}),
    ({"months": 4}, {"months": "a whole number from 1 to 3"}),
    ({"months": True}, {"months": "a whole number from 1 to 3"}),
    ({"months": "3"}, {"months": "a whole number from 1 to 3"}),
    ({"timezone": "Mars/Olympus"}, {"timezone": "an IANA time zone, such as Europe/Berlin"}),
    ({"holidays": "XX"}, {"holidays": 'a country code, such as US or DE, or "none"'}),
    ({"business_hours": "20:00-08:00"}, {"business_hours": "hours that close after they open"}),
    ({"business_hours": "08:00-24:30"}, {"business_hours": "opening and closing time"}),
    ({"lead_in": "36 h"}, {"lead_in": "whole days, at most 366"}),
    ({"revenue_runs": [5, 3]}, {"revenue_runs": "business days in rising order"}),
    ({"revenue_runs": []}, {"revenue_runs": "business days in rising order"}),
    ({"revenue_runs": [3, 7]}, {"revenue_runs": "business days up to the close, which is close_business_days = 6"}),
])  # fmt: skip
def test_an_impossible_calendar_is_refused(fields, places):
    assert refused(Calendar, **fields) == places


@pytest.mark.parametrize(("fields", "place"), [
    ({"contracts": -1}, "contracts"),
    ({"contracts": 0}, "contracts"),
    ({"contracts": 12.5}, "contracts"),
    ({"profile": "stepp"}, "profile"),
    ({"contracts_per_account": 0.9}, "contracts_per_account"),
    ({"first_of_month_share": 1.01}, "first_of_month_share"),
    ({"first_of_month_share": -0.1}, "first_of_month_share"),
    ({"first_of_month_share": "0.5"}, "first_of_month_share"),
    ({"first_of_month_share": True}, "first_of_month_share"),
    ({"first_of_month_share": Decimal("0.0000001")}, "first_of_month_share"),
    ({"acv_median": 0}, "acv_median"),
    ({"acv_median": Decimal("10.005")}, "acv_median"),
    ({"billing": {"weekly": 1}}, "billing.weekly.[key]"),
    ({"billing": {"monthly": 0}}, "billing"),
    ({"billing": {"monthly": -1}}, "billing.monthly"),
    ({"terms": {}}, "terms"),
    ({"terms": {"0": 1}}, "terms.0.[key]"),
    ({"terms": {"18": 1}}, "terms.18.[key]"),
])  # fmt: skip
def test_an_impossible_business_is_refused(fields, place):
    assert list(refused(Business, **fields)) == [place]


def test_a_term_need_only_suit_the_billing_that_occurs():
    assert Business(billing={"monthly": 1, "annually": 0}, terms={"18": 1}).term_weights == ((18, 1),)


def test_shares_of_one_whole_do_not_exceed_it():
    assert refused(Amendments, decrease_share=0.6, cancel_share=0.5) == {
        "cancel_share": "at most 1 together with decrease_share"
    }


def test_layers_are_compared_once_each():
    assert refused(CompareSpec, layers=["a", "b", "a"]) == {"layers.2": "each layer once"}
    assert refused(CompareSpec, layers=[]) == {"layers": "at least one layer"}


@pytest.mark.parametrize("name", ["", "Quarter", "a b", "a--b", "-a", "a_b", "x" * 65, "ä"])
def test_a_name_is_fit_for_a_folder(name):
    assert list(refused(Scenario, name=name)) == ["name"]


def test_a_scenario_does_not_change():
    scenario = Scenario(name="s")

    with pytest.raises(ValidationError):
        scenario.seed = 1


# --- JSON Schema -------------------------------------------------------------------------------------


def test_the_json_schema_is_one_of_draft_7():
    schema = json_schema()

    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == "urn:tieout:scenario:1"


def test_nothing_stands_beside_a_reference():
    def walk(node):
        if isinstance(node, dict):
            assert "$ref" not in node or len(node) == 1
            assert not {"$defs", "discriminator", "prefixItems"} & node.keys()
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            walk(child)

    walk(json_schema())


def test_every_field_is_described():
    schema = json_schema()

    for name, part in [("scenario", schema), *schema["definitions"].items()]:
        assert part["description"], name
        for word, field in part["properties"].items():
            described = "description" in field or "$ref" in field or "const" in field
            assert described, f"{name}.{word}"


def test_defaults_are_told_as_a_file_says_them():
    definitions = json_schema()["definitions"]

    assert definitions["Calendar"]["properties"]["lead_in"]["default"] == "14 d"
    assert definitions["Business"]["properties"]["acv_median"]["default"] == 26000
    assert definitions["Delivery"]["properties"]["retries"]["default"][:2] == ["10 s", "1 min"]
    assert definitions["Erp"]["properties"]["service"]["default"] == {"median": "1500 ms", "sigma": 0.6}


@pytest.mark.parametrize("name", library.names())
def test_the_json_schema_accepts_the_library(name):
    jsonschema.Draft7Validator(json_schema()).validate(plain(compose(library.text(name), name)))


def test_the_json_schema_accepts_its_own_example():
    jsonschema.Draft7Validator(json_schema()).validate(EXAMPLE)
    assert loads(json.dumps(EXAMPLE), "example").name == "billing-outage"


@pytest.mark.parametrize("wrong", [
    {"titel": "x"},
    {"calendar": {"months": 4}},
    {"calendar": {"lead_in": 14}},
    {"business": {"billing": {"weekly": 1}}},
    {"business": {"terms": {"0": 1}}},
    {"systems": {"crm": {"service": {"mean": "1 s", "sigma": 1}}}},
    {"faults": [{"system": "erp", "share": 0.5}]},
    {"faults": [{"kind": "lost_request", "system": "erp", "share": 1.5}]},
    {"faults": [{"kind": "outage", "system": "erp"}]},
    {"faults": [{"kind": "lost_response", "system": "erp"}]},
    {"faults": [{"kind": "lost_response", "system": "erp", "share": 0.5, "nth": 1}]},
    {"faults": [{"kind": "late_delivery", "system": "crm", "share": 0.5, "nth": 1}]},
    {"expect": {"duplicates": "== 0"}},
])  # fmt: skip
def test_the_json_schema_refuses_what_the_loader_refuses(wrong):
    document = {"name": "s", **wrong}

    assert not jsonschema.Draft7Validator(json_schema()).is_valid(document)
    with pytest.raises(ValidationError):
        Scenario.model_validate(document)


def test_the_schema_file_beside_the_library_is_up_to_date():
    assert SCHEMA.read_text(encoding="utf-8") == json_schema_text()
