"""Logging in: OAuth 2.0 by password, by a client's own credentials, and by a signed assertion; and SOAP."""

import base64
import json
import re
from html import escape, unescape
from typing import Any
from urllib.parse import parse_qs

from fakes.faces.salesforce.answers import answer, empty, text_answer
from fakes.faces.salesforce.errors import not_found
from fakes.faces.salesforce.ids import ORGANIZATION, USER
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.requests import Request, body_of, org_of, version_of
from fakes.faces.salesforce.routing import Routes
from sim.http import HttpResponse

routes = Routes()

INSTANCE = "tieout.my.salesforce.com"
"""Where the organisation is, for those who log in where everybody does."""

FORM_MAX, FIELDS_MAX = 100_000, 100
"""Bytes and fields that a form may have."""

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
OF_ALL = frozenset({"login.salesforce.com", "test.salesforce.com"})


@routes.post("/services/oauth2/token")
async def token(request: Request) -> HttpResponse:
    """A session's token, for credentials that are right; 400 with OAuth's error otherwise."""
    org = org_of(request)
    said = await _form_of(request)
    problem = _PROBLEMS.get(said.get("grant_type", ""), _unsupported)(org, request, said)
    if problem:
        return answer({"error": problem[0], "error_description": problem[1]}, 400)
    base, now_us = f"https://{host_of(request)}", org.now_us
    return answer(
        {
            "access_token": org.sessions.begin(now_us),
            "instance_url": base,
            "id": f"{base}/id/{ORGANIZATION}/{USER}",
            "token_type": "Bearer",
            "issued_at": str(org.times.milliseconds(now_us)),
            "signature": "",
            "scope": "api refresh_token",
        }
    )


@routes.post("/services/oauth2/revoke")
async def revoke(request: Request) -> HttpResponse:
    """The end of a token's session."""
    org_of(request).sessions.end((await _form_of(request)).get("token", ""))
    return empty(200)


@routes.get("/services/oauth2/userinfo")
async def userinfo(request: Request) -> HttpResponse:
    """Who is logged in."""
    who = _who(request)
    return answer({"sub": who["id"], "name": who["display_name"], "preferred_username": who["username"], **who})


@routes.get("/id/{organization}/{user}")
async def identity(request: Request, organization: str, user: str) -> HttpResponse:
    """The same, where a token's `id` leads to."""
    if (organization, user) != (ORGANIZATION, USER):
        raise not_found()
    return answer(_who(request))


def _who(request: Request) -> dict[str, Any]:
    base, name = f"https://{host_of(request)}", f"{org_of(request).sessions.client_id}@tieout.example"
    rest = f"{base}/services/data/v{{version}}"
    urls = {"rest": f"{rest}/", "sobjects": f"{rest}/sobjects/", "query": f"{rest}/query/", "search": f"{rest}/search/"}
    return {
        "id": f"{base}/id/{ORGANIZATION}/{USER}", "user_id": USER, "organization_id": ORGANIZATION, "username": name,
        "display_name": "Integration User", "email": name, "active": True, "user_type": "STANDARD", "urls": urls,
    }  # fmt: skip


@routes.post("/services/Soap/{kind}/{version}")
async def soap(request: Request, kind: str) -> HttpResponse:
    """The partner API's `login`, which is all that it does here."""
    org = org_of(request)
    text = (await body_of(request, FORM_MAX)).decode("utf-8", "replace")
    username, password = _element(text, "username"), _element(text, "password")
    if username is None or password is None:
        return _soap_fault("UNKNOWN_EXCEPTION", "only login is offered here, with a username and a password")
    if not org.sessions.knows(username, password):
        return _soap_fault("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
    base, at = f"https://{host_of(request)}/services/Soap", f"{version_of(request)}/{ORGANIZATION[:15]}"
    session = org.sessions.begin(org.now_us)
    body = (
        f"<loginResponse><result><metadataServerUrl>{escape(f'{base}/m/{at}')}</metadataServerUrl>"
        f"<passwordExpired>false</passwordExpired><sandbox>true</sandbox><serverUrl>{escape(f'{base}/{kind}/{at}')}</serverUrl>"
        f"<sessionId>{session}</sessionId><userId>{USER}</userId><userInfo><organizationId>{ORGANIZATION}"
        "</organizationId></userInfo></result></loginResponse>"
    )
    return _envelope(body, 200, "urn:partner.soap.sforce.com")


async def _form_of(request: Request) -> dict[str, str]:
    """What a form says; nothing if it has more fields than any that is meant."""
    try:
        said = parse_qs((await body_of(request, FORM_MAX)).decode("utf-8", "replace"), max_num_fields=FIELDS_MAX)
    except ValueError:
        return {}
    return {name: values[0] for name, values in said.items()}


def host_of(request: Request) -> str:
    """The host, with its port, that a client is to go on with."""
    host = request.headers.get("host", INSTANCE)
    return INSTANCE if host.partition(":")[0].lower() in OF_ALL else host


# --- credentials: what is wrong with them, as OAuth's error and its description -----------------------

Problem = tuple[str, str] | None
_FAILED = ("invalid_grant", "authentication failure")


def _by_password(org: Org, _: Request, said: dict[str, str]) -> Problem:
    problem = _of_client(org, said.get("client_id", ""), said.get("client_secret", ""))
    if problem:
        return problem
    return None if org.sessions.knows(said.get("username", ""), said.get("password", "")) else _FAILED


def _by_client(org: Org, request: Request, said: dict[str, str]) -> Problem:
    client, secret = said.get("client_id", ""), said.get("client_secret", "")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
        except ValueError:
            return "invalid_client", "invalid client credentials"
    return _of_client(org, client, secret)


def _by_assertion(org: Org, _: Request, said: dict[str, str]) -> Problem:
    """Whose assertion it is. Its signature is taken on trust: nobody has given us a certificate."""
    try:
        header, payload, signature = said.get("assertion", "").split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        issuer, subject = str(claims["iss"]), str(claims.get("sub") or claims["prn"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "invalid_grant", "invalid assertion"
    if issuer != org.sessions.client_id:
        return "invalid_client_id", "client identifier invalid"
    if not header or not signature or not org.sessions.is_user(subject):
        return "invalid_grant", "user hasn't approved this consumer"
    return None


def _unsupported(_: Org, __: Request, ___: dict[str, str]) -> Problem:
    return "unsupported_grant_type", "grant type not supported"


def _of_client(org: Org, client: str, secret: str) -> Problem:
    if client != org.sessions.client_id:
        return "invalid_client_id", "client identifier invalid"
    return None if org.sessions.is_client(client, secret) else ("invalid_client", "invalid client credentials")


_PROBLEMS = {"password": _by_password, "client_credentials": _by_client, JWT_BEARER: _by_assertion}


# --- SOAP --------------------------------------------------------------------------------------------


def _element(text: str, name: str) -> str | None:
    found = re.search(rf"<(?:\w+:)?{name}>([^<]*)</", text)
    return unescape(found[1]) if found else None


def _soap_fault(code: str, message: str) -> HttpResponse:
    body = (
        f"<soapenv:Fault><faultcode>{code}</faultcode><faultstring>{code}: {message}</faultstring><detail>"
        f"<sf:LoginFault><sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{message}</sf:exceptionMessage>"
        "</sf:LoginFault></detail></soapenv:Fault>"
    )
    return _envelope(body, 500, "urn:partner.soap.sforce.com")


def _envelope(body: str, status: int, namespace: str) -> HttpResponse:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        f'xmlns="{namespace}" xmlns:sf="urn:fault.partner.soap.sforce.com">'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    return text_answer(text, "xml", status)
