"""Earned revenue against the engine's recognitions, by contract, month and product; all runs of a month together.

A late change is caught up in a later month: its revenue is then in the wrong period, and the contract's total
right. Other shifts over time are a wrong schedule.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from fakes.agreements import Contract, Fulfilment
from fakes.records import Recognition
from harness.audit.breaks import ROUNDING_MINOR, Break, Effects, Kind, amount_kind, effects, misplaced
from harness.audit.copies import behind_kind
from harness.audit.marks import wrong_marks
from harness.audit.tie import Tie, source_of
from harness.oracle import Expected
from harness.oracle.columns import column
from harness.oracle.deliverables import earned_by_product
from harness.oracle.ledger import CONTRACT_LIABILITY, Cell, Cells, revenue_account
from harness.oracle.months import first_day, month_name
from harness.oracle.revenue import earned_by_version
from reports.wording import money

Amounts: TypeAlias = dict[str, int]
"""Minor units by product, without zeros."""


def recognitions(tie: Tie) -> Iterator[Break]:
    """Revenue that the engine recognised too much of, too little of, in the wrong month or for the wrong product."""
    made = [one for one in tie.books.recognitions if one.run_us > 0]
    amounts = [one.amounts for one in made]
    sizes = column(list(map(len, amounts)))
    minors = column([minor for of_one in amounts for _, minor in of_one])
    totals = np.zeros(len(made), dtype=np.int64)
    np.add.at(totals, np.arange(len(made)).repeat(sizes), minors)
    for place in np.flatnonzero(totals != column([one.total_minor for one in made])).tolist():
        yield _wrong_total(tie, made[place], int(totals[place]))
    contracts = tie.expected.contracts
    for one in made:
        contract = contracts.get(one.contract)
        if contract is not None and (one.currency != contract.currency or one.entity != contract.entity):
            yield from _wrongly_marked(one, contract)

    off = _due(tie.expected)
    whose = off.of_months(column([one.month for one in made])) + off.subjects.of([one.contract for one in made])
    products = off.accounts.of([product for of_one in amounts for product, _ in of_one])
    off.add(whose.repeat(sizes) + products, minors)
    wrong = {(contract, month) for _, contract, month in off.balances()}
    superfluous = {copy.id for several in tie.revenue_contracts.values() if len(several) > 1 for copy in several[1:]}
    if superfluous:
        wrong.update((one.contract, one.month) for one in made if one.revenue_contract in superfluous)
    if len(off.subjects) > len(contracts):
        wrong.update((one.contract, one.month) for one in made if one.contract not in contracts)
    if wrong:
        suspects = dict.fromkeys(key[0] for key in tie.expected.recognised if key in wrong)
        suspects.update((one.contract, None) for one in made if (one.contract, one.month) in wrong)
        yield from _suspects(tie, suspects)


def _due(expected: Expected) -> Cells:
    """What is lacking where nothing is recognised: cells by product, month and contract."""
    cells, earned = Cells(), expected.earned
    products, contracts = cells.accounts.of(earned.products), cells.subjects.of(expected.contracts)
    cells.add(products[earned.product] + cells.of_months(earned.month) + contracts[earned.whose], -earned.minor)
    return cells


def _suspects(tie: Tie, suspects: Mapping[str, None]) -> Iterator[Break]:
    plans: dict[str, dict[int, Mapping[str, int]]] = {}
    for (contract, month), amounts in tie.expected.recognised.items():
        if contract in suspects:
            plans.setdefault(contract, {})[month] = amounts
    made: dict[str, list[Recognition]] = {}
    for one in tie.books.recognitions:
        if one.run_us > 0 and one.contract in suspects:
            made.setdefault(one.contract, []).append(one)
    for key in suspects:
        contract_terms = tie.expected.contracts.get(key)
        if contract_terms is None:
            for one in made[key]:
                what = f"{one.id} recognises {money(one.total_minor, one.currency)} for {key}, which nobody signed"
                yield _surplus("missing_upstream", one, what, None)
        else:
            yield from _Revenue(tie, contract_terms, plans.get(key, {}), made.get(key, [])).breaks()


def _wrong_total(tie: Tie, one: Recognition, total_minor: int) -> Break:
    contract = tie.expected.contracts.get(one.contract)
    off_minor = one.total_minor - total_minor
    was, is_ = (money(minor, one.currency) for minor in (total_minor, one.total_minor))
    return _break_of(
        one,
        kind=amount_kind(total_minor, one.total_minor),
        amount_minor=abs(off_minor),
        delta_minor=off_minor,
        expected=total_minor,
        actual=one.total_minor,
        detail=f"{one.id} says {is_}, its products sum to {was}",
        account=contract.account if contract is not None else None,
    )


def _wrongly_marked(one: Recognition, contract: Contract) -> Iterator[Break]:
    for kind, expected, actual, what in wrong_marks(one, contract):
        yield _break_of(
            one,
            kind=kind,
            amount_minor=misplaced(minor for _, minor in one.amounts),
            delta_minor=0,
            expected=expected,
            actual=actual,
            detail=f"{one.id} {what}",
            account=contract.account,
        )


def _surplus(kind: Kind, one: Recognition, what: str, account: str | None) -> Break:
    total_minor = sum(minor for _, minor in one.amounts)
    return _break_of(
        one,
        kind=kind,
        amount_minor=misplaced(minor for _, minor in one.amounts),
        delta_minor=total_minor,
        expected=None,
        actual=total_minor,
        detail=what,
        account=account,
        effects=_effects(one.contract, {one.month: _amounts(one)}),
    )


def _break_of(
    one: Recognition,
    *,
    kind: Kind,
    amount_minor: int,
    delta_minor: int,
    expected: object,
    actual: object,
    detail: str,
    account: str | None,
    effects: Effects = (),
) -> Break:
    """A break of one recognition by itself, whatever its contract has earned."""
    return Break(
        kind=kind,
        system="revenue",
        record="recognition",
        key=one.id,
        amount_minor=amount_minor,
        delta_minor=delta_minor,
        period=one.month,
        expected=expected,
        actual=actual,
        detail=detail,
        since_us=one.run_us,
        call=one.contract,
        contract=one.contract,
        account=account,
        effects=effects,
    )


class _Revenue:
    """One contract whose recognised revenue is not what it must be: `off` says by how much, by month."""

    def __init__(
        self, tie: Tie, contract: Contract, plan: Mapping[int, Mapping[str, int]], made: Sequence[Recognition]
    ) -> None:
        self.tie = tie
        self.contract = contract
        self.plan = plan
        self.made = sorted(made, key=lambda one: one.run_us)
        self.copies = tie.revenue_contracts.get(contract.key, [])
        self.off: dict[int, Amounts] = {}
        for month in sorted({*plan, *(one.month for one in made)}):
            together = _minus(_sum(map(_amounts, self._of(month))), plan.get(month, {}))
            if together:
                self.off[month] = together

    def breaks(self) -> Iterator[Break]:
        """The repeated recognitions first, then shifts over time, then what remains month by month."""
        yield from self._of_superfluous_copies()
        yield from self._repeated()
        stretch: list[int] = []
        running: Amounts = {}
        for month in sorted(self.off):
            stretch.append(month)
            running = _plus(running, self.off[month])
            if not running:
                yield self._shifted(stretch)
                stretch = []
        for month in stretch:
            yield self._wrong(month)

    def _money(self, minor: int) -> str:
        return money(minor, self.contract.currency)

    def _of(self, month: int) -> list[Recognition]:
        return [one for one in self.made if one.month == month]

    # --- recognised again ----------------------------------------------------------------------------

    def _of_superfluous_copies(self) -> Iterator[Break]:
        """What a second revenue contract recognised, if the one that counts recognised anything at all."""
        superfluous = {copy.id for copy in self.copies[1:]}
        if superfluous and any(one.revenue_contract not in superfluous for one in self.made):
            for one in [one for one in self.made if one.revenue_contract in superfluous]:
                what = f"{one.id} is of {one.revenue_contract}, a second revenue contract of {self.contract.key}"
                yield self._take_out("duplicate", one, what)

    def _repeated(self) -> Iterator[Break]:
        """A month's recognitions beyond its plan that repeat all of it, or are just what it is over by."""
        for month in list(self.off):
            found = self._of(month)
            for one in reversed(found[1:]):
                amounts, off = _amounts(one), self.off.get(month, {})
                if amounts not in (self.plan.get(month), off) or not _within(amounts, off):
                    continue
                same_run = any(one.run == other.run for other in found if other is not one)
                kind: Kind = "duplicate" if same_run else "double_revenue_run"
                what = f"{one.id} of run {one.run} recognises {month_name(month)} of {self.contract.key} again"
                yield self._take_out(kind, one, what)

    def _take_out(self, kind: Kind, one: Recognition, what: str) -> Break:
        self.made.remove(one)
        left = _minus(self.off.get(one.month, {}), _amounts(one))
        self.off.pop(one.month, None)
        if left:
            self.off[one.month] = left
        return _surplus(kind, one, what, self.contract.account)

    # --- recognised at another time, or otherwise ----------------------------------------------------

    def _shifted(self, months: Sequence[int]) -> Break:
        """Some months have too little, others as much too much."""
        short = [month for month in months if any(minor < 0 for minor in self.off[month].values())]
        late = self._came_late(months[:-1])
        if max(abs(minor) for month in months for minor in self.off[month].values()) <= ROUNDING_MINOR:
            kind: Kind = "rounding"
        else:
            kind = "wrong_period" if late else "wrong_schedule_shape"
        moved_minor = misplaced(sum(self.off[month].values()) for month in months)
        names = ", ".join(map(month_name, short))
        what = f"{self.contract.key} has {self._money(moved_minor)} of {names} recognised in other months up to "
        what += month_name(months[-1])
        return self._break(kind, months, moved_minor, what)

    def _came_late(self, months: Sequence[int]) -> bool:
        """Whether each of these months has just what was earned by what was known by then: versions, and notes."""
        if not self.contract.deliverables:
            return all(self._versions_lacking(month) is not None for month in months)
        versions, rendered = len(self.contract.versions), self.tie.expected.rendered.get(self.contract.key, ())
        running: Amounts = {}
        for month in months:
            running = _plus(running, self.off[month])
            due_us = self.tie.expected.run_us.get(month, self.tie.at_us)  # a month may be none of the run
            ran_us = max((one.run_us for one in self._of(month)), default=due_us)
            noted = [one for one in rendered if self._noted_by(one.key, ran_us)]
            due = self._earned_before(versions, rendered, month + 1)
            known = (self._earned_before(count, noted, month + 1) for count in range(versions + 1))
            if all(_minus(earned, due) != running for earned in known):
                return False
        return True

    def _noted_by(self, key: str, at_us: int) -> bool:
        """Whether the engine knew of something delivered at an instant; of what was before the run, it did."""
        return self.tie.expected.rendered_us[key] < 0 or self.tie.noted_us.get(key, at_us + 1) <= at_us

    def _earned_before(self, versions: int, rendered: Sequence[Fulfilment], month: int) -> Amounts:
        """What the contract has earned before a month begins for all who know of its first versions alone.

        What it earned before it was acquired is its former owner's.
        """
        deliverables = tuple(one for one in self.contract.deliverables if one.version <= versions)
        known = replace(self.contract, versions=self.contract.versions[:versions], deliverables=deliverables)
        shares = {
            part: minor for part, minor in self.tie.expected.allocated[self.contract.key].items() if part[0] <= versions
        }
        ours_from_day = self.contract.acquired_day
        earned = earned_by_product(known, shares, rendered, max(first_day(month), ours_from_day))
        return _minus(earned, earned_by_product(known, shares, rendered, ours_from_day)) if ours_from_day else earned

    def _wrong(self, month: int) -> Break:
        """A month's revenue is not what it must be, and no other month makes up for it."""
        off, plan = self.off[month], self.plan.get(month, {})
        planned_minor, delta_minor = sum(plan.values()), sum(off.values())
        kind = self._kind(month, off, plan)
        if kind in ("missing_downstream", "usage_gap", "stale_amendment", "cancelled_still_running"):
            kind = self.tie.absent(
                kind, self.tie.expected.run_us.get(month, self.tie.at_us), "revenue", self.contract.key
            )
        amount_minor = abs(delta_minor) or misplaced(off.values())
        what = f"{self.contract.key} has {self._money(planned_minor + delta_minor)} recognised for "
        what += f"{month_name(month)}, "
        what += f"not {self._money(planned_minor)}" if delta_minor else "right in total, and wrong by product"
        return self._break(kind, [month], amount_minor, what)

    def _kind(self, month: int, off: Amounts, plan: Mapping[str, int]) -> Kind:
        planned_minor, delta_minor = sum(plan.values()), sum(off.values())
        if max(map(abs, off.values())) <= ROUNDING_MINOR:
            return "rounding"
        if not delta_minor:
            return "wrong_allocation"
        if off == {product: -2 * minor for product, minor in plan.items()}:
            return "sign"
        return (self._gap() if delta_minor < 0 else None) or self._of_versions(month, off, planned_minor)

    def _of_versions(self, month: int, off: Amounts, planned_minor: int) -> Kind:
        lacking = self._versions_lacking(month)
        if lacking is not None:
            known = self.copies[0].state.version if self.copies else self.contract.version
            unknown = known < self.contract.version and lacking >= known
            return behind_kind(self.contract, known) if unknown else "missing_downstream"
        if any(off == self._earned(index, month) for index in range(1, len(self.contract.versions))):
            return "double_applied_amendment"
        kind = amount_kind(planned_minor, planned_minor + sum(off.values()))
        return "amount_mismatch" if kind == "sign" else kind

    def _versions_lacking(self, month: int) -> int | None:
        """How many versions went into a month's revenue, if what it lacks is just what the later ones earn."""
        if self.contract.deliverables:
            return self._versions_short(month)
        lacking, earned = _minus({}, self.off[month]), Amounts()
        for index in reversed(range(len(self.contract.versions))):
            earned = _plus(earned, self._earned(index, month))
            if earned == lacking:
                return index
        return None

    def _versions_short(self, month: int) -> int | None:
        """The same where more than the days that pass decides on what is earned."""
        rendered = self.tie.expected.rendered.get(self.contract.key, ())
        plan = self.plan.get(month, {})
        for count in reversed(range(len(self.contract.versions))):
            before = self._earned_before(count, rendered, month)
            if self.off[month] == _minus(_minus(self._earned_before(count, rendered, month + 1), before), plan):
                return count
        return None

    def _earned(self, version_index: int, month: int) -> Amounts:
        shares = self.tie.expected.allocated[self.contract.key]
        from_day = max(first_day(month), self.contract.acquired_day)
        return earned_by_version(self.contract, version_index, shares, from_day, first_day(month + 1))

    def _gap(self) -> Kind | None:
        """What it is called where revenue has no note of something that was delivered, if that is so."""
        unnoted = self._unnoted()
        if not unnoted:
            return None
        return "usage_gap" if all(one.metered for one in unnoted) else "missing_downstream"

    def _unnoted(self) -> list[Fulfilment]:
        """What was delivered in the run and revenue has no note of."""
        delivered = self.tie.expected.rendered.get(self.contract.key, ())
        in_run = (one for one in delivered if self.tie.expected.rendered_us[one.key] >= 0)
        return [one for one in in_run if one.key not in self.tie.noted_us]

    def _noted_again(self) -> list[Fulfilment]:
        """What revenue has a note too many of."""
        notes = [note for note in self.tie.books.revenue_rendered if note.fulfilment.contract == self.contract.key]
        before = [one.key for one in self.tie.delivered.values() if self.tie.expected.rendered_us[one.key] < 0]
        known, again = set(before), []
        for note in notes:
            if note.key in known or note.key not in self.tie.delivered:
                again.append(note.fulfilment)
            known.add(note.key)
        return again

    def _to_blame(self, delta_minor: int) -> tuple[str, str]:
        """The key of what was delivered and is not noted as it must be, and its source; else the contract's."""
        if not self.contract.deliverables:
            return self.contract.key, ""
        blamed = self._unnoted() if delta_minor < 0 else self._noted_again()
        return (blamed[0].key, source_of(blamed[0])) if blamed else (self.contract.key, "")

    def _break(self, kind: Kind, months: Sequence[int], amount_minor: int, what: str) -> Break:
        first = months[0]
        planned_minor = sum(sum(self.plan.get(month, {}).values()) for month in months)
        delta_minor = sum(sum(self.off[month].values()) for month in months)
        made = [one.run_us for one in self.made if one.month in months]
        due_us = self.tie.expected.run_us.get(first, self.tie.at_us)
        call, source = self._to_blame(delta_minor)
        return Break(
            kind=kind,
            system="revenue",
            record="recognition",
            key=f"{self.contract.key}/{month_name(first)}",
            amount_minor=amount_minor,
            delta_minor=delta_minor,
            period=first,
            expected=planned_minor,
            actual=planned_minor + delta_minor,
            detail=what,
            since_us=max(made, default=due_us),
            call=call,
            source=source,
            contract=self.contract.key,
            account=self.contract.account,
            effects=_effects(self.contract.key, {month: self.off[month] for month in months}),
        )


