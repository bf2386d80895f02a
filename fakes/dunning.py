"""Dunning: once a day ERP reminds customers of open items that have been overdue for long, as its books have it.

Whether the customer has paid meanwhile it knows from its own cash alone.
"""

from bisect import bisect_right
from collections.abc import Callable

from fakes.erp import Erp
from fakes.records import OpenItem, Reminder

LEVELS_DAYS = (7, 21, 45)
"""How many days an item is overdue when its reminder of each level, from the first on, is sent.

Our choice, without a source: a week's grace, a second reminder two weeks later, and a last one well past a month.
"""

DUNNING_MINUTE = 7 * 60
"""The dunning run is at 07:00 local."""


class Dunning:
    """The reminders of one `erp`. `due_day` says of a contract's document of a day when it is to be paid."""

    def __init__(self, erp: Erp, due_day: Callable[[str, int], int]) -> None:
        self.reminders: list[Reminder] = []
        self.erp = erp
        self._due_day = due_day
        self._seen = 0
        self._next: dict[int, list[OpenItem]] = {}

    def run(self, day: int, now_us: int) -> None:
        """Send what is to be sent on `day`: of each item the highest level it has reached, and each level once."""
        items = self.erp.open_items
        for item in items[self._seen :]:
            if item.total_minor > 0:
                first_day = self._due_day(item.contract, item.day) + LEVELS_DAYS[0]
                self._next.setdefault(max(first_day, day), []).append(item)
        self._seen = len(items)
        for item in self._next.pop(day, ()):
            if not item.open_minor:
                continue
            due_day = self._due_day(item.contract, item.day)
            level = bisect_right(LEVELS_DAYS, day - due_day)
            account = self.erp.customers.all[item.customer].account
            self.reminders.append(Reminder(item.id, item.document, account, level, day, now_us))
            if level < len(LEVELS_DAYS):
                self._next.setdefault(due_day + LEVELS_DAYS[level], []).append(item)
