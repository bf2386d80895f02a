"""The commercial truth of one run: what customers and sales really agreed, and when. Nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from fakes.agreements import Account, Contract, Fulfilment, Items
from fakes.master_data import Gap


class Act(NamedTuple):
    """One commercial act at its instant: an account opened, a contract at a new version, or something delivered.

    `contract` is the full state as of the act; its newest version is what the act agreed. `fulfilment` is on record
    from the instant on.
    """

    at_us: int
    account: Account | None = None
    contract: Contract | None = None
    fulfilment: Fulfilment | None = None

    @property
    def key(self) -> str:
        """The business key of what the act is about."""
        about = self.contract or self.account or self.fulfilment
        assert about, "an act opens an account, agrees a contract or delivers something"
        return about.key


@dataclass(frozen=True, slots=True)
class Truth:
    """All acts of a run in the order of their instants, and what was agreed before its first instant.

    `opening` contracts were signed before instant 0 and are preloaded, settled, in every system, with
    `opening_accounts`, and with what was delivered of them, `opening_rendered`. `gaps` are what the systems lack for
    the run's business, until a person puts it right. `items` are the codes of those ERPs that have a catalogue of their
    own, by legal entity and product.
    """

    opening_accounts: tuple[Account, ...]
    opening: tuple[Contract, ...]
    acts: tuple[Act, ...]
    gaps: tuple[Gap, ...] = ()
    opening_rendered: tuple[Fulfilment, ...] = ()
    items: Items = field(default_factory=dict)

    def contracts(self) -> Mapping[str, Contract]:
        """Every contract's final state, by key, in the order of signing."""
        final = {contract.key: contract for contract in self.opening}
        final.update((act.contract.key, act.contract) for act in self.acts if act.contract)
        return final

    def digest(self) -> str:
        """A hex digest of all that was agreed and when: the same for every layer. Names have no part in it."""
        told = []
        for at_us, account, contract, fulfilment in self.acts:
            if contract:
                newest = contract.versions[-1]
                told.append(
                    f"{at_us}|{contract.key}|{newest.number}|{newest.effective_day}|{newest.price_change_minor}|"
                )
            elif fulfilment:
                told.append(f"{at_us}|{fulfilment.key}|{fulfilment.units}|{fulfilment.accepted}|")
            elif account and account.version > 1:
                told.append(f"{at_us}|{account.key}|{account.version}|{account.parent}|")
            elif account:
                told.append(f"{at_us}|{account.key}|")
        told += [f"{one.key}|{one.start_day}|{one.versions[0].price_change_minor}|" for one in self.opening]
        told += [f"{one.key}|{one.units}|{one.accepted}|" for one in self.opening_rendered]
        told += [f"{gap.word}|{gap.key}|" for gap in self.gaps]
        return blake2b("".join(told).encode(), digest_size=16).hexdigest()
