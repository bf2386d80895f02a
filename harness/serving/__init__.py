"""`tieout serve`: a scenario's systems over HTTP, on a scaled or a stepped clock, for an integration in any language.

`world` is the company, its business and its faults, with nobody to integrate them but whoever calls: plain calls, and
no wall clock. What comes from outside is an `inputs.Input` with its virtual instant; `journal` keeps them, so that a
world can be had again. `pace` lets virtual time pass by the wall clock or step by step, `gateway` turns HTTP into
inputs, `webhooks` tells the integration of events, `control` and its page are for people and scripts, `moment` is what
the audit and the report say now, and `session` is all of it together, from the first port to the last answer.
"""
