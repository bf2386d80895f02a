"""What a request asks for, in a word, and which business key it is about: by these a run's network draws its luck."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote

from fakes.faces.salesforce.ids import normal
from fakes.faces.salesforce.org import Org
from sim.http import HttpRequest

_SOBJECT = re.compile(r"/services/data/v\d\d\.0/sobjects/(\w+)(?:/([^/?]+))?(?:/([^?]+))?")
_DATA = re.compile(r"/services/data/v\d\d\.0/(\w+)(?:/(\w+))?(?:/([^/?]+))?(?:/(\w+))?")
_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_VERBS = {"GET": "get", "POST": "create", "PATCH": "update", "DELETE": "delete", "PUT": "put"}
_KEYS = ("AccountKey__c", "ContractKey__c", "External_Id__c", "Invoice_Number__c", "Name")
KEY_MAX = 120


class Naming:
    """Names requests. A record that sales has entered is known by its business key, others by their ids."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def named(self, request: HttpRequest) -> tuple[str, str]:
        """The operation's word and the key."""
        word, key = self._named(request)
        return word, key[:KEY_MAX]

    def _named(self, request: HttpRequest) -> tuple[str, str]:  # noqa: PLR0911  # one for each kind of path
        path, _, query = request.target.partition("?")
        if "/oauth2/" in path or "/Soap/" in path:
            return "refresh_token", ""
        found = _SOBJECT.match(path)
        if found:
            return self._sobject(request, found)
        found = _DATA.match(path)
        if found is None:
            return ("bulk_v1" if "/async/" in path else "list_versions"), ""
        resource, second, third, fourth = found.groups()
        if resource in {"query", "queryAll"}:
            if second:
                return "query_more", second
            text = parse_qs(query).get("q", [""])[0]
            source = _FROM.search(text)
            return f"query_{_word(source[1]) if source else 'nothing'}", text
        if resource == "jobs":
            verb = {"GET": "read", "POST": "open", "PUT": "upload", "PATCH": "end", "DELETE": "delete"}.get(
                request.method, "read"
            )
            return f"{verb}_{second or 'job'}_job" + (
                "_results" if fourth and request.method == "GET" else ""
            ), third or ""
        if resource == "composite":
            return "_".join(["composite", *([second] if second else [])]), self._key_in(request.body)
        return resource.lower(), query

    def _sobject(self, request: HttpRequest, found: re.Match[str]) -> tuple[str, str]:
        name, second, third = found.groups()
        of, verb = _word(name), _VERBS.get(request.method, "get")
        if second is None:
            return (f"create_{of}", self._key_in(request.body)) if verb == "create" else (f"about_{of}", "")
        if second in {"describe", "deleted", "updated"}:
            return f"{second}_{of}", ""
        if third is not None and normal(second) is None:
            return f"{'upsert' if verb == 'update' else verb}_{of}", unquote(third)
        return f"{verb}_{of}", self._business_key(second)

    def _business_key(self, id_: str) -> str:
        record = self._org.view.records.get(normal(id_) or "")
        if record is None:
            return id_
        return str(next((record.values[key] for key in _KEYS[:3] if key in record.values), record.id))

    def _key_in(self, body: bytes) -> str:
        """The first key that a body has anywhere near its top."""
        if len(body) > 1_000_000:
            return ""
        try:
            said: Any = json.loads(body or b"{}")
        except (ValueError, RecursionError):
            return ""
        if isinstance(said, dict):
            inner = next((said[one] for one in ("records", "compositeRequest", "batchRequests") if said.get(one)), None)
            said = inner[0] if isinstance(inner, list) and inner else said
        if isinstance(said, dict) and isinstance(said.get("body"), dict):
            said = said["body"]
        if not isinstance(said, dict):
            return ""
        return next((str(said[key]) for key in _KEYS if said.get(key)), "")


def _word(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.replace("__c", "")).lower()
