"""What is expected of contracts with deliverables: what is charged, when it is due, and on which day."""

from msgspec.structs import astuple

from harness.oracle import expect
from tests.harness.oracle.agreed import CALENDAR, at, contract, day, truth
from tests.harness.oracle.delivered import done, hours, milestone, promising, services, setup, usage
from tests.harness.oracle.test_against_the_fakes import systems

WIDENED = services(
    hours(100_000, 200), hours(20_000, 50, version=2, ssp_minor=0), key="O-1", start="2025-09-01",
    changes=["2026-01-15"],
)  # fmt: skip


def billed_days(agreed):
    """The day of the document of every charge that billing made in the run."""
    billing, _ = systems(agreed)
    return {
        (one.contract, line.version, line.period): one.day for one in billing.invoices for line in one.lines
    }  # fmt: skip


def test_what_was_accepted_before_a_change_order_is_charged_for_it_when_it_is_signed():
    accepted = done("delivery", "2026-01-09", accepted=True, contract="O-1")
    agreed = truth(opening=[WIDENED], rendered=[(at("2026-01-09", 15), accepted)])
    lines = expect(agreed, CALENDAR).lines

    assert lines["O-1", 1, accepted.key].day == day("2026-01-09")
    assert lines["O-1", 2, accepted.key].day == day("2026-01-15")
    assert billed_days(agreed) == {key: line.day for key, line in lines.items()}


def test_so_is_what_was_accepted_before_the_run():
    accepted = done("delivery", "2025-12-10", accepted=True, contract="O-1")
    agreed = truth(opening=[WIDENED], rendered=[(-1, accepted)])
    expected = expect(agreed, CALENDAR)

    assert {key: (line.minor, line.day) for key, line in expected.lines.items()} == {
        ("O-1", 2, accepted.key): (20_000, day("2026-01-15"))
    }
    assert billed_days(agreed) == {("O-1", 2, accepted.key): day("2026-01-15")}
    assert expected.billed_before(("O-1", 1, accepted.key))
    assert not expected.billed_before(("O-1", 2, accepted.key))


def test_usage_reported_by_night_is_due_at_the_next_bill_run_and_by_day_at_once():
    terms = promising(contract(key="C-1", start="2026-01-01"), usage(2, included=100))
    january, february = (
        done("usage", last, 150, since=first, metered=True)
        for first, last in (("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-28"))
    )
    agreed = truth(terms, rendered=[(at("2026-02-01", 3), january), (at("2026-03-02", 15), february)])
    lines = expect(agreed, CALENDAR).lines

    assert astuple(lines["C-1", 1, january.key])[:4] == (100, day("2026-01-01"), day("2026-02-01"), at("2026-02-01", 6))
    assert lines["C-1", 1, february.key].due_us == at("2026-03-02", 15)


def test_set_up_is_due_with_the_first_invoice():
    terms = promising(contract(start="2026-01-05"), setup(24_000, 30_000, "2026-01-05", "2026-03-06"))
    expected = expect(truth(terms), CALENDAR)

    assert expected.lines["C-1", 1, "setup"].due_us == expected.lines["C-1", 1, 0].due_us


def test_the_rule_that_holds_at_signing_is_a_contracts_for_good():
    rule = [(day("2026-02-15"), False)]
    before, after = (
        promising(
            contract((change, 12), key=key, start=start, account=f"A-{key}"),
            setup(24_000, 30_000, start, "2026-04-01"), milestone(10_000, version=2),
        )
        for key, start, change in (("C-1", "2026-02-02", "2026-03-02"), ("C-2", "2026-02-16", "2026-03-02"))
    )  # fmt: skip
    allocated = expect(truth(before, after), CALENDAR, rule).allocated

    assert (1, "setup") in allocated["C-1"]
    assert (1, "setup") not in allocated["C-2"]
    assert sum(allocated["C-2"].values()) == sum(version.price_change_minor for version in after.versions)
