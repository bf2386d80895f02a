"""Salesforce's own client in tests: the same bodies run against the face in place and over HTTPS under uvicorn."""

import pytest
import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from simple_salesforce import Salesforce

from fakes.faces.calling import call
from sim.http import request_to
from tests.fakes.faces.salesforce.places import CREDENTIALS, Time, company, face, served, trust


class InPlace(BaseAdapter):
    """A transport of `requests` that calls an app where it is."""

    def __init__(self, app):
        super().__init__()
        self._app = app

    def send(self, request, **_):
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        headers = tuple((name.lower(), value) for name, value in request.headers.items())
        answer = call(self._app, request_to(request.method, request.url, headers, body))
        response = requests.Response()
        response.status_code, response.url, response._content = answer.status, request.url, answer.body
        response.headers, response.request = CaseInsensitiveDict(answer.headers), request
        response.encoding = "utf-8"
        return response

    def close(self):
        """Nothing to close."""


class Place:
    """A face, and how its clients reach it."""

    def __init__(self, dressed, made, base, session):
        self.face, self.company, self.base, self.session = dressed, made, base, session
        self.org = dressed.app.state.org
        self.time = self.org.door._now_us

    def client(self, token=CREDENTIALS.api_key):
        return Salesforce(instance_url=self.base, session_id=token, session=self.session)

    def send(self, method, path, body=None, token=CREDENTIALS.api_key, **headers):
        """A request that no client would make."""
        sent = {
            "Authorization": f"Bearer {token}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.session.request(method, self.base + path, data=body, headers=sent)


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return trust(tmp_path_factory.mktemp("authority") / "ca.pem")


class Stage:
    """An app that is whichever was put on: one server serves the faces of all tests."""

    app = None

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def stage():
    """A server, and its stage. It is gone before tests in virtual time, when no other thread may look at a clock."""
    stage = Stage()
    with served(stage) as base:
        yield stage, base


@pytest.fixture(params=["in_place", "https"])
def place(request, authority):
    """A face of its own for each test."""
    made = company()
    dressed = face(made, Time(running=True))
    session = requests.Session()
    if request.param == "in_place":
        session.mount("https://", InPlace(dressed.app))
        yield Place(dressed, made, "https://acme.my.salesforce.com", session)
        return
    stage, base = request.getfixturevalue("stage")
    stage.app = dressed.app
    session.verify, session.trust_env = authority, False
    with session:
        yield Place(dressed, made, base, session)


@pytest.fixture
def sf(place):
    """The client."""
    return place.client()


@pytest.fixture
def alone():
    """A face in place."""
    made = company()
    dressed = face(made)
    session = requests.Session()
    session.mount("https://", InPlace(dressed.app))
    return Place(dressed, made, "https://acme.my.salesforce.com", session)
