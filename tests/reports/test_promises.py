"""Promises as text: held, broken, or with nothing to try; and what the layer comes to."""

import pytest

from reports.promises import promises_page


def promise(name, held, runs=3):
    breaks = [{"what": "answer 1 of erp lost", "found": ["2 invoices"], "replay": "tieout run tiny"}]
    broken = int(held is False)
    return {"name": name, "says": "so it is", "held": held, "runs": runs, "broken": broken, "breaks": breaks[:broken]}


@pytest.mark.parametrize(("held", "summed_up"), [
    ([True, True], "all promises held"),
    ([True, False], "1 of 2 promises held"),
    ([True, None], "all promises held; 1 does not apply"),
    ([False, None, None], "0 of 1 promises held; 2 do not apply"),
    ([None], "nothing was tried: 1 does not apply"),
])  # fmt: skip
def test_only_what_was_tried_is_counted(held, summed_up):
    page = promises_page({"layer": "mine", "promises": [promise(f"p{n}", each) for n, each in enumerate(held)]})

    assert page.splitlines()[-1] == f"mine: {summed_up}"


def test_an_interrupted_suite_says_that_the_others_were_not_judged():
    page = promises_page({"layer": "mine", "complete": False, "promises": [promise("order", True)]})

    assert page.splitlines()[-1] == "mine: all promises held; interrupted, so the others were not judged"
