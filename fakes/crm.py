"""The CRM core: accounts and contracts, as sales enters them; it tells of both and can be read."""

from fakes.agreements import Account, Contract
from fakes.news import News
from fakes.service import Operation, Operations, Refused
from sim.record import Record


class GetAccount(Record):
    """Read an account by key."""

    account: str


class GetContract(Record):
    """Read a contract's newest state by key."""

    contract: str


class Crm:
    """Accounts and contracts by key. Versions of one contract strictly increase."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.contracts: dict[str, Contract] = {}
        self.news: list[News] = []

    @property
    def operations(self) -> Operations:
        """What integrations can ask of the CRM."""
        return {
            GetAccount: Operation("get_account", self._get_account),
            GetContract: Operation("get_contract", self._get_contract),
        }

    def preload(self, accounts: tuple[Account, ...], contracts: tuple[Contract, ...]) -> None:
        """Take over what was agreed before the run, without telling anyone."""
        self.accounts.update((account.key, account) for account in accounts)
        self.contracts.update((contract.key, contract) for contract in contracts)

    def open_account(self, account: Account) -> None:
        """Enter a new account."""
        self.accounts[account.key] = account
        self.news.append(News("account_opened", account.key, 1, account))

    def change_account(self, account: Account) -> None:
        """Enter an account's next version: another name, another parent."""
        expected = self.accounts[account.key].version + 1
        if account.version != expected:
            raise ValueError(f"{account.key}: version {account.version} where {expected} comes next")
        self.accounts[account.key] = account
        self.news.append(News("account_changed", account.key, account.version, account))

    def sign(self, contract: Contract) -> None:
        """Enter a contract's next version: signed, amended or cancelled. Without obligations, a statement of work."""
        before = self.contracts.get(contract.key)
        expected = before.version + 1 if before else 1
        if contract.version != expected:
            raise ValueError(f"{contract.key}: version {contract.version} signed where {expected} comes next")
        self.contracts[contract.key] = contract
        kind = contract.versions[-1].kind
        word = "sow_signed" if kind == "signed" and not contract.obligations else f"contract_{kind}"
        self.news.append(News(word, contract.key, contract.version, contract))

    def _get_account(self, request: GetAccount, now_us: int) -> Account:
        account = self.accounts.get(request.account)
        if account is None:
            raise Refused(404, "account_not_found")
        return account

    def _get_contract(self, request: GetContract, now_us: int) -> Contract:
        contract = self.contracts.get(request.contract)
        if contract is None:
            raise Refused(404, "contract_not_found")
        return contract
