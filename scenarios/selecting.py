"""Of all that is drawn up, the contracts that a scenario asks for alone: what they are and when does not change.

Every draw belongs to a contract's own key: a few contracts of a business behave as they do among all others, but
for what they wait for each other. Their customers come with them, and those that these belong to.
"""

from collections.abc import Iterable, Sequence

from fakes.agreements import Account, Contract, Fulfilment
from scenarios.errors import Mistake, ScenarioError
from scenarios.truth import Act
from scenarios.values import nearest


class Selection:
    """The contracts `only`, and their customers, of these acts and what was there before them.

    Raises ScenarioError if one of them is no contract of this business.
    """

    def __init__(
        self, only: Sequence[str], opening: Iterable[Contract], accounts: Iterable[Account], acts: Sequence[Act]
    ) -> None:
        contracts = [*opening, *(act.contract for act in acts if act.contract)]
        self._contracts = frozenset(only)
        _refuse_unknown(only, [contract.key for contract in contracts])
        parents = {account.key: account.parent for account in accounts}
        parents |= {act.account.key: act.account.parent for act in acts if act.account and act.account.parent}
        wanted = [contract.account for contract in contracts if contract.key in self._contracts]
        kept: dict[str, bool] = {}
        while wanted:
            account = wanted.pop()
            if account and account not in kept:
                kept[account] = True
                wanted.append(parents.get(account, ""))
        self._accounts = frozenset(kept)

    def contracts(self, contracts: Iterable[Contract]) -> list[Contract]:
        """Those of these contracts."""
        return [contract for contract in contracts if contract.key in self._contracts]

    def accounts(self, accounts: Iterable[Account]) -> list[Account]:
        """Those of these accounts."""
        return [account for account in accounts if account.key in self._accounts]

    def delivered(self, fulfilments: Iterable[Fulfilment]) -> list[Fulfilment]:
        """Those of these fulfilments."""
        return [fulfilment for fulfilment in fulfilments if fulfilment.contract in self._contracts]

    def acts(self, acts: Iterable[Act]) -> list[Act]:
        """Those of these acts."""
        return [act for act in acts if self._keeps(act)]

    def _keeps(self, act: Act) -> bool:
        if act.contract is not None:
            return act.contract.key in self._contracts
        if act.fulfilment is not None:
            return act.fulfilment.contract in self._contracts
        return act.account is not None and act.account.key in self._accounts


def _refuse_unknown(only: Sequence[str], known: Sequence[str]) -> None:
    for key in only:
        if key not in known:
            near = nearest(key, known)
            remedy = f"did you mean {near}?" if near else "see the contracts in the truth/ of a run with this seed"
            raise ScenarioError([Mistake("the business drawn", "business.only", key, "a contract of it", remedy)])
