"""The project system in the generic API."""

from fakes import projects
from fakes.faces.generic.agreements import Contract, Fulfilment
from fakes.faces.generic.copies import STATE, VOIDING, OfContract, State, Voiding
from fakes.faces.generic.endpoint import Endpoint
from fakes.faces.generic.records import Receipt

ENDPOINTS = (
    Endpoint(
        method="POST", path="/projects", request=projects.CreateProject, body=State, answer=Receipt, about="state.key",
        status=201, example=STATE,
    ),
    Endpoint(
        method="GET", path="/projects", request=projects.FindProjects, query=OfContract, answer=Receipt, many=True,
        about="contract",
    ),
    Endpoint(
        method="POST", path="/projects/{project}/void", request=projects.VoidProject, body=Voiding, answer=Receipt,
        about="project", example=VOIDING,
    ),
    Endpoint(
        method="GET", path="/contracts/{contract}", request=projects.GetProject, answer=Contract, about="contract",
    ),
    Endpoint(
        method="GET", path="/fulfilments/{fulfilment}", request=projects.GetFulfilment, answer=Fulfilment,
        about="fulfilment",
    ),
)  # fmt: skip
