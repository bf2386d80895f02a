"""The financial statements of one run, by month: the waterfall, the rollforward, and what customers owe.

A line shows what was agreed calls for. Only where the books say otherwise, what they say stands below it, and the
difference, to the cent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.result import MonthStatements, RunDocument
from reports.tables import Aside, Cell, Loud, Table
from reports.wording import CURRENCY, decimal, whole_units

INDENT = "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}"
BOOKS, DIFFERENCE = Aside(f"{2 * INDENT}in the books"), Aside(f"{2 * INDENT}difference")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement: its words, its name in the document, and whether it is taken off.

    One that is not `always` told is left out where it is nothing in every month.
    """

    words: str
    name: str
    taken_off: bool = False
    always: bool = True


WATERFALL = (
    Line("bookings", "bookings_minor"),
    Line("billings less credits", "billings_minor"),
    Line("revenue", "revenue_minor"),
    Line(f"{INDENT}subscriptions", "revenue_subscription_minor", always=False),
    Line(f"{INDENT}set-up", "revenue_setup_minor", always=False),
    Line(f"{INDENT}usage", "revenue_usage_minor", always=False),
    Line(f"{INDENT}services", "revenue_services_minor", always=False),
    Line(f"{INDENT}other", "revenue_other_minor", always=False),
    Line("remaining obligations", "remaining_obligations_minor"),
    Line(f"{INDENT}within a year", "remaining_within_year_minor", always=False),
    Line("agreed, not billed", "unbilled_minor", always=False),
    Line("usage billed ahead", "billed_ahead_minor", always=False),
)
ROLLFORWARD = (
    Line("opening", "opening_minor"),
    Line("+ acquired", "acquired_minor", always=False),
    Line("+ invoiced", "invoiced_minor"),
    Line("- credited", "credited_minor", taken_off=True, always=False),
    Line("- revenue", "revenue_minor", taken_off=True),
    Line("+ other entries", "other_minor", always=False),
    Line("+ translation", "translation_minor", always=False),
    Line("closing", "closing_minor"),
    Line(f"{INDENT}contract liability", "contract_liability_minor"),
    Line(f"{INDENT}contract asset", "contract_asset_minor", taken_off=True, always=False),
    Line(f"{INDENT}unbilled receivable", "unbilled_receivable_minor", taken_off=True, always=False),
)
RECEIVABLES = (
    Line("opening", "receivables_opening_minor"),
    Line("+ invoiced", "invoiced_minor"),
    Line("- credited", "credited_minor", taken_off=True, always=False),
    Line("- cash received", "cash_minor", taken_off=True, always=False),
    Line("+ refunds", "refunds_minor", always=False),
    Line("+ not applied", "unapplied_minor", always=False),
    Line("+ other entries", "receivables_other_minor", always=False),
    Line("+ translation", "receivables_translation_minor", always=False),
    Line("closing", "receivables_minor"),
    Line("cash not applied", "unapplied_cash_minor", always=False),
)


def waterfall(run: RunDocument, *, brief: bool = False) -> Table:
    """From bookings over billings to revenue, and what remains.

    In `brief`, amounts are in whole units of the currency, and of what the books say only the difference is told.
    """
    kinds = [line for line in WATERFALL if line.name.startswith("revenue_") and line.name != "revenue_minor"]
    told = [line for line in kinds if _any(line, run)]
    return _table("Waterfall", [line for line in WATERFALL if line not in kinds or len(told) > 1], run, brief=brief)


def rollforward(run: RunDocument, *, brief: bool = False) -> Table:
    """From the opening to the closing contract position: contract liabilities less assets and unbilled receivables.

    In brief as the waterfall.
    """
    return _table("Rollforward of contract balances", ROLLFORWARD, run, brief=brief)


def receivables(run: RunDocument) -> Table:
    """From the opening to the closing balance of what customers owe."""
    return _table("Receivables", RECEIVABLES, run, brief=False)


def _table(caption: str, lines: Sequence[Line], run: RunDocument, *, brief: bool) -> Table:
    months = run["statements"]
    told = [line for line in lines if line.always or _any(line, run)]
    rows = [row for line in told for row in _rows(line, months, brief=brief)]
    return Table(f"{caption}, {CURRENCY}", ["", *(each["month"] for each in months)], rows)


def _any(line: Line, run: RunDocument) -> bool:
    """Whether there is anything in a line in some month."""
    return any(each["expected"].get(line.name) or each["actual"].get(line.name) for each in run["statements"])


def _rows(line: Line, months: Sequence[MonthStatements], *, brief: bool) -> Iterator[list[Cell]]:
    """A line, and below it what the books say of it, if they differ in some month."""
    show = whole_units if brief else decimal
    sign = -1 if line.taken_off else 1
    due = [sign * each["expected"].get(line.name, 0) for each in months]
    yield [line.words, *map(show, due)]
    if any(line.name not in each["actual"] for each in months):
        return
    said = [sign * each["actual"][line.name] for each in months]
    off = [of_books - of_truth for of_books, of_truth in zip(said, due, strict=True)]
    if not any(off):
        return
    if not brief:
        yield [BOOKS, *(show(minor) if more else "" for minor, more in zip(said, off, strict=True))]
    yield [DIFFERENCE, *(Loud(f"{'+' if more > 0 else ''}{decimal(more)}") if more else "" for more in off)]
