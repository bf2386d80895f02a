"""Salesforce as a face."""

from collections.abc import Iterable
from itertools import count

from fakes.faces.answering import Answering
from fakes.faces.door import Door
from fakes.faces.face import Credentials, Face
from fakes.faces.salesforce import (
    HOSTS,
    SYSTEM,
    bulk1,
    bulk2,
    collecting,
    composite,
    describing,
    login,
    managing,
    querying,
    records,
    searching,
)
from fakes.faces.salesforce.catalogue import OBJECTS
from fakes.faces.salesforce.errors import refusal_of
from fakes.faces.salesforce.events import Style, Telling
from fakes.faces.salesforce.fields import SObject
from fakes.faces.salesforce.gate import Gate
from fakes.faces.salesforce.jobs import Jobs
from fakes.faces.salesforce.mirror import Mirror
from fakes.faces.salesforce.naming import Naming
from fakes.faces.salesforce.org import Org
from fakes.faces.salesforce.routing import Router
from fakes.faces.salesforce.usage import GRANTED

MODULES = (login, describing, records, querying, searching, collecting, composite, bulk2, bulk1, managing)


def make(
    door: Door,
    credentials: Credentials,
    *,
    objects: Iterable[SObject] = OBJECTS,
    style: Style = "change_event",
    duplicate_rules: bool = False,
    calls_granted: int = GRANTED,
) -> Face:
    """Salesforce's face of a CRM.

    `style` is how it tells of changes. With `duplicate_rules`, a second account of a name is not saved without a
    thought. `calls_granted` is the limit of calls in 24 hours.
    """
    org = Org(door, credentials, objects, duplicate_rules=duplicate_rules, calls_granted=calls_granted)
    mirror = Mirror(org)
    app = Answering(Gate(Router(module.routes for module in MODULES), org, mirror))
    app.state.org = org
    app.state.cursors = querying.Cursors()
    numbers = count(1)
    app.state.ingest, app.state.queries, app.state.old_jobs = (Jobs(numbers) for _ in range(3))
    app.state.batches = Jobs(numbers, "751")
    return Face(
        name="salesforce",
        system=SYSTEM,
        hosts=HOSTS,
        app=app,
        named=Naming(org).named,
        refusal=lambda response: refusal_of(response.status, response.word),
        webhook=Telling(org, mirror, style).message,
    )
