"""A run's statements for people: what was agreed, and only where the books say otherwise, that and the difference."""

from reports.page import render
from reports.statements import receivables, remaining, rollforward, run_in, waterfall
from reports.terminal import run_summary
from tests.reports.samples import comparison, run

LINES = {
    "bookings_minor": 36_000_00, "billings_minor": 11_000_00, "invoiced_minor": 12_000_00, "credited_minor": 1_000_00,
    "revenue_minor": 1_000_01, "revenue_subscription_minor": 900_01, "revenue_setup_minor": 100_00,
    "revenue_usage_minor": 0, "revenue_services_minor": 0, "revenue_other_minor": 0, "opening_minor": 0,
    "other_minor": 0, "closing_minor": 9_999_99, "contract_liability_minor": 10_099_99,
    "contract_asset_minor": 100_00, "unbilled_receivable_minor": 0, "remaining_obligations_minor": 34_999_99,
    "unbilled_minor": 25_000_00, "unbilled_obligations_minor": 24_900_00, "remaining_opening_minor": 0,
    "remaining_acquired_minor": 0, "revenue_as_invoiced_minor": 0, "remaining_translation_minor": 0,
    "receivables_opening_minor": 0, "cash_minor": 0, "refunds_minor": 0,
    "receivables_other_minor": 0, "receivables_minor": 11_000_00, "unapplied_cash_minor": 0,
}  # fmt: skip
BANDS = {"remaining_within_year_minor": 12_000_00, "remaining_later_minor": 22_999_99}


def month(name="2026-01", **off):
    """A month's statements; `off` is what the books have more of a line."""
    actual = {line: minor + off.get(line.removesuffix("_minor"), 0) for line, minor in LINES.items()}
    return {"month": name, "expected": LINES | BANDS, "actual": actual}


def shown(table):
    """A table's rows by their words, without the blanks that indent them."""
    return {row[0].strip("\N{NO-BREAK SPACE}"): [str(cell) for cell in row[1:]] for row in table.rows}


def test_books_that_agree_are_not_told_of():
    for statement in (waterfall, remaining, rollforward, receivables):
        assert not {"in the books", "difference"} & shown(statement(run(statements=[month(), month("2026-02")]))).keys()


def test_books_that_differ_are_told_of_with_the_difference_in_the_month_where_they_do():
    rows = shown(waterfall(run(statements=[month(), month("2026-02", bookings=-7)])))

    assert rows["bookings"] == ["36,000.00", "36,000.00"]
    assert rows["in the books"] == ["", "35,999.93"]
    assert rows["difference"] == ["", "-0.07"]


def test_what_is_taken_off_is_negative_and_so_is_more_of_it():
    rows = shown(rollforward(run(statements=[month(revenue=5)])))

    assert rows["revenue"] == ["-1,000.01"]
    assert rows["difference"] == ["-0.05"]


def test_kinds_of_revenue_are_told_where_there_are_several():
    one_kind = month()
    for side in ("expected", "actual"):
        one_kind[side] = one_kind[side] | {"revenue_setup_minor": 0}

    assert {"subscriptions", "set-up"} <= shown(waterfall(run(statements=[month()]))).keys()
    assert not {"subscriptions", "set-up", "usage"} & shown(waterfall(run(statements=[one_kind]))).keys()


def test_lines_without_anything_are_left_out():
    rows = shown(receivables(run(statements=[month()])))

    assert list(rows) == ["opening", "invoiced", "credited", "closing"]


def test_by_when_what_remains_is_due_is_not_in_the_ledger():
    rows = [
        [str(cell).strip("\N{NO-BREAK SPACE}") for cell in row] for row in remaining(run(statements=[month()])).rows
    ]

    assert rows[-3:] == [["unbilled", "24,900.00"], ["within a year", "12,000.00"], ["not in the ledger", ""]]


def quarter(*months, **off):
    """The quarter of months that are all as `month()` has them; `off` is what the books have more of a line."""
    return {"months": list(months), **{side: month(**off)[side] for side in ("expected", "actual")}}


def test_the_quarter_has_a_column_if_it_has_several_months_and_what_is_before_it_is_marked():
    months = [month(f"2026-{number:02}") for number in (1, 2, 3)]
    several = run(statements=months, quarter_statements=quarter("2026-02", "2026-03", bookings=3))
    single = run(statements=months, quarter_statements=quarter("2026-03"))
    table = waterfall(several)

    assert list(table.columns) == ["", "run-in 2026-01", "2026-02", "2026-03", "quarter"]
    assert shown(table)["difference"] == ["", "", "", "+0.03"]
    assert list(waterfall(single).columns) == ["", "run-in 2026-01", "run-in 2026-02", "2026-03"]


def test_the_run_in_is_told_of_where_it_is_shown():
    months = [month(f"2026-{number:02}") for number in (1, 2, 3)]
    document = run(statements=months, quarter_statements=quarter("2026-02", "2026-03"))

    assert "cash since 2025-12-18, the revenue of whole months" in run_in(document)
    assert "The run-in has bookings" in run_summary(document, width=90)
    assert "The run-in has bookings" not in run_summary(document, width=50)
    assert run_in(document) in render(document, {})
    assert run_in(run(statements=months)) == ""


def test_usage_that_only_the_books_have_billed_ahead_is_told_of():
    for more, told in ((0, False), (5, True)):
        each = month()
        each["expected"] |= {"billed_ahead_minor": 0}
        each["actual"] |= {"billed_ahead_minor": more}

        assert ("usage and time billed ahead" in shown(remaining(run(statements=[each])))) == told


def test_the_text_page_tells_its_tables_in_whole_units_and_differences_to_the_cent():
    text = run_summary(run(statements=[month(bookings=7)]), width=80)

    assert "Waterfall, rounded to whole USD\n" in text
    assert "Remaining performance obligations, rounded to whole USD\n" in text
    assert "Rollforward of contract balances, rounded to whole USD\n" in text
    assert "closing                 35,000\n" in text
    assert text.count("+0.07") == 2
    assert "in the books" not in text


def test_months_that_do_not_fit_the_width_are_left_out_from_the_first_on():
    months = [month(f"2026-{number:02}") for number in range(1, 13)]
    lines = run_summary(run(statements=months), width=60).splitlines()
    header = lines[lines.index("Waterfall, rounded to whole USD") + 1].split()

    assert header == [f"2026-{number:02}" for number in range(13 - len(header), 13)]
    assert 2 <= len(header) < 12


def test_a_run_has_its_statements_on_its_page_and_a_comparison_has_none():
    page = render(run(statements=[month(bookings=7)]), {})

    assert '<section id="statements"' in page
    assert '<strong class="loud">+0.07</strong>' in page
    assert page.count('<tr class="aside">') == 2 * 2 + 1  # bookings stand in two statements; one line no books have
    assert "at each month’s rates" not in page
    metrics = run()["metrics"] | {"amount_off": {"USD": 0, "EUR": 0}}
    assert "at each month’s rates" in render(run(statements=[month()], metrics=metrics), {})
    assert '<section id="statements"' not in render(run(), {})
    assert '<section id="statements"' not in render(comparison(), {})
