"""Webhook endpoints: where a client wants to be told, and the secret by which it knows who tells."""

from fakes.faces.stripe import parameters as p
from fakes.faces.stripe.account import Account, Object
from fakes.faces.stripe.asked import Asked, Operation
from fakes.faces.stripe.errors import invalid
from fakes.faces.stripe.paging import page_of_things

_WRITTEN: p.Spec = {
    "url": p.text, "enabled_events": p.many(p.text), "description": p.text_or_unset, "metadata": p.metadata,
    "api_version": p.text, "connect": p.flag, "disabled": p.flag,
}  # fmt: skip


def _shown(fields: Object) -> Object:
    """An endpoint without its secret, which is told but once."""
    return {name: value for name, value in fields.items() if name != "secret"}


def _checked(given: Object) -> None:
    if "url" in given and not given["url"].startswith(("https://", "http://")):
        raise invalid("Invalid URL: An explicit scheme (such as https) must be provided.", "url", "url_invalid")
    if not given.get("enabled_events", ["*"]):
        raise invalid("You must enable at least one event.", "enabled_events", "parameter_invalid_empty")


def _create(account: Account, asked: Asked) -> Object:
    given = asked.given
    _checked(given)
    id_ = account.new_id("we", "webhook_endpoint")
    return dict(account.write("webhook_endpoint", id_, {
        "id": id_, "object": "webhook_endpoint", "api_version": None, "application": None, "created": account.now,
        "description": None, "livemode": False, **given, "metadata": p.merged({}, given.get("metadata", {})),
        "secret": account.credentials.signing_secret, "status": "enabled",
    }))  # fmt: skip


def _update(account: Account, asked: Asked) -> Object:
    known = account.need("webhook_endpoint", asked.id)
    given = asked.given
    _checked(given)
    if "disabled" in given:
        given["status"] = "disabled" if given.pop("disabled") else "enabled"
    metadata = p.merged(known["metadata"], given.get("metadata", {}))
    return _shown(account.write("webhook_endpoint", asked.id, {**given, "metadata": metadata}))


def _delete(account: Account, asked: Asked) -> Object:
    account.need("webhook_endpoint", asked.id)
    account.drop("webhook_endpoint", asked.id)
    return {"id": asked.id, "object": "webhook_endpoint", "deleted": True}


def _list(account: Account, asked: Asked) -> Object:
    return page_of_things(account, asked, "webhook_endpoint", _shown)


_PATH = "/v1/webhook_endpoints"
OPERATIONS = (
    Operation("POST", _PATH, "create_webhook_endpoint", _create, _WRITTEN, ("enabled_events", "url")),
    Operation("GET", _PATH, "list_webhook_endpoints", _list, p.PAGING),
    Operation("GET", f"{_PATH}/*", "retrieve_webhook_endpoint",
              lambda account, asked: _shown(account.need("webhook_endpoint", asked.id))),
    Operation("POST", f"{_PATH}/*", "update_webhook_endpoint", _update, _WRITTEN),
    Operation("DELETE", f"{_PATH}/*", "delete_webhook_endpoint", _delete),
)  # fmt: skip