# --- amounts by product ------------------------------------------------------------------------------


def _amounts(one: Recognition) -> Amounts:
    return _sum({product: minor} for product, minor in one.amounts)


def _sum(parts: Iterable[Mapping[str, int]]) -> Amounts:
    sums: Amounts = {}
    for part in parts:
        for product, minor in part.items():
            sums[product] = sums.get(product, 0) + minor
    return {product: minor for product, minor in sums.items() if minor}


def _plus(one: Mapping[str, int], other: Mapping[str, int]) -> Amounts:
    return _sum((one, other))


def _minus(one: Mapping[str, int], other: Mapping[str, int]) -> Amounts:
    return _sum((one, {product: -minor for product, minor in other.items()}))


def _within(part: Mapping[str, int], whole: Mapping[str, int]) -> bool:
    """Whether `whole` is `part` and more of the same sign, product by product."""
    rest = _minus(whole, part)
    return all(abs(rest.get(product, 0)) + abs(minor) == abs(whole.get(product, 0)) for product, minor in part.items())


def _effects(contract: str, off: Mapping[int, Mapping[str, int]]) -> Effects:
    cells: list[tuple[Cell, int]] = []
    for month, amounts in off.items():
        for product, minor in amounts.items():
            cells.append(((CONTRACT_LIABILITY, contract, month), minor))
            cells.append(((revenue_account(product), contract, month), -minor))
    return effects(cells)
