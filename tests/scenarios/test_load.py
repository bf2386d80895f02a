"""Loading a scenario: from a name, a file or a text; and one message for each mistake, with its place."""

import os
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.expectations import threshold_of
from scenarios import library
from scenarios.errors import ScenarioError
from scenarios.faults import KINDS
from scenarios.load import load, loads
from scenarios.marked import compose, plain
from scenarios.schema import Scenario


def messages(text, *overrides):
    """What is wrong with a text, one message a mistake."""
    with pytest.raises(ScenarioError) as caught:
        loads(text, "s.yaml", overrides)
    assert str(caught.value).split("\n") == [str(mistake) for mistake in caught.value.mistakes]
    return str(caught.value).split("\n")


def message(text, *overrides):
    """The one thing that is wrong with a text."""
    found = messages(text, *overrides)
    assert len(found) == 1, found
    return found[0]


# --- sources -----------------------------------------------------------------------------------------


def test_a_name_of_the_library_is_enough():
    assert load("calm-month").name == "calm-month"


def test_a_path_is_read(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\n", encoding="utf-8")

    assert load(str(path)).name == "mine"


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: mine\r\nseed: 3\r\n")

    assert load(str(path)).seed == 3


def unusable(source):
    with pytest.raises(ScenarioError) as caught:
        load(str(source))
    return str(caught.value)


def test_an_unknown_name_brings_the_nearest_one():
    assert unusable("quater-end-spike") == (
        "quater-end-spike: found no such file or scenario, expected a YAML file's path or a scenario of the library; "
        'did you mean "quarter-end-spike"?'
    )


def test_an_unknown_name_with_nothing_near_brings_them_all():
    assert unusable("xyzzy") == (
        "xyzzy: found no such file or scenario, expected a YAML file's path or a scenario of the library; "
        f"the library has {', '.join(library.names())}"
    )


def test_a_directory_is_not_read(tmp_path):
    assert unusable(tmp_path) == f"{tmp_path}: found a directory, expected a YAML file; name a file"
    (tmp_path / "b.yaml").touch()
    assert unusable(tmp_path) == (
        f"{tmp_path}: found a directory, expected a YAML file; name one file in it, such as {tmp_path / 'b.yaml'}"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_an_unreadable_file_is_named(tmp_path):
    path = tmp_path / "mine.yaml"
    path.touch(mode=0)

    assert unusable(path) == (
        f"{path}: found a file that cannot be read (Permission denied), expected a YAML file; check its permissions"
    )


def test_a_file_that_the_system_refuses_is_named(tmp_path, monkeypatch):
    def refuse(self, *args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    path = tmp_path / "mine.yaml"
    assert unusable(path) == (
        f"{path}: found a file that cannot be read (Permission denied), expected a YAML file; check its permissions"
    )


def test_a_path_that_cannot_be_one_is_refused():
    assert unusable("a\0b").startswith(r"a\x00b: found a file that cannot be read (embedded null byte), expected")
    assert unusable(f"{__file__}/x.yaml").startswith(f"{__file__}/x.yaml: found no such file or scenario, expected")


def test_a_file_that_is_not_utf_8_is_named_with_the_place(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes("name: mine\ntitle: Größe\n".encode("latin-1"))

    assert unusable(path) == (
        f"{path}:2:10: found the byte 0xF6, expected text in UTF-8; save the file in that encoding"
    )


def test_a_file_too_large_to_be_a_scenario_is_not_parsed(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"# " + b"x" * (1 << 20))

    assert unusable(path) == f"{path}: found more than 1 MiB, expected a scenario of a page or two; name another file"


@pytest.mark.parametrize(("text", "expected"), [
    ("", "s.yaml: found an empty file, expected a scenario; begin with the line name: my-scenario"),
    ("# story\n", "s.yaml: found a file of comments alone, expected a scenario; begin with the line name: my-scenario"),
    ("---\n...\n", "s.yaml:2:1: found nothing, expected a scenario; begin with the line name: my-scenario"),
    ("[a, b]\n", 's.yaml:1:1: found ["a", "b"], expected a scenario; begin with the line name: my-scenario'),
    ("just text\n", 's.yaml:1:1: found "just text", expected a scenario; begin with the line name: my-scenario'),
])  # fmt: skip
def test_a_text_without_fields_is_no_scenario(text, expected):
    assert message(text) == expected


# --- YAML --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "place", "found"), [
    ("name: mine\n  seed: 3\n", "2:7", "something else (mapping values are not allowed here)"),
    ("name: [a\n", "2:1", "something else (expected ',' or ']', but got '<stream end>', while parsing a flow "
        "sequence)"),
    ("name: 'a\n", "2:1", "something else (found unexpected end of stream, while scanning a quoted scalar)"),
    ("name: a\n\tseed: 3\n", "2:1", "something else (found character '\\t' that cannot start any token, "
        "while scanning for the next token)"),
    ("name: a\n---\nname: b\n", "2:1", "something else (but found another document, expected a single document in the "
        "stream)"),
    ("name: a\ntitle: a\u0007b\n", "2:9", "the character U+0007"),
])  # fmt: skip
def test_what_is_not_yaml_is_refused_at_its_place(text, place, found):
    assert message(text) == (
        f"s.yaml:{place}: found {found}, expected YAML; check indentation, colons and quotes at this place"
    )


def test_a_text_nested_without_end_is_refused():
    assert message("name: " + "[" * 5000) == (
        "s.yaml: found lists or mappings nested too deeply, expected YAML; "
        "check indentation, colons and quotes at this place"
    )


def test_aliases_and_tags_are_refused():
    assert message("name: &a mine\ntitle: *a\n") == (
        "s.yaml:2:8: found the alias *a, expected a value; write the value out: scenario files have no aliases"
    )
    assert message("name: !!python/name:os.system\n") == (
        "s.yaml:1:7: found the tag tag:yaml.org,2002:python/name:os.system, expected a value without a "
        "tag; drop the tag"
    )


def test_a_field_twice_is_refused_at_its_second_place():
    assert message("name: mine\nseed: 1\ncalendar: {months: 1}\nseed: 2\n") == (
        "s.yaml:4:1: seed: found the field a second time, expected it once; keep one of them: the first is on line 2"
    )


def test_a_field_twice_is_found_in_lists_too():
    assert message("name: mine\nfaults:\n  - {kind: lost_request, system: erp, share: 0.1, share: 0.2}\n") == (
        "s.yaml:3:51: faults.0.share: found the field a second time, expected it once; "
        "keep one of them: the first is on line 3"
    )


def test_a_field_has_a_word_for_a_name():
    assert message("name: mine\n? [a, b]\n: 3\n") == (
        's.yaml:2:3: found ["a", "b"], expected a field\'s name; '
        "write one word before the colon, or put the text in quotes"
    )


@pytest.mark.parametrize(("written", "meant"), [
    ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"),
    ("12:30:00", "12:30:00"), ("010", "010"), ("0x10", "0x10"), ("0o10", "0o10"), ("1_000", "1_000"),
    ("2026-03-31", "2026-03-31"), ("2026-03-31 13:00:00", "2026-03-31 13:00:00"), ("=", "="), ("<<", "<<"),
    (".inf", ".inf"), (".nan", ".nan"), ("1.", Decimal("1")), (".5", Decimal("0.5")), ("1e3", Decimal(1000)),
    ("0.1", Decimal("0.1")), ("-0.1", Decimal("-0.1")), ("007.5", "007.5"), (".", "."), ("-x", "-x"),
    ("12", 12), ("-12", -12), ("+12", 12), ("9" * 19, "9" * 19), ("1e999999", "1e999999"),
    ("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("'12'", "12"), ('"no"', "no"),
])  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(written, meant):
    said = plain(compose(f"a: {written}", "s.yaml"))["a"]

    assert said == meant
    assert type(said) is type(meant)


# --- mistakes ----------------------------------------------------------------------------------------

FIELDS = ", ".join(Scenario.model_fields)

GOLDEN = [
    (
        "name: s\nbusines:\n  contracts: 3\n",
        f's.yaml:2:1: busines: found an unknown field, expected one of {FIELDS}; did you mean "business"?',
    ),
    (
        "name: s\ncontracts: 3\n",
        f's.yaml:2:1: contracts: found an unknown field, expected one of {FIELDS}; write it below "business"',
    ),
    (
        "name: s\nsystems: {hr: {}}\n",
        "s.yaml:2:11: systems.hr: found an unknown field, expected one of crm, billing, erp, revenue, projects; "
        "drop it, or choose one of them",
    ),
    (
        "name: s\nsystems:\n  erp:\n    limits: {per_secnd: 3}\n",
        "s.yaml:4:14: systems.erp.limits.per_secnd: found an unknown field, expected one of concurrent, per_second, "
        'burst, retry_after; did you mean "per_second"?',
    ),
    (
        "name: s\nfaults:\n- {kind: outage, system: erp, from: 2026-03-31, fro: 2 h, for: 2 h}\n",
        "s.yaml:3:49: faults.0.fro: found an unknown field, expected one of kind, name, system, entity, "
        'from, for, silent; did you mean "from"?',
    ),
    (
        "title: nameless\n",
        "s.yaml:1:1: name: found nothing, expected a value; add it: also names the folder of its runs",
    ),
    (
        "name: s\nfaults:\n  - kind: lost_response\n    system: erp\n",
        "s.yaml:3:5: faults.0: found {kind, system}, expected share or nth; "
        "add share: 0.05 for 5 %, or nth: 1 for the first alone",
    ),
    (
        "name: s\nfaults: [{kind: lost_request, system: erp, nth: 2, share: 0.5}]\n",
        "s.yaml:2:49: faults.0.nth: found 2, expected share or nth, and not both; drop one of the two",
    ),
    (
        "name: s\nfaults: [{kind: duplicate_delivery, system: crm, nth: 0}]\n",
        "s.yaml:2:55: faults.0.nth: found 0, expected a whole number from 1 to 1000000000; write 1 or more",
    ),
    (
        "name: s\nfaults: [{kind: late_delivery, system: crm}]\n",
        "s.yaml:2:10: faults.0.share: found nothing, expected a value; add it: share of the deliveries",
    ),
    (
        "name: s\nbusiness: {contracts: many}\n",
        's.yaml:2:23: business.contracts: found "many", expected a whole number from 1 to 1000000; '
        "write it in digits, such as 1",
    ),
    (
        "name: s\nbusiness: {contracts: -5}\n",
        "s.yaml:2:23: business.contracts: found -5, expected a whole number from 1 to 1000000; write 1 or more",
    ),
    (
        "name: s\nbusiness: {amendments: {per_contract_year: -0.6}}\n",
        "s.yaml:2:44: business.amendments.per_contract_year: found -0.6, expected a number from 0 to 50; "
        "write 0.6 for six in ten contracts a year",
    ),
    (
        "name: s\nbusiness: {profile: stepp}\n",
        's.yaml:2:21: business.profile: found "stepp", expected flat | moderate | steep | extreme; did '
        'you mean "steep"?',
    ),
    (
        "name: s\nbusiness: {terms: {18: 1}}\n",
        "s.yaml:2:20: business.terms.18: found 18, expected terms of whole billing periods, and "
        "annually is among them; "
        "drop this term, or annually from billing",
    ),
    (
        "name: s\ncalendar:\n  quarter_start: 2026-02-30\n",
        's.yaml:3:18: calendar.quarter_start: found "2026-02-30", expected a date; February 2026 has days 01 to 28',
    ),
    (
        "name: s\ncalendar:\n  quarter_start: 2026-13-01\n",
        's.yaml:3:18: calendar.quarter_start: found "2026-13-01", expected a date; months run from 01 to 12',
    ),
    (
        "name: s\ncalendar:\n  quarter_start: 2026-02-15\n",
        's.yaml:3:18: calendar.quarter_start: found "2026-02-15", expected the first day of a month; write 2026-02-01',
    ),
    (
        "name: s\ncalendar: {months: 4}\n",
        "s.yaml:2:20: calendar.months: found 4, expected a whole number from 1 to 3; write 3 or less",
    ),
    (
        "name: s\ncalendar: {timezone: Europe/Berln}\n",
        's.yaml:2:22: calendar.timezone: found "Europe/Berln", expected an IANA time zone, such as Europe/Berlin; '
        'did you mean "Europe/Berlin"?',
    ),
    (
        "name: s\ncalendar: {close_business_days: 2}\n",
        "s.yaml:2:11: calendar.revenue_runs: found its default, expected business days up to the close, which is "
        "close_business_days = 2; run earlier or close later: no entry is posted after the close",
    ),
    (
        "name: s\nbusiness: {usage: {rate: 0}}\n",  # what costs nothing is no price: no system would take it
        "s.yaml:2:26: business.usage.rate: found 0, expected a number above 0, up to 1000000; "
        "write currency units, such as 0.02",
    ),
    (
        "name: s\nbusiness: {usage: {rate: 0.001}}\n",
        "s.yaml:2:26: business.usage.rate: found 0.001, expected at most 2 decimals; "
        "round it: it counts in steps of 0.01",
    ),
    (
        "name: s\nbusiness: {prices: [{from: 2026-02-01, change: 0.5}]}\n",
        "s.yaml:2:40: business.prices.0.change: found an unknown field, expected one of from, price; "
        "drop it, or choose one of them",
    ),
    (
        "name: s\nbusiness: {payments: {terms: {-14: 50}}}\n",
        "s.yaml:2:31: business.payments.terms.-14: found -14, expected a whole number from 0 to 365; write 0 or more",
    ),
    (
        "name: s\ncalendar: {quarter_start: 2026-01-01, months: 1, revenue_runs: [1, 2]}\nbusiness: {usage: {}}\n",
        "s.yaml:2:64: calendar.revenue_runs: found [1, 2], expected a last run after usage that is reported late, on "
        "the third of the next month at the latest; add a later run, or say business.usage.late_share: 0",
    ),
    (
        "name: s\ncalendar: spring\n",
        's.yaml:2:11: calendar: found "spring", expected the fields quarter_start, months, timezone, holidays, '
        "business_hours, lead_in, close_business_days, revenue_runs; write them below it, indented",
    ),
    (
        "name: s\nfaults: none\n",
        's.yaml:2:9: faults: found "none", expected a list; write it in brackets, such as [a, b]',
    ),
    (
        "name: s\nfaults: [{kind: outge, system: erp}]\n",
        f's.yaml:2:17: faults.0.kind: found "outge", expected {" | ".join(KINDS)}; did you mean "outage"?',
    ),
    (
        "name: s\nfaults: [{system: erp}]\n",
        f"s.yaml:2:10: faults.0.kind: found nothing, expected {' | '.join(KINDS)}; add it: what goes wrong",
    ),
    (
        "name: s\nfaults: [{kind: lost_request, system: epr, share: 0.1}]\n",
        's.yaml:2:39: faults.0.system: found "epr", expected crm | billing | erp | revenue | projects; '
        'did you mean "erp"?',
    ),
    (
        "name: s\nfaults: [{kind: late_delivery, system: erp, share: 0.1}]\n",
        's.yaml:2:40: faults.0.system: found "erp", expected a system that sends events: '
        "crm, billing, revenue or projects; erp sends none: choose another",
    ),
    (
        "name: s\nfaults: [{kind: lost_request, system: erp, share: 1.5}]\n",
        "s.yaml:2:51: faults.0.share: found 1.5, expected a number from 0 to 1; write 0.05 for 5 %",
    ),
    (
        "name: s\nfaults: [{kind: lost_request, system: crm, share: 0.5, operations: [get_account, get_acount]}]\n",
        's.yaml:2:82: faults.0.operations.1: found "get_acount", expected get_account | get_contract | '
        'refresh_token | list_changes | read_stream; did you mean "get_account"?',
    ),
    (
        "name: s\nfaults: [{kind: schema_change, system: billing, field: totl_minor, to: sum}]\n",
        's.yaml:2:56: faults.0.field: found "totl_minor", expected id | subscription | contract | account | currency | '
        'day | due_us | issued_us | lines | total_minor | entity | key | product | '
        'from_day | units | accepted | metered | document | minor | received_us; did you mean "total_minor"?',
    ),
    (
        "name: s\nfaults: [{kind: schema_change, system: crm, events: [account_opened]}]\n",
        "s.yaml:2:10: faults.0.field: found its default, expected key | name | entity | party | parent | version; "
        "choose one of them",
    ),
    (
        "name: s\nfaults: [{kind: schema_change, system: crm, field: account}]\n",
        "s.yaml:2:10: faults.0: found {kind, system, field}, expected field and to; "
        "say both, or neither for a usual change",
    ),
    (
        "name: s\nfaults: [{kind: schema_change, system: crm, field: account, to: currency}]\n",
        's.yaml:2:65: faults.0.to: found "currency", expected a name that no field has yet; choose another',
    ),
    (
        "name: s\nfaults: [{kind: schema_change, system: crm, field: account, to: Account ID}]\n",
        's.yaml:2:65: faults.0.to: found "Account ID", expected a field\'s name; '
        "write it in lower case with underscores, such as account_id",
    ),
    (
        "name: s\nfaults: [{kind: schema_change, system: crm, change: added, field: currency}]\n",
        's.yaml:2:67: faults.0.field: found "currency", expected a name that no field has yet; choose another',
    ),
    (
        "name: s\nfaults: [{kind: schema_change, system: crm, change: added, field: region, to: x}]\n",
        's.yaml:2:79: faults.0.to: found "x", expected no `to` where a field is added; '
        "drop it, or write change: renamed",
    ),
    (
        "name: s\nfaults: [{kind: clock_skew, system: crm, by: 0 s}]\n",
        's.yaml:2:46: faults.0.by: found "0 s", expected a duration other than zero, of at most 366 days; '
        "write it as 2 s, or as -2 s for what is behind",
    ),
    (
        "name: s\nfaults: [{kind: clock_skew, system: crm, by: 2}]\n",
        "s.yaml:2:46: faults.0.by: found 2, expected a duration other than zero; "
        "write it as 2 s, or as -2 s for what is behind",
    ),
    (
        "name: s\nfaults: [{kind: stale_index, system: revenue}]\n",
        's.yaml:2:38: faults.0.system: found "revenue", expected a system with a search index: billing or erp; '
        "revenue has none: choose another",
    ),
    (
        "name: s\nfaults: [{kind: schema_change, system: erp}]\n",
        's.yaml:2:40: faults.0.system: found "erp", expected a system that sends events: '
        "crm, billing, revenue or projects; erp sends none: choose another",
    ),
    (
        "name: s\nfaults: [{kind: late_delivery, system: billing, share: 0.5, events: [contract_signed]}]\n",
        's.yaml:2:70: faults.0.events.0: found "contract_signed", expected invoice_issued | credit_memo_issued | '
        "usage_reported | payment_received | refund_paid; choose one of them",
    ),
    (
        "name: s\nfaults: [{kind: lost_request, system: crm, share: 0.5, operations: [3]}]\n",
        "s.yaml:2:69: faults.0.operations.0: found 3, expected one line of text; "
        "put it in quotes if it looks like a number",
    ),
    (
        "name: s\nfaults: [{kind: outage, system: erp, from: 2026-03-31 25:00, for: 2 h}]\n",
        's.yaml:2:44: faults.0.from: found "2026-03-31 25:00", expected a local date and time; '
        "times run from 00:00 to 23:59",
    ),
    (
        "name: s\nfaults: [{kind: outage, system: erp, from: 2026-03-31, for: 2}]\n",
        "s.yaml:2:61: faults.0.for: found 2, expected a duration; "
        "write a number and a unit, such as 90 s, 15 min, 2.5 h or 3 d",
    ),
    (
        "name: s\nfaults: [{kind: outage, system: erp, from: 2026-03-31, for: 0 h}]\n",
        's.yaml:2:61: faults.0.for: found "0 h", expected a duration above zero; '
        "write a number and a unit, such as 90 s, 15 min, 2.5 h or 3 d",
    ),
    (
        "name: s\nfaults: [{kind: outage, system: erp, from: 2027-03-31, for: 2 h}]\n",
        's.yaml:2:44: faults.0.from: found "2027-03-31", expected an instant of the run, which lasts from '
        "2025-12-18 00:00 to 2026-04-08 18:00; move it",
    ),
    (
        "name: s\nfaults: [{kind: outage, system: erp, from: 2026-04-08, for: 2 d}]\n",
        's.yaml:2:61: faults.0.for: found "2 d", expected an end within the run, which ends on 2026-04-08 18:00; '
        "shorten it, or leave it out",
    ),
    (
        "name: s\nfaults: [{kind: partial_load, system: crm, share: 0.5}]\n",
        's.yaml:2:39: faults.0.system: found "crm", expected a system that is loaded in bulk: one of '
        "billing, erp, revenue, projects; choose another than crm",
    ),
    (
        "name: s\nbusiness:\n  payments:\n",
        "s.yaml:3:12: business.payments: found nothing, expected the fields terms, early_by, late_share, late_by, "
        "refund_after; write them below it, indented, or {} for their defaults",
    ),
    (
        "name: s\nbusiness: {rates: {EUR: }}\n",
        "s.yaml:2:24: business.rates.EUR: found nothing, expected fields of the form name: value; write them "
        "below it, indented",
    ),
    (
        "name: s\ncutover:\n",
        "s.yaml:2:9: cutover: found nothing, expected the fields from, to, at, overlap; write them below it, indented",
    ),
    (
        "name: s\ntie_seed:\n",
        "s.yaml:2:10: tie_seed: found nothing, expected a whole number from 0 to 9007199254740992; "
        "write it in digits, such as 0",
    ),
    (
        "name: s\nsystems: {erp: {service: {mean: 3 s, sigma: 1}}}\n",
        "s.yaml:2:26: systems.erp.service: found {mean, sigma}, expected one of {median, sigma}, "
        "{mean}, {low, high} or "
        "{fixed}; write for example {median: 1.5 s, sigma: 0.6}",
    ),
    (
        "name: s\nsystems: {erp: {service: {low: 3 s, high: 2 s}}}\n",
        's.yaml:2:43: systems.erp.service.high: found "2 s", expected at least low, 3 s; swap low and high',
    ),
    (
        "name: s\nexpect:\n  duplicates: == 0\n",
        's.yaml:3:15: expect.duplicates: found "== 0", expected a list; write it in brackets, such as [a, b]',
    ),
    (
        "name: s\nexpect:\n  duplicates: [0]\n",
        "s.yaml:3:16: expect.duplicates.0: found 0, expected one line of text; "
        "put it in quotes if it looks like a number",
    ),
    (
        "name: s\nexpect: [duplicates]\n",
        's.yaml:2:9: expect: found ["duplicates"], expected fields of the form name: value; write them '
        'below it, indented',
    ),
    (
        "name: s\nseed: -1\n",
        "s.yaml:2:7: seed: found -1, expected a whole number from 0 to 9007199254740992; write 0 or more",
    ),
    (
        "name:\n",
        "s.yaml:1:6: name: found nothing, expected a name of 1 to 64 characters; "
        "write it in lower case with hyphens, such as quarter-end-spike",
    ),
    (
        "name: s\nfaults: [{kind: outage, system: erp, from: 2026-03-31, for: 2 h, silent: no}]\n",
        's.yaml:2:74: faults.0.silent: found "no", expected true or false; write true or false, without quotes',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), GOLDEN, ids=[expected.split(": ")[1] for _, expected in GOLDEN])
def test_a_mistake_is_told_with_its_place_and_its_remedy(text, expected):
    assert message(text) == expected


def test_several_mistakes_are_all_told_in_the_order_of_the_file():
    text = """\
name: s
titel: x
calendar: {quarter_start: 2026-02-30}
business:
  contracts: -1
  contracts: -2
faults:
  - {kind: lost_request, system: erp, share: 2}
seed: one
"""

    assert [line.partition(": found")[0] for line in messages(text)] == [
        "s.yaml:2:1: titel",
        "s.yaml:3:27: calendar.quarter_start",
        "s.yaml:6:3: business.contracts",
        "s.yaml:6:14: business.contracts",
        "s.yaml:8:46: faults.0.share",
        "s.yaml:9:7: seed",
    ]


def test_every_window_outside_the_run_is_told_beside_other_mistakes():
    text = """\
name: s
seed: -1
faults:
  - {kind: outage, system: erp, from: 2027-01-01, for: 1 h}
  - {kind: lost_request, system: erp, share: 2}
  - {kind: outage, system: erp, from: 2020-01-01, for: 1 h}
"""

    assert [line.partition(": found")[0] for line in messages(text)] == [
        "s.yaml:2:7: seed", "s.yaml:4:39: faults.0.from", "s.yaml:5:46: faults.1.share", "s.yaml:6:39: faults.2.from",
    ]  # fmt: skip


def test_windows_outside_the_run_are_all_told_once_each():
    text = """\
name: s
faults:
  - {kind: outage, system: erp, from: 2027-01-01, for: 1 h}
  - {kind: outage, system: erp, from: 2020-01-01, for: 1 h}
"""

    assert [line.partition(": found")[0] for line in messages(text)] == [
        "s.yaml:3:39: faults.0.from", "s.yaml:4:39: faults.1.from",
    ]  # fmt: skip


def test_a_field_called_like_a_kind_of_fault_misleads_nobody():
    assert messages(
        "name: s\nfaults: [{kind: outage, outage: {for: 1 h}, system: erp, from: 2026-03-31, for: 2}]\n"
    ) == [
        "s.yaml:2:25: faults.0.outage: found an unknown field, expected one of kind, name, system, entity, "
        "from, for, silent; drop it, or choose one of them",
        "s.yaml:2:81: faults.0.for: found 2, expected a duration; "
        "write a number and a unit, such as 90 s, 15 min, 2.5 h or 3 d",
    ]


def test_long_findings_are_shortened():
    assert message(f"name: s\ntitle: [{', '.join(['word'] * 40)}]\n") == (
        's.yaml:2:8: title: found ["word", ...], expected one line of text; put it in quotes if it looks like a number'
    )
    assert f'found "{"x" * 57}..."' in message(f"name: {'x' * 80}\n")


def test_a_mistake_is_one_line_whatever_is_in_it():
    assert message('name: "a\\nb\\u2028"\n').startswith(r's.yaml:1:7: name: found "a\nb\u2028", expected')


def test_thresholds_are_read_by_whoever_knows_what_they_mean():
    text = """\
name: s
expect:
  duplicates: ["== 0", "= 0", 3]
  event_lag: ["p(99) < 15 parsecs"]
  missing: no list
"""

    with pytest.raises(ScenarioError) as caught:
        loads(text, "s.yaml", ['expect.breaks=["few"]'], expectation=threshold_of)

    assert [line.partition("; ")[0] for line in str(caught.value).split("\n")] == [
        's.yaml:3:24: expect.duplicates.1: found "= 0", expected a threshold of a metric',
        "s.yaml:3:31: expect.duplicates.2: found 3, expected one line of text",
        's.yaml:4:15: expect.event_lag.0: found "p(99) < 15 parsecs", expected a threshold of a metric',
        's.yaml:5:12: expect.missing: found "no list", expected a list',
        '--set expect.breaks: expect.breaks.0: found "few", expected a threshold of a metric',
    ]


WORDS = st.sampled_from([
    "name", "calendar", "business", "systems", "faults", "expect", "compare", "seed", "kind", "outage", "erp", "from",
    "for", "share", "2 h", "2026-03-31", "lost_request", "service", "mean", "terms", "12", "limits", "x",
])  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | WORDS | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(WORDS, children, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("part", ["payments", "renewals", "services", "usage", "setup", "ramp", "customer_data"])
def test_an_optional_part_has_its_defaults_if_empty_and_is_absent_if_null(part):
    empty, null, absent = (loads(f"name: s\nbusiness: {{{said}}}", "s.yaml").business
                           for said in (f"{part}: {{}}", f"{part}: null", ""))  # fmt: skip

    assert null == absent and getattr(null, part) is None
    assert getattr(empty, part) == type(getattr(empty, part))()


def test_null_on_the_command_line_takes_a_part_away_and_nothing_is_a_mistake():
    text = "name: s\nbusiness: {payments: {}}"

    assert loads(text, "s.yaml", ["business.payments=null"]).business.payments is None
    with pytest.raises(ScenarioError, match=r"--set business\.payments: found nothing, expected the fields terms"):
        loads(text, "s.yaml", ["business.payments="])


def flow(value):
    """A value in YAML's flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return "'" + "".join(c for c in value.replace("'", "''") if c.isprintable()) + "'"
    return {"None": "null", "True": "true", "False": "false"}.get(str(value), str(value))


@given(st.dictionaries(WORDS, ANYTHING, max_size=5))
def test_whatever_a_file_says_is_a_scenario_or_a_list_of_placed_mistakes(document):
    try:
        scenario = loads(flow(document), "s.yaml")
    except ScenarioError as error:
        assert error.mistakes
        for mistake in error.mistakes:
            assert str(mistake).startswith("s.yaml:1:")
            assert mistake.found and mistake.expected and mistake.remedy
    else:
        assert scenario.name == document["name"]


@given(st.text(max_size=60))
def test_whatever_a_text_is_there_is_no_other_error(text):
    try:
        loads(text, "s.yaml")
    except ScenarioError as error:
        assert str(error).startswith("s.yaml:")
