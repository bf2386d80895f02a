"""The world: virtual time, chance by name, a network with faults, and a trace of all that happens.

`clock` keeps time, in integer microseconds on a SimPy environment; `calendar` says what day and quarter it is.
`chance` draws, each draw by its own key. `network` carries calls to systems, `delivery` their events to
subscribers, and `faults` stand in the way of both; `access`, `event_faults`, `singled_out` and `staleness` are more
of them. `trace` records it all, and its digest is the run's fingerprint. Nothing here knows of contracts, systems or
layers.
"""
