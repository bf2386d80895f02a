"""Logging in, and what becomes of a session."""

import pytest
import requests
from simple_salesforce import Salesforce, SalesforceLogin
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from sim.durations import HOUR
from tests.fakes.faces.salesforce.places import CREDENTIALS, PASSWORD, SECURITY_TOKEN, USERNAME

CLIENT = {"client_id": CREDENTIALS.client_id, "client_secret": CREDENTIALS.client_secret}


def token(place, **form):
    return place.session.post(f"{place.base}/services/oauth2/token", data=form)


def test_the_client_logs_in_by_soap(place):
    session, instance = SalesforceLogin(
        username=USERNAME,
        password=PASSWORD,
        security_token=SECURITY_TOKEN,
        scratch_url=place.base,
        session=place.session,
    )
    assert f"https://{instance}" == place.base
    assert place.client(session).query("SELECT COUNT() FROM Account")["totalSize"] == 2


def test_a_wrong_password_is_refused(place):
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        SalesforceLogin(
            username=USERNAME, password="wrong", security_token="", scratch_url=place.base, session=place.session
        )
    assert caught.value.code == "INVALID_LOGIN"


def test_tokens_are_given_by_password_and_by_a_clients_own_credentials(place):
    by_password = token(place, grant_type="password", username=USERNAME, password=PASSWORD, **CLIENT).json()
    by_client = token(place, grant_type="client_credentials", **CLIENT).json()
    for given in (by_password, by_client):
        assert given["instance_url"] == place.base and given["token_type"] == "Bearer"
        assert place.client(given["access_token"]).query("SELECT COUNT() FROM Account")["totalSize"] == 2


def test_a_token_leads_to_who_bears_it(place):
    given = token(place, grant_type="client_credentials", **CLIENT).json()
    path = given["id"].removeprefix(place.base)
    who = place.send("GET", path, token=given["access_token"]).json()
    assert who["organization_id"] == place.client().query("SELECT Id FROM Organization")["records"][0]["Id"]
    assert place.send("GET", "/services/oauth2/userinfo").json()["user_id"] == who["user_id"]
    assert place.send("GET", path[:-1] + "B").status_code == 404
    assert place.send("GET", path, token="nonsense").status_code == 401


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password", "username": USERNAME, "password": "wrong", **CLIENT}, "invalid_grant"),
        ({"grant_type": "password", "username": "stranger", "password": PASSWORD, **CLIENT}, "invalid_grant"),
        ({"grant_type": "client_credentials", "client_id": "tieout", "client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "other", "client_secret": "x"}, "invalid_client_id"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "a.b.c"}, "invalid_grant"),
        ({}, "unsupported_grant_type"),
        ({f"field{n}": "x" for n in range(101)}, "unsupported_grant_type"),
    ],
)
def test_wrong_credentials_are_refused_in_oauths_shape(place, form, error):
    answer = token(place, **form)
    assert answer.status_code == 400 and answer.json()["error"] == error and answer.json()["error_description"]


def test_a_session_ends_when_nobody_uses_it(alone):
    given = token(alone, grant_type="client_credentials", **CLIENT).json()["access_token"]
    time = alone.time
    for _ in range(3):
        time.at_us += HOUR
        assert alone.send("GET", "/services/data/v59.0/limits", token=given).status_code == 200
    time.at_us += 2 * HOUR
    assert alone.send("GET", "/services/data/v59.0/limits", token=given).status_code == 401


def test_a_token_is_good_at_another_start_of_the_same_organisation(place):
    """It says itself when it was given: a server that starts anew has no memory of it."""
    given = token(place, grant_type="client_credentials", **CLIENT).json()["access_token"]
    place.org.sessions._used_us.clear()
    assert place.client(given).limits()


def test_a_revoked_session_is_over(place):
    given = token(place, grant_type="client_credentials", **CLIENT).json()["access_token"]
    assert place.session.post(f"{place.base}/services/oauth2/revoke", data={"token": given}).status_code == 200
    assert place.send("GET", "/services/data/v59.0/limits", token=given).status_code == 401


def test_the_client_needs_some_credentials():
    with pytest.raises(TypeError):
        Salesforce(session=requests.Session())
