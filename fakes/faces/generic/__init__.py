"""The generic API: every kind of system over HTTP, in the cores' own words.

What it takes and answers is written down here first, in models (`wire`, `agreements`, `records`, and a module a system)
and endpoints that the OpenAPI document at `/openapi.json` tells of. `face` puts it on a system.
"""

from fakes.faces.generic.face import make_generic

__all__ = ["make_generic"]
