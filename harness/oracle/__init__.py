"""What every system's records and the ledger must say, and by when: worked out from the commercial truth alone.

The oracle has never seen a layer, a fault or a fake. It shares the words of `fakes.agreements` with them and
no arithmetic: `months` counts the calendar, `charges` prices service periods, `revenue` allocates and
recognises, `expect` puts it together as an `Expected`. `arrangements` works out the revenue of what
`fakes.arrangements` can agree, over the `epochs` of each promise. `statements` are the financial statements of it all,
by month: what `movements` there are by contract, from the `opening` position on, what is `remaining` of the
obligations, and the `receivables`.
"""

from harness.oracle.expected import BEFORE_US, Expected, ExpectedLine, LineKey, expect

__all__ = ["BEFORE_US", "Expected", "ExpectedLine", "LineKey", "expect"]
