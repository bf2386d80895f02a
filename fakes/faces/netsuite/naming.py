"""Which operation a request asks for, and the business key that it is about, by its path and body."""

import json
from typing import Any
from urllib.parse import unquote

from fakes.faces.netsuite.app import QUERY, TOKEN, TOKEN_INFO
from fakes.faces.netsuite.writing import RECORD
from sim.http import HttpRequest

_VERBS = {"GET": "get", "POST": "create", "PATCH": "update", "PUT": "upsert", "DELETE": "delete"}
_POSTING = {
    "salesOrder": "create_order", "invoice": "post_document", "creditMemo": "post_document",
    "customerPayment": "apply_payment", "customerRefund": "apply_payment", "journalEntry": "post_journal",
    "customer": "upsert_customer",
}  # fmt: skip
_CORE = {
    **{("POST", kind): word for kind, word in _POSTING.items()},
    **{("PUT", kind): word for kind, word in _POSTING.items()},
    ("PUT", "salesOrder"): "upsert_order", ("PATCH", "salesOrder"): "update_order",
    ("DELETE", "salesOrder"): "void_order",
    ("PATCH", "customer"): "update_customer",
}  # fmt: skip
"""What is the core's own operation goes by its word, so that it has the service time and the faults of that."""

_KEYS = (
    "custbody_document", "custbody_payment", "custbody_reference", "custbody_contract_key", "custentity_account_key",
    "externalId", "tranId", "entityId", "itemId",
)  # fmt: skip
"""What in a body says which thing of the business it is about, the best first."""


def named(request: HttpRequest) -> tuple[str, str]:
    """The operation's word, and the key."""
    path = unquote(request.target.partition("?")[0])
    for known, word in ((QUERY, "suiteql"), (TOKEN, "token"), (TOKEN_INFO, "token_info")):
        if path == known:
            return word, ""
    if not path.startswith(f"{RECORD}/"):
        return "unknown_path", path[:80]
    parts = path.removeprefix(f"{RECORD}/").split("/")
    if parts[0] == "metadata-catalog":
        return "metadata", ""
    key = _key(request.body) or (parts[1].removeprefix("eid:") if len(parts) > 1 else "")
    kind = parts[0] if parts[0].isascii() and parts[0].isalpha() and len(parts[0]) < 40 else "record"
    if len(parts) > 3 and parts[2] == "!transform":
        return _POSTING.get(parts[3], f"transform_{kind}"), key
    if (request.method, kind) in _CORE:
        return _CORE[request.method, kind], key
    verb = "list" if len(parts) == 1 and request.method == "GET" else _VERBS.get(request.method, "ask")
    return f"{verb}_{kind}", key


def _key(body: bytes) -> str:
    try:
        said: Any = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    return next((said[name][:80] for name in _KEYS if isinstance(said.get(name), str) and said[name]), "")
