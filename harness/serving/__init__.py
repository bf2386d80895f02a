"""`tieout serve`: a scenario's systems over HTTP, on a scaled or a stepped clock, for an integration in any language.

The world: `plan` says what is served, `world` is the company, its business and its faults, with nobody to integrate
them but whoever calls: plain calls, and no wall clock. What comes from outside is one of the `inputs`, at its virtual
instant; `outside` is how the world sees the integration, `switching` has faults begin and end while time runs,
`unbroken` keeps a face's error from ending more than a request. `moment` is what audit and report say now.

What is around it: `pace` lets virtual time pass, by the wall clock or step by step; `journal` keeps the inputs, so that
the same world can be had again; `webhooks` tells the integration of events; `session` is these together. `gateway`
turns HTTP into inputs, `control` is the plane for scripts and for the page, `state` what both are shown; `listening`
has the ports, and `opening` begins and ends it all.
"""
