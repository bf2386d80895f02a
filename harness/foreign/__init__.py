"""Integrations that were not written for us, run unchanged as a layer: what they are, where they live, who tells them.

`shapes` says what an object is that a user names: an ASGI app, a WSGI app, a worker that polls. `town` is the world
that it lives in: the systems under their products' host names, and nobody else. `apps` and `layer` are how it is told
of events, and begun. `lineage` finds out for which event it makes a call.
"""
