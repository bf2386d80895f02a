"""Test clocks. In a run nobody but the run moves time on; where clients may, a test clock moves all of it."""

from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import StripeError, invalid
from fakes.faces.stripe.paging import page_of_things

_KEPT_S = 30 * 86_400


def _object(account: Account, fields: Object) -> Object:
    """A clock as Stripe shows it: it shows the time of the whole company."""
    return {**fields, "frozen_time": account.now, "status": "ready", "status_details": {}}


def _create(account: Account, asked: Asked) -> Object:
    id_, now = account.new_id("clock", "test_clock"), account.now
    if asked.given["frozen_time"] > now and account.door.advance is None:
        raise _not_ours(account)
    fields = account.write("test_clock", id_, {
        "id": id_, "object": "test_helpers.test_clock", "created": now, "deletes_after": now + _KEPT_S,
        "livemode": False,
        "name": asked.get("name"),
    })  # fmt: skip
    told = _object(account, fields)
    account.tell("test_helpers.test_clock.created", told)
    return told


def _advance(account: Account, asked: Asked) -> Object:
    fields = account.need("test_clock", asked.id)
    until = asked.given["frozen_time"]
    if until <= account.now:
        raise invalid("The `frozen_time` must be after the clock's present time.", "frozen_time")
    if account.door.advance is None:
        raise _not_ours(account)
    account.tell("test_helpers.test_clock.advancing", {**_object(account, fields), "status": "advancing"})
    account.door.advance(account.instant_us(until))
    told = _object(account, fields)
    account.tell("test_helpers.test_clock.ready", told)
    return told


def _not_ours(account: Account) -> StripeError:
    return StripeError(
        400,
        f"Test clock advancement is not possible here: the time ({account.now}) is the run's own.",
        "test_clock_advance_not_allowed", "frozen_time",
    )  # fmt: skip


def _delete(account: Account, asked: Asked) -> Object:
    account.need("test_clock", asked.id)
    account.drop("test_clock", asked.id)
    return {"id": asked.id, "object": "test_helpers.test_clock", "deleted": True}


def _list(account: Account, asked: Asked) -> Object:
    return page_of_things(account, asked, "test_clock", lambda fields: _object(account, fields))


_PATH = "/v1/test_helpers/test_clocks"
OPERATIONS = (
    Operation("POST", _PATH, "create_test_clock", _create, {"frozen_time": p.moment, "name": p.text,
        "customer": p.text}, ("frozen_time",)),
    Operation("GET", _PATH, "list_test_clocks", _list, p.PAGING),
    Operation("GET", f"{_PATH}/*", "retrieve_test_clock",
              lambda account, asked: _object(account, account.need("test_clock", asked.id))),
    Operation("DELETE", f"{_PATH}/*", "delete_test_clock", _delete),
    Operation("POST", f"{_PATH}/*/advance", "advance_test_clock", _advance, {"frozen_time": p.moment},
        ("frozen_time",)),
)  # fmt: skip
