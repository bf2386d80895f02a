"""The control plane of a served world, below /_tieout: state, clock, faults, reset, audit, report, stop, and the page.

It is an API for scripts and for the page alone. Requests from other web pages are refused, whoever's browser sends
them; and bound wider than to this machine it wants its token.
"""

import asyncio
import hmac
from collections.abc import Callable
from datetime import datetime
from importlib import resources
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.serving.moment import Moment, audit_document
from harness.serving.session import REST_S, Session
from harness.serving.state import State
from harness.serving.switching import Unswitchable, first_mistake
from reports.page import render
from sim.calendar import FiscalCalendar
from sim.durations import MINUTE, SECOND, parse_us

PREFIX = "/_tieout"
PAGE = "live.html"


class Advance(BaseModel):
    """How far to move a clock that stands: `by` a span, or `to` a local date and time; and how long to rest.

    Wherever the integration was told of something, it has to have been quiet for `rest_s` before time goes on.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    by: str | None = Field(None, examples=["1 d", "4 h 30 min"])
    to: str | None = Field(None, examples=["2026-04-01T00:00:00"])
    rest_s: float = Field(REST_S, ge=0, le=60)

    def until_us(self, calendar: FiscalCalendar, now_us: int) -> int:
        """The instant that is meant. Raises ValueError."""
        if (self.by is None) == (self.to is None):
            raise ValueError("say how far: either by, such as 1 d, or to, such as 2026-04-01T00:00:00")
        until_us = now_us + parse_us(self.by) if self.by is not None else instant_us(self.to or "", calendar)
        if until_us < now_us:
            raise ValueError(f"the clock stands at {calendar.local(now_us):%Y-%m-%dT%H:%M:%S} and does not go back")
        if until_us > max(now_us, calendar.end_us):
            raise ValueError(f"the scenario ends at {calendar.local(calendar.end_us):%Y-%m-%dT%H:%M:%S}: go no further")
        return until_us


class Switch(BaseModel):
    """A fault to be switched: by its `name`, on or off, and for how long at the most."""

    model_config = ConfigDict(extra="forbid", strict=True)
    name: str
    on: bool
    lasts: str | None = Field(None, alias="for", examples=["2 h"])


def instant_us(text: str, calendar: FiscalCalendar) -> int:
    """An instant by its local date and time. Raises ValueError."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no date and time: write one such as 2026-04-01T00:00:00") from error
    if at.tzinfo is not None:
        return int((at - calendar.local(0)).total_seconds() * SECOND)
    minute, rest_us = 60 * at.hour + at.minute, at.second * SECOND + at.microsecond
    return calendar.instant_us(at.date().toordinal(), minute) + rest_us


def control(session: Session, token: str | None) -> Any:
    """The ASGI app of the control plane."""
    app = FastAPI(
        title="Tieout: control of a served world",
        version="1",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(_routes(session), prefix=PREFIX)
    return _Guard(app, token)


def _routes(session: Session) -> APIRouter:
    router, state = APIRouter(), State(session)

    @router.get("", response_class=HTMLResponse, include_in_schema=False)
    @router.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page() -> str:
        return resources.files("reports").joinpath(PAGE).read_text(encoding="utf-8")

    @router.get("/state")
    async def now() -> dict[str, Any]:
        """The clock, requests by face, backlog by system, deliveries, faults with their hits, business status."""
        return state.document()

    @router.post("/clock/advance", responses=_refusals(400, 409))
    async def advance(said: Advance) -> dict[str, Any]:
        """Move a clock that stands on, and answer when all is quiet."""
        if session.manner.mode != "manual":
            raise HTTPException(409, f"the clock is {session.manner.mode}: serve with --clock manual to move it")
        clock, calendar = session.world.clock, session.world.agreed.calendar
        until_us = _or_400(lambda: said.until_us(calendar, clock.now))
        await session.advance(until_us, said.rest_s)
        return state.document()["clock"]  # type: ignore[no-any-return]

    @router.get("/faults")
    async def faults() -> list[dict[str, Any]]:
        """All faults: those of the scenario, and those that were added since."""
        return [state.fault(fault) for fault in session.world.simulation.faults]

    @router.post("/faults", responses=_refusals(400))
    async def switch(
        said: Annotated[
            dict[str, Any],
            Body(
                examples=[
                    {"name": "outage of billing", "on": False},
                    {"kind": "lost_response", "system": "erp", "share": 0.1, "for": "2 h"},
                ]
            ),
        ],
    ) -> dict[str, Any]:
        """Switch a fault on or off from now on, by its name; or begin a new one, said as in a scenario file."""
        what = said if "kind" in said else _or_400(lambda: _switched(said))
        fault = _or_400(lambda: session.switch(what))
        await session.journal.safe()
        return state.fault(fault)

    @router.post("/reset")
    async def reset() -> dict[str, Any]:
        """Have the world be as it was configured, at its first instant."""
        await session.reset()
        return state.document()["clock"]  # type: ignore[no-any-return]

    @router.post("/audit")
    async def audit() -> dict[str, Any]:
        """The audit as of now: breaks by kind with their amounts, and timing differences apart."""
        moment = Moment(session.world)
        return audit_document(moment.audit(), moment.calendar)

    @router.get("/report", response_class=HTMLResponse, responses=_refusals(409))
    async def report() -> str:
        """The page of a run, as of now."""
        document: Any = _reported(session)
        document["settings"] = {"command": "tieout serve"}
        return await asyncio.to_thread(render, document)

    @router.get("/report.json", responses=_refusals(409))
    async def report_document() -> dict[str, Any]:
        """The run document, as of now."""
        return _reported(session)

    @router.post("/stop", status_code=202)
    async def stop() -> dict[str, Literal[True]]:
        """Finish what is in flight, and end."""
        asyncio.get_running_loop().call_later(0.05, session.stopping.set)
        return {"stopping": True}

    return router


def _reported(session: Session) -> dict[str, Any]:
    if session.world.clock.now < MINUTE:
        raise HTTPException(409, "nothing has happened yet: let some time pass first")
    return Moment(session.world).report()


def _switched(said: dict[str, Any]) -> dict[str, Any]:
    try:
        switch = Switch.model_validate(said)
    except ValidationError as error:
        remedy = "to switch a fault say its name, and on: true or false; a new one says its kind and its system"
        raise Unswitchable(f"{first_mistake(error)}: {remedy}") from error
    what: dict[str, Any] = {"name": switch.name, "on": switch.on}
    if switch.lasts is not None:
        what["for_us"] = parse_us(switch.lasts)
    return what


def _or_400(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except (Unswitchable, ValueError, OverflowError) as error:
        raise HTTPException(400, str(error)) from error


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"description": "refused; `detail` says why"} for status in statuses}


class _Guard:
    """Lets through who has the token, if there is one, and no other web page's requests."""

    def __init__(self, app: Any, token: str | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope)
        refusal = self._refusal(request)
        await (self._app if refusal is None else refusal)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        origin = request.headers.get("origin")
        if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
            return JSONResponse({"detail": "another page's requests are not for the control plane"}, 403)
        if self._token is None:
            return None
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        given = given if kind.lower() == "bearer" else request.query_params.get("token", "")
        if hmac.compare_digest(given.encode(), self._token.encode()):
            return None
        headers = {"www-authenticate": "Bearer"}
        return JSONResponse({"detail": "no control token, or a wrong one: send it as a bearer token"}, 401, headers)
