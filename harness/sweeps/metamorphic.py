"""Runs that must agree with each other, though nobody can say of one alone what it must be.

Who has the same business under other names has the same books under other names; who has one safeguard more has no
duplicate more; who is spared a fault is no further from what was agreed; where all times are doubled, so is every lag.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from fakes.agreements import Account, Contract
from fakes.names import SYSTEMS
from harness.sweeps.trial import Trial
from scenarios.truth import Act, Truth


def spared(trial: Trial) -> Iterator[Trial]:
    """The trial without each of its faults in turn."""
    for place, fault in enumerate(trial.faults):
        rest = trial.faults[:place] + trial.faults[place + 1 :]
        yield replace(trial, faults=rest, what=f"{trial.what} without {fault}")


def renamed(truth: Truth, names: Mapping[str, str]) -> Truth:
    """The same business, its contracts and accounts under other keys. `names` has the new key of each that changes."""
    return Truth(
        tuple(_account(account, names) for account in truth.opening_accounts),
        tuple(_contract(contract, names) for contract in truth.opening),
        tuple(
            Act(
                act.at_us,
                account=_account(act.account, names) if act.account else None,
                contract=_contract(act.contract, names) if act.contract else None,
            )
            for act in truth.acts
        ),
        truth.gaps,
    )


def slowed(trial: Trial, times: int) -> Trial:
    """The trial in a world in which everything takes the same, and `times` as long: a second, or a tenth of one."""
    return trial.with_override(
        *(f"systems.{name}.service={{fixed: {100 * times} ms}}" for name in SYSTEMS),
        *(f"systems.{name}.latency={{fixed: {10 * times} ms}}" for name in SYSTEMS),
        *(f"systems.{name}.delivery.delay={{fixed: {times} s}}" for name in SYSTEMS),
        what=f"{times} times as slow",
    )


def _account(account: Account, names: Mapping[str, str]) -> Account:
    return replace(account, key=names.get(account.key, account.key))


def _contract(contract: Contract, names: Mapping[str, str]) -> Contract:
    key, account = contract.key, contract.account
    return replace(contract, key=names.get(key, key), account=names.get(account, account))
