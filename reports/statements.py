"""The financial statements of one run, by month and for the quarter.

That is the waterfall, the rollforwards of what remains and of contract balances, and what customers owe. A line shows
what was agreed calls for. Only where the books say otherwise, what they say stands below it, and the difference, to the
cent. Amounts bear the sign with which they are added up.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reports.result import RunDocument
from reports.tables import Aside, Cell, Loud, Table
from reports.wording import CURRENCY, decimal, whole_units

INDENT = "\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}"
BOOKS, DIFFERENCE = Aside(f"{2 * INDENT}in the books"), Aside(f"{2 * INDENT}difference")
UNKNOWN = Aside(f"{2 * INDENT}not in the ledger")
RUN_IN, QUARTER = "run-in", "quarter"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement: its words, its name in the document, and whether it is taken off.

    One that is not `always` told is left out where it is nothing in every month.
    """

    words: str
    name: str
    taken_off: bool = False
    always: bool = True


class Column(NamedTuple):
    """A month or the quarter: its head, and minor units by line as the truth calls for them and the books have them."""

    head: str
    expected: Mapping[str, int]
    actual: Mapping[str, int]


WATERFALL = (
    Line("bookings", "bookings_minor"),
    Line("billings less credits", "billings_minor"),
    Line("revenue", "revenue_minor"),
    Line(f"{INDENT}subscriptions", "revenue_subscription_minor", always=False),
    Line(f"{INDENT}set-up", "revenue_setup_minor", always=False),
    Line(f"{INDENT}usage", "revenue_usage_minor", always=False),
    Line(f"{INDENT}services", "revenue_services_minor", always=False),
    Line(f"{INDENT}other", "revenue_other_minor", always=False),
)
REMAINING = (
    Line("opening", "remaining_opening_minor"),
    Line("acquired", "remaining_acquired_minor", always=False),
    Line("bookings", "bookings_minor"),
    Line("revenue", "revenue_minor", taken_off=True),
    Line("of that, usage and time", "revenue_as_invoiced_minor", always=False),
    Line("translation", "remaining_translation_minor", always=False),
    Line("closing", "remaining_obligations_minor"),
    Line(f"{INDENT}unbilled", "unbilled_obligations_minor", always=False),
    Line(f"{INDENT}within a year", "remaining_within_year_minor", always=False),
    Line("usage and time billed ahead", "billed_ahead_minor", always=False),
)
ROLLFORWARD = (
    Line("opening", "opening_minor"),
    Line("acquired", "acquired_minor", always=False),
    Line("invoiced", "invoiced_minor"),
    Line("credited", "credited_minor", taken_off=True, always=False),
    Line("revenue", "revenue_minor", taken_off=True),
    Line("other entries", "other_minor", always=False),
    Line("translation", "translation_minor", always=False),
    Line("closing", "closing_minor"),
    Line(f"{INDENT}contract liability", "contract_liability_minor"),
    Line(f"{INDENT}contract asset", "contract_asset_minor", taken_off=True, always=False),
    Line(f"{INDENT}unbilled receivable", "unbilled_receivable_minor", taken_off=True, always=False),
)
RECEIVABLES = (
    Line("opening", "receivables_opening_minor"),
    Line("invoiced", "invoiced_minor"),
    Line("credited", "credited_minor", taken_off=True, always=False),
    Line("cash received", "cash_minor", taken_off=True, always=False),
    Line("refunds", "refunds_minor", always=False),
    Line("change in unapplied cash", "unapplied_minor", always=False),
    Line("other entries", "receivables_other_minor", always=False),
    Line("translation", "receivables_translation_minor", always=False),
    Line("closing", "receivables_minor"),
    Line("unapplied cash", "unapplied_cash_minor", always=False),
)


def waterfall(run: RunDocument, *, brief: bool = False) -> Table:
    """From bookings over billings to revenue.

    In `brief`, amounts are in whole units of the currency, and of what the books say only the difference is told.
    """
    kinds = [line for line in WATERFALL if line.name.startswith("revenue_") and line.name != "revenue_minor"]
    told = [line for line in kinds if _any(line, columns_of(run))]
    return _table("Waterfall", [line for line in WATERFALL if line not in kinds or len(told) > 1], run, brief=brief)


def remaining(run: RunDocument, *, brief: bool = False) -> Table:
    """From what remained of the agreed price over bookings and revenue to what remains. In brief as the waterfall."""
    return _table("Remaining performance obligations", REMAINING, run, brief=brief)


def rollforward(run: RunDocument, *, brief: bool = False) -> Table:
    """From the opening to the closing contract position: contract liabilities less assets and unbilled receivables.

    In brief as the waterfall.
    """
    return _table("Rollforward of contract balances", ROLLFORWARD, run, brief=brief)


def receivables(run: RunDocument) -> Table:
    """From the opening to the closing balance of what customers owe."""
    return _table("Receivables", RECEIVABLES, run, brief=False)


def columns_of(run: RunDocument) -> list[Column]:
    """The months, those before the quarter marked as the run-in, and the quarter if it has several."""
    quarter, columns = run.get("quarter_statements"), []
    for each in run["statements"]:
        before = quarter is not None and each["month"] not in quarter["months"]
        columns.append(
            Column(f"{RUN_IN} {each['month']}" if before else each["month"], each["expected"], each["actual"])
        )
    if quarter is not None and len(quarter["months"]) > 1:
        columns.append(Column(QUARTER, quarter["expected"], quarter["actual"]))
    return columns


def run_in(run: RunDocument) -> str:
    """What the run-in holds, in a sentence; nothing where there is none."""
    if not any(column.head.startswith(RUN_IN) for column in columns_of(run)):
        return ""
    began = f"since {run['calendar']['start'][:10]}" if "calendar" in run else "since the run began"
    return f"The run-in has bookings, billings and cash {began}, the revenue of whole months, and no older receivables."


def _table(caption: str, lines: Sequence[Line], run: RunDocument, *, brief: bool) -> Table:
    columns = columns_of(run)
    told = [line for line in lines if (line.always and line.name in columns[0].expected) or _any(line, columns)]
    rows = [row for line in told for row in _rows(line, columns, brief=brief)]
    unit = f"rounded to whole {CURRENCY}" if brief else CURRENCY
    return Table(f"{caption}, {unit}", ["", *(column.head for column in columns)], rows)


def _any(line: Line, columns: Sequence[Column]) -> bool:
    """Whether there is anything in a line in some month."""
    return any(column.expected.get(line.name) or column.actual.get(line.name) for column in columns)


def _rows(line: Line, columns: Sequence[Column], *, brief: bool) -> Iterator[list[Cell]]:
    """A line, and below it what the books say of it, if they differ in some month, or that they cannot tell."""
    show = whole_units if brief else decimal
    sign = -1 if line.taken_off else 1
    due = [sign * column.expected.get(line.name, 0) for column in columns]
    yield [line.words, *map(show, due)]
    if any(line.name not in column.actual for column in columns):
        yield [UNKNOWN, *("" for _ in columns)]
        return
    said = [sign * column.actual[line.name] for column in columns]
    off = [of_books - of_truth for of_books, of_truth in zip(said, due, strict=True)]
    if not any(off):
        return
    if not brief:
        yield [BOOKS, *(show(minor) if more else "" for minor, more in zip(said, off, strict=True))]
    yield [DIFFERENCE, *(Loud(f"{'+' if more > 0 else ''}{decimal(more)}") if more else "" for more in off)]
