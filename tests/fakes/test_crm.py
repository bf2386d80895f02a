"""The CRM knows the newest state of everything, and tells of each change once."""

import pytest

from fakes.agreements import Account
from fakes.crm import Crm, GetAccount, GetContract
from tests.fakes.samples import as_of, ask, contract, refusal

STATE = contract(("2026-03-01", 12), ("2026-04-01", 0))


def test_an_account_opened_can_be_read_and_is_told_of():
    crm = Crm()
    account = Account("A-1", "Company")
    crm.open_account(account)
    assert ask(crm, GetAccount("A-1")) is account
    assert [(news.type, news.key, news.version, news.body) for news in crm.news] == [
        ("account_opened", "A-1", 1, account)
    ]


def test_each_version_is_told_of_by_its_kind_with_the_state_of_then():
    crm = Crm()
    for version in (1, 2, 3):
        crm.sign(as_of(STATE, version))
    assert [(news.type, news.key, news.version, news.body) for news in crm.news] == [
        ("contract_signed", "C-1", 1, as_of(STATE, 1)),
        ("contract_amended", "C-1", 2, as_of(STATE, 2)),
        ("contract_cancelled", "C-1", 3, STATE),
    ]
    assert ask(crm, GetContract("C-1")) == STATE


@pytest.mark.parametrize("signed", [(), (1,), (1, 2)])
@pytest.mark.parametrize("version", [1, 2, 3])
def test_versions_are_signed_in_order_and_once(signed, version):
    crm = Crm()
    for known in signed:
        crm.sign(as_of(STATE, known))
    following = len(signed) + 1
    if version == following:
        crm.sign(as_of(STATE, version))
        assert len(crm.news) == following
    else:
        with pytest.raises(ValueError, match=f"C-1: version {version} signed where {following} comes next"):
            crm.sign(as_of(STATE, version))
        assert len(crm.news) == len(signed)
        assert crm.contracts == ({"C-1": as_of(STATE, len(signed))} if signed else {})


def test_what_was_agreed_before_is_known_and_not_told_of():
    crm = Crm()
    crm.preload((Account("A-1", "Company"),), (as_of(STATE, 1),))
    assert crm.news == []
    assert ask(crm, GetContract("C-1")) == as_of(STATE, 1)
    assert ask(crm, GetAccount("A-1")).name == "Company"
    crm.sign(as_of(STATE, 2))
    assert [news.version for news in crm.news] == [2]


@pytest.mark.parametrize(
    ("request_", "word"), [(GetAccount("A-9"), "account_not_found"), (GetContract("C-9"), "contract_not_found")]
)
def test_what_is_not_there_is_not_found(request_, word):
    assert refusal(Crm(), request_) == (404, word)
