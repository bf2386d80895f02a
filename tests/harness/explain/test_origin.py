"""A break that is an outcome of another one is told as that: which breaks hang on which."""

import pytest

from harness.explain.evidence import Found
from harness.explain.origin import origin_of


def found(kind, system, record, key="S-000001", call=""):
    return Found(
        kind=kind, system=system, record=record, key=key, contract="S-000001", account="A-000001", period=None,
        amount_minor=0, delta_minor=0, currency="USD", expected=None, actual=None, since_us=0, cause="crash",
        detail="", call=call or key, source="",
    )  # fmt: skip


NO_PROJECT = found("missing_downstream", "projects", "project")
NOT_TOLD = found("missing_downstream", "billing", "fulfilment", "F-1")
NO_ORDER = found("missing_downstream", "erp-eu", "order")
BEHIND = found("stale_amendment", "revenue", "revenue_contract")


@pytest.mark.parametrize(
    ("outcome", "kin", "origin"),
    [
        # what people enter in a project, nobody hears of where there is none
        (BEHIND, [NO_ORDER, NO_PROJECT], NO_PROJECT),
        (NOT_TOLD, [NO_PROJECT], NO_PROJECT),
        (found("missing_downstream", "billing", "invoice", "S-000001/v1/F-1", "F-1"), [NO_PROJECT, NOT_TOLD], NOT_TOLD),
        (found("missing_downstream", "billing", "invoice", "S-000001/v1/F-2", "F-2"), [NOT_TOLD], None),
        # what a system does by itself hangs on its own copy, not on another system's
        (found("stale_amendment", "revenue", "recognition"), [NO_PROJECT, BEHIND], BEHIND),
        (found("missing_downstream", "erp-eu", "recognition"), [BEHIND, NO_ORDER], NO_ORDER),
        # a copy that is missing, and what is posted, stand for themselves
        (NO_PROJECT, [BEHIND, NOT_TOLD], None),
        (found("missing_downstream", "erp-eu", "open_item", "INV-1"), [NO_ORDER], None),
        (BEHIND, [NO_ORDER], None),
    ],
)
def test_a_break_is_an_outcome_of_what_its_system_was_not_told(outcome, kin, origin):
    assert origin_of(outcome, kin) == origin
